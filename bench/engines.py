"""The two engines that are compared: Rasa as it comes (``bench/stock``), and ours. Same data, database and actions."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import yaml

from bench.callers import Connection
from hotline import postgres
from hotline.run.ports import choose
from hotline.run.training import fingerprint, rasa_environment, rasa_python
from hotline.settings import ROOT, get_settings

VAR = ROOT / "var" / "bench"
_TOKEN = "bench"
_PATIENCE_SECONDS = 180.0
_PORT = 26000


@dataclass(frozen=True)
class Training:
    """What a training cost."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Engine:
    """One engine: how it is trained, started and spoken to."""

    name: str
    config: Path
    module: str
    path: str

    @property
    def model(self) -> Path:
        """Its model."""
        return VAR / "models" / f"{self.name}.tar.gz"

    def command(self, *arguments: object) -> list[str]:
        """A command line of its Rasa."""
        return [str(part) for part in (rasa_python(), "-W", "ignore", "-m", self.module, *arguments)]

    def environment(self, database: str = "") -> dict[str, str]:
        """The environment: ours sets the number of threads, the stock engine takes what it wants."""
        quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "LOG_LEVEL": "ERROR"}
        free = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
        ours = rasa_environment() if self is OURS else free
        # Both keep their bytecode: the second start is measured.
        ours.pop("PYTHONDONTWRITEBYTECODE", None)
        return ours | quiet | {
            "PYTHONPYCACHEPREFIX": str(VAR / "bytecode"),
            "PYTHONPATH": str(ROOT),
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "HOTLINE_INTERNAL_TOKEN": _TOKEN,
            "HOTLINE_DATABASE_URL": database,
        }  # fmt: skip

    def body(self, sender: str, text: str) -> dict[str, Any]:
        """The request that says ``text``."""
        if self is STOCK:
            return {"sender": sender, "message": text}
        return {"message_id": uuid.uuid4().hex, "sender": sender, "text": text}

    def train(self, epochs: int | None = None) -> Training:
        """Train it from nothing; with fewer ``epochs`` of its DIETClassifier than its configuration says."""
        data = [ROOT / "data" / part for part in ("nlu", "rules", "stories")]
        command = self.command(
            "train", "--force", "--config", self._config(epochs), "--domain", ROOT / "domain.yml"
        )
        command += [
            "--data",
            *map(str, data),
            "--out",
            str(self.model.parent),
            "--fixed-model-name",
            self.name,
        ]
        VAR.mkdir(parents=True, exist_ok=True)
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        with (VAR / f"{self.name}-train.log").open("wb") as log:
            subprocess.run(command, cwd=ROOT, env=self.environment(), stdout=log, stderr=log, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Training(time.perf_counter() - begun, cpu)

    def _config(self, epochs: int | None) -> Path:
        if epochs is None:
            return self.config
        content = yaml.safe_load(self.config.read_text(encoding="utf-8"))
        for component in content["pipeline"]:
            if component["name"] == "DIETClassifier":
                component["epochs"] = epochs
        path = VAR / f"{self.name}-config.yml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return path

    def endpoints(self, database: str, actions: int) -> Path:
        """Write its endpoints.yml."""
        store: dict[str, Any] = {"type": "components.tracker_store.HotlineTrackerStore"}
        if self is STOCK:
            store = {"type": "SQL", "dialect": "postgresql", "url": database}
        content: dict[str, Any] = {
            "action_endpoint": {
                "url": f"http://127.0.0.1:{actions}/webhook",
                "enable_selective_domain": True,
            },
            "tracker_store": store,
        }
        path = VAR / f"{self.name}-endpoints.yml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path


STOCK = Engine("stock", ROOT / "bench" / "stock" / "config.yml", "rasa", "/webhooks/rest/webhook")
OURS = Engine("ours", ROOT / "config.yml", "hotline.run.rasa", "/webhooks/hub/messages")


class EngineCaller:
    """A citizen who speaks to an engine without the service."""

    def __init__(self, engine: Engine, port: int, sender: str) -> None:
        self._engine = engine
        self._sender = sender
        self._connection = Connection(port, {"Authorization": f"Bearer {_TOKEN}"})

    async def say(self, text: str) -> Any:
        """Say something, and wait for the answer."""
        return await self._connection.call("POST", self._engine.path, self._engine.body(self._sender, text))

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class Running:
    """A started engine."""

    def __init__(self, engine: Engine, process: subprocess.Popen[bytes], port: int) -> None:
        self.engine = engine
        self.port = port
        #: Seconds from the start of the process to its first answer.
        self.ready_seconds = 0.0
        self._process = process
        self._watched = psutil.Process(process.pid)

    def caller(self, sender: str) -> EngineCaller:
        """A citizen who speaks to it."""
        return EngineCaller(self.engine, self.port, sender)

    async def wait(self, begun: float) -> None:
        """Wait for the first answer.

        Raises:
            RuntimeError: it ended, or did not answer in time.
        """
        while time.perf_counter() < begun + _PATIENCE_SECONDS:
            if self._process.poll() is not None:
                break
            caller = self.caller(f"first-{uuid.uuid4().hex}")
            try:
                if await caller.say("你好"):
                    self.ready_seconds = time.perf_counter() - begun
                    return
            except OSError:
                await asyncio.sleep(0.05)
            finally:
                caller.close()
        raise RuntimeError(f"{self.engine.name} did not answer; see {VAR}")

    def cpu_seconds(self) -> float:
        """Processor seconds used so far."""
        times = self._watched.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> tuple[float, float]:
        """Proportional and resident megabytes."""
        found = self._watched.memory_full_info()
        return found.pss / 1e6, found.rss / 1e6


@contextlib.contextmanager
def running(engine: Engine, database: str, actions: int) -> Iterator[Running]:
    """Start an engine, and end it; the caller waits until it answers."""
    port = choose("127.0.0.1", _PORT)
    command = engine.command("run", "-i", "127.0.0.1", "-p", port, "-m", engine.model)
    command += ["--endpoints", str(engine.endpoints(database, actions))]
    if engine is STOCK:
        command += ["--credentials", str(ROOT / "bench" / "stock" / "credentials.yml")]
    with (VAR / f"{engine.name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=engine.environment(database), stdout=log, stderr=log
        )
        try:
            yield Running(engine, process, port)
        finally:
            _end(process)


@contextlib.contextmanager
def quiet_actions() -> Iterator[int]:
    """The action server that does next to nothing; gives its port."""
    port = choose("127.0.0.1", _PORT + 100)
    command = [sys.executable, "-m", "uvicorn", "bench.quiet_actions:app", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "error"], cwd=ROOT)
    try:
        yield port
    finally:
        _end(process)


@contextlib.contextmanager
def database() -> Iterator[str]:
    """A PostgreSQL for the measurement: ``HOTLINE_BENCH_DATABASE_URL``, or an embedded one."""
    given = os.environ.get("HOTLINE_BENCH_DATABASE_URL")
    if given:
        yield given
        return
    server = postgres.start(VAR / "postgres")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def fresh_database(server: str, name: str) -> str:
    """An empty database; gives its address."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    address = postgres.address(dict(psycopg.conninfo.conninfo_to_dict(server)), database=name)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA rasa")
    return address


def data_fingerprint() -> str:
    """What the models are made from."""
    return fingerprint(get_settings())


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
