"""The programs of a hotline, and the files that tell supervisord and Rasa about them."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from hotline.run.training import rasa_environment, rasa_python
from hotline.settings import ROOT, Settings
from hotline.yaml_files import read_yaml

_LOCAL = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Program:
    """One supervised program."""

    name: str
    command: Sequence[str | Path]
    #: Seconds it is given to end by itself.
    stop_seconds: int = 15


class Place:
    """Where one running hotline keeps its passing things: everything under ``var/run`` and ``var/log``."""

    def __init__(self, var: Path) -> None:
        """Make the folders."""
        self.run = var.resolve() / "run"
        self.log = var.resolve() / "log"
        for folder in (self.run, self.log):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def endpoints(self) -> Path:
        """Rasa's endpoints with the ports that are really used."""
        return self.run / "endpoints.yml"

    @property
    def configuration(self) -> Path:
        """Supervisord's configuration."""
        return self.run / "supervisord.conf"

    @property
    def address(self) -> Path:
        """The address of the running hotline, for the command line."""
        return self.run / "address"

    @property
    def model(self) -> Path:
        """The model that is used, kept for restarts when newer ones push it out of ``models/``."""
        return self.run / "model.tar.gz"


def programs(settings: Settings, place: Place, *, embedded: bool) -> list[Program]:
    """All programs, in the order in which they start."""
    python, rasa = Path(sys.executable), rasa_python()
    found = [Program("postgres", [python, "-m", "hotline.cli", "database"], 50)] if embedded else []
    found.append(Program("service", [python, "-m", "hotline.cli", "serve", "--no-migrate"], 20))
    found.append(Program("worker", [python, "-m", "hotline.cli", "worker"], 20))
    actions = ["-m", "rasa_sdk", "--actions", "actions", "-p", str(settings.actions_port)]
    found.append(Program("actions", [rasa, *actions]))
    engine = [
        "-m",
        "hotline.run.rasa",
        "run",
        "-i",
        "127.0.0.1",
        "-p",
        str(settings.rasa_port),
        "-m",
        str(place.model),
        "--endpoints",
        str(place.endpoints),
    ]
    found.append(Program("rasa", [rasa, *engine], 20))
    return found


def environment(settings: Settings, database_url: str) -> dict[str, str]:
    """The environment of all programs."""
    return rasa_environment() | {
        "HOTLINE_VAR_DIR": str(settings.var_dir.resolve()),
        "HOTLINE_CACHE_DIR": str(settings.cache.resolve()),
        "HOTLINE_DATA_DIR": str(settings.data_dir.resolve()),
        "HOTLINE_CITY": settings.city,
        "HOTLINE_HOST": settings.host,
        "HOTLINE_PORT": str(settings.port),
        "HOTLINE_WORKERS": str(settings.workers),
        "HOTLINE_RASA_PORT": str(settings.rasa_port),
        "HOTLINE_ACTIONS_PORT": str(settings.actions_port),
        "HOTLINE_URL": own_url(settings),
        "HOTLINE_DATABASE_URL": database_url,
        "HOTLINE_INTERNAL_TOKEN": settings.secret("internal_token"),
        "HOTLINE_SIGNING_KEY": settings.secret("signing_key"),
        "POSTGRESQL_SCHEMA": "rasa",
        "SANIC_HOST": "127.0.0.1",
        # Compiled modules are kept here: a read-only installation would compile them all at every start (4 s of Rasa's).
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(settings.cache.resolve() / "bytecode"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
    }


def own_url(settings: Settings) -> str:
    """Where this machine reaches the service."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{settings.port}"


def write_endpoints(place: Place, actions_port: int) -> None:
    """Copy the root's endpoints.yml, with the port that the action server really has."""
    content = read_yaml(ROOT / "endpoints.yml")
    action = content["action_endpoint"]
    url = urlsplit(action["url"])
    if url.hostname in _LOCAL:
        action["url"] = url._replace(netloc=f"127.0.0.1:{actions_port}").geturl()
    place.endpoints.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def write_configuration(place: Place, chosen: Sequence[Program], socket: Path) -> None:
    """Write supervisord's configuration: every program is restarted whenever it ends, without end."""
    head: dict[str, dict[str, object]] = {
        "unix_http_server": {"file": socket, "chmod": "0600"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "supervisorctl": {"serverurl": f"unix://{socket}"},
        "supervisord": {
            "nodaemon": "true",
            "silent": "true",
            "logfile": place.log / "supervisord.log",
            "logfile_maxbytes": "5MB",
            "logfile_backups": 2,
            "pidfile": place.run / "supervisord.pid",
            "childlogdir": place.log,
            **({"user": "root"} if os.geteuid() == 0 else {}),
        },
    }
    sections = {name: {k: str(v).replace("%", "%%") for k, v in part.items()} for name, part in head.items()}
    for program in chosen:
        sections[f"program:{program.name}"] = _section(place, program)
    lines = []
    for name, part in sections.items():
        lines += [f"[{name}]", *(f"{key}={value}" for key, value in part.items()), ""]
    place.configuration.write_text("\n".join(lines), encoding="utf-8")


def _section(place: Place, program: Program) -> dict[str, str]:
    values = {
        "command": " ".join(shlex.quote(str(part)) for part in program.command),
        "directory": ROOT,
        "autostart": "false",
        "autorestart": "true",
        "startsecs": 1,
        "startretries": 1_000_000,
        "stopwaitsecs": program.stop_seconds,
        "killasgroup": "true",
        "redirect_stderr": "true",
        # supervisord expands this one twice
        "stdout_logfile": str(place.log / f"{program.name}.log").replace("%", "%%"),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": 5,
    }
    return {key: str(value).replace("%", "%%") for key, value in values.items()}
