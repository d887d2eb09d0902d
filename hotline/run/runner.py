"""``hotline run``: prepares and starts everything, waits until it answers, and keeps it so until told to stop."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotline.run import database, programs
from hotline.run.ports import choose
from hotline.run.programs import Place
from hotline.run.progress import StepFailed, say, step
from hotline.run.readiness import Stopped, ask, wait_ready
from hotline.run.supervisor import Supervisor
from hotline.run.training import ensure_model
from hotline.settings import ROOT, Settings

_DATABASE_SECONDS = 90.0
_WATCH_SECONDS = 0.5


@contextmanager
def _alone(place: Place) -> Iterator[bool]:
    """Whether no other runner works in the same place. The lock ends with the process, however that ends."""
    with (place.run / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield True


def run(settings: Settings, *, seconds: float) -> int:
    """Run the hotline in the foreground until SIGTERM or Ctrl-C.

    Args:
        settings: the operator's wishes; ports that are taken are replaced.
        seconds: how long all parts may take to answer.

    Returns:
        The exit code.
    """
    place = Place(settings.var_dir)
    with _alone(place) as alone:
        if not alone:
            return _tell_running(place, settings)
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup, and jobs in the background
                signal.signal(number, lambda *_: stopping.set())
        try:
            return _Runner(settings, place, seconds, stopping).run()
        except Stopped:
            return 0
        except StepFailed as failure:
            say(f"\n启动失败：{failure}")
            return 1


def _tell_running(place: Place, settings: Settings) -> int:
    kept = place.address.read_text(encoding="utf-8").strip() if place.address.exists() else ""
    if kept and all((ask(kept) or {"": False}).values()):
        say(f"已经在运行：{kept}")
    else:
        say(f"另一个 make run 正在启动（{kept or programs.own_url(settings)}），请看它的输出。")
    return 0


class _Runner:
    def __init__(self, wanted: Settings, place: Place, seconds: float, stopping: threading.Event) -> None:
        self._wanted = wanted
        self._place = place
        self._seconds = seconds
        self._stopping = stopping
        self._embedded = not wanted.database_url
        self._folder = wanted.var_dir.resolve() / "postgres"
        self._url = wanted.database_url or database.address(self._folder)

    def run(self) -> int:
        model = ensure_model(self._wanted)
        self._go_on()
        _keep(model, self._place.model)
        # Leftovers of a crashed run would hold the ports.
        Supervisor(self._place, [], {}).sweep()
        if self._embedded:
            database.stop(self._folder)
        settings = self._with_free_ports()
        chosen = programs.programs(settings, self._place, embedded=self._embedded)
        programs.write_endpoints(self._place, settings.actions_port)
        supervisor = Supervisor(self._place, chosen, programs.environment(settings, self._url))
        address = programs.own_url(settings)
        self._place.address.write_text(address + "\n", encoding="utf-8")
        try:
            self._start(supervisor, chosen)
            wait_ready(
                address,
                supervisor,
                self._place,
                [program.name for program in chosen],
                seconds=self._seconds,
                stopping=self._stopping,
            )
            self._tell(settings, address)
            self._watch(supervisor, chosen)
        finally:
            say("正在停止 …")
            supervisor.stop()
            if self._embedded:
                database.stop(self._folder)
            self._place.address.unlink(missing_ok=True)
            say("已停止。")
        return 0

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise Stopped

    def _with_free_ports(self) -> Settings:
        wanted = self._wanted
        port = choose(wanted.host, wanted.port)
        if port != wanted.port:
            say(f"\n  注意：端口 {wanted.port} 被别的程序占用，改用 {port}。\n")
        rasa = choose("127.0.0.1", wanted.rasa_port, {port})
        actions = choose("127.0.0.1", wanted.actions_port, {port, rasa})
        return wanted.model_copy(update={"port": port, "rasa_port": rasa, "actions_port": actions})

    def _start(self, supervisor: Supervisor, chosen: list[programs.Program]) -> None:
        supervisor.start()
        with step("启动数据库" if self._embedded else "连接数据库"):
            if self._embedded:
                supervisor.start_program("postgres")
            try:
                database.make_ready(self._url, patience=_DATABASE_SECONDS, create=self._embedded)
            except StepFailed as failure:
                log = self._place.log / "postgres.log"
                where = f"请看 {log}。" if self._embedded else "请检查 HOTLINE_DATABASE_URL。"
                raise StepFailed(f"{failure}\n{where}") from failure
        self._go_on()
        for program in chosen:
            supervisor.start_program(program.name)

    def _tell(self, settings: Settings, address: str) -> None:
        say(f"\n  热线已启动：{address}")
        if settings.host in ("0.0.0.0", "::"):
            say(f"  其他机器请用本机的地址，端口 {settings.port}。")
        self._tell_first_login(settings, address)
        say(f"  日志在 {_short(self._place.log)}，按 Ctrl-C 停止。\n")

    def _tell_first_login(self, settings: Settings, address: str) -> None:
        """Without an administrator nobody could let anybody in."""
        from hotline.accounts.setup import HOURS, first_login_link

        try:
            link = first_login_link(self._url, settings.public_url or address)
        except Exception as error:
            # Everything runs; a link can be had at any time.
            say(f"  没有查到有没有管理员（{error}）；需要时请运行 hotline users setup-link。")
            return
        if link is not None:
            say(f"  管理员第一次登录：{link}")
            say(f"  （{HOURS} 小时内有效，只能用一次；过期了用 hotline users setup-link 再生成。）")

    def _watch(self, supervisor: Supervisor, chosen: list[programs.Program]) -> None:
        """Until told to stop; supervisord watches the programs, and this watches supervisord."""
        while not self._stopping.wait(_WATCH_SECONDS):
            if supervisor.alive:
                continue
            say("监督进程意外退出，正在重新启动 …")
            try:
                self._start(supervisor, chosen)
            except StepFailed as failure:
                say(f"重新启动没有成功，再试一次：{failure}")


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _keep(model: Path, kept: Path) -> None:
    kept.unlink(missing_ok=True)
    try:
        kept.hardlink_to(model)
    except OSError:
        shutil.copyfile(model, kept)


def stop(settings: Settings, *, seconds: float = 120.0) -> bool:
    """End the hotline that runs in this place, and wait until it has ended.

    Returns:
        False when none runs.
    """
    place = Place(settings.var_dir)
    with _alone(place) as alone:
        if alone:
            return False
    os.kill(int((place.run / "lock").read_text()), signal.SIGTERM)
    waited = threading.Event()
    for _ in range(int(seconds * 10)):
        with _alone(place) as alone:
            if alone:
                return True
        waited.wait(0.1)
    raise StepFailed(f"{seconds:.0f} 秒内没有停下来。")
