"""The command ``hotline``; each topic's commands are in ``hotline/commands/<topic>.py``, registered here."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import sys
import warnings
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from hotline.run.progress import StepFailed, say, speak_any_locale
from hotline.settings import get_settings

#: Commands whose modules are loaded when they are called, or when the help lists them: ``module:attribute``, where
#: the attribute is a Typer application or a function.
_TOPICS = {
    "knowledge": "hotline.knowledge.cli:app",
    "ask": "hotline.commands.trial:ask",
    "chat": "hotline.commands.trial:chat",
    "desk": "hotline.commands.desk:app",
    "orders": "hotline.commands.orders:app",
    "dispatch": "hotline.dispatch.cli:app",
    "hot-issues": "hotline.similarity.cli:app",
    "report": "hotline.commands.report:app",
    "quality": "hotline.quality.cli:app",
    "holidays": "hotline.calendar.cli:app",
    "open311": "hotline.open311.cli:app",
    "outside": "hotline.outside.cli:app",
    "users": "hotline.accounts.cli:app",
    "wechat": "hotline.channels.wechat.cli:app",
    "privacy": "hotline.privacy.cli:app",
    "audit": "hotline.audit.cli:app",
    "demo": "hotline.demo.cli:app",
    "backup": "hotline.commands.backup:backup",
    "restore": "hotline.commands.backup:restore",
}


class _Topics(TyperGroup):
    """Adds the topics' commands without importing what they need before it is needed."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *(name for name in _TOPICS if _exists(name))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _TOPICS or not _exists(cmd_name):
            return super().get_command(ctx, cmd_name)
        module, attribute = _TOPICS[cmd_name].split(":")
        found = getattr(importlib.import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            single = typer.Typer(add_completion=False)
            single.command()(found)
            found = single
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command


def _exists(name: str) -> bool:
    return importlib.util.find_spec(_TOPICS[name].split(":")[0]) is not None


# The embedded PostgreSQL's wheel looks for a folder that many servers do not have.
warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR")
speak_any_locale()

app = typer.Typer(
    cls=_Topics, help="12345 政务服务便民热线智能助手", no_args_is_help=True, add_completion=False
)


@app.command()
def run(
    timeout: Annotated[float, typer.Option(help="各部分全部就绪最多等多少秒。")] = 300.0,
) -> None:
    """启动全部程序，就绪后打印网址，一直运行到 Ctrl-C。"""
    from hotline.run.runner import run as start

    raise typer.Exit(start(get_settings(), seconds=timeout))


@app.command()
def stop() -> None:
    """停止正在运行的热线。"""
    from hotline.run.runner import stop as end

    try:
        say("已停止。" if end(get_settings()) else "没有在运行。")
    except StepFailed as failure:
        _fail(failure)


@app.command()
def train(
    force: Annotated[bool, typer.Option("--force", help="数据没变也重新训练。")] = False,
) -> None:
    """训练对话模型；数据没变就不训练。"""
    from hotline.run.training import ensure_model

    try:
        say(f"模型：{ensure_model(get_settings(), force=force)}")
    except StepFailed as failure:
        _fail(failure)


@app.command()
def shell() -> None:
    """在终端里和 Rasa 直接说话（动作要用正在运行的热线）。"""
    from hotline.run.shell import talk

    try:
        talk(get_settings())
    except StepFailed as failure:
        _fail(failure)


@app.command()
def migrate() -> None:
    """把数据库升级到这个版本的结构。"""
    from hotline.run.database import make_ready

    try:
        make_ready(_database_url(), patience=30)
    except StepFailed as failure:
        _fail(failure)
    say("数据库已是最新结构。")


@app.command()
def database() -> None:
    """在前台运行自带的 PostgreSQL（make run 会自动用它）。"""
    from hotline.run.database import serve as keep

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    keep(get_settings().var_dir / "postgres")


@app.command()
def worker() -> None:
    """在前台运行后台任务：分类派单、到期预警、督办、送达（make run 会自动运行它）。"""
    import asyncio

    from hotline.jobs.worker import work

    os.environ["HOTLINE_DATABASE_URL"] = _database_url()
    get_settings.cache_clear()
    asyncio.run(work(get_settings()))


@app.command()
def serve(
    migrate: Annotated[bool, typer.Option(help="先把数据库升级到最新结构。")] = True,
) -> None:
    """在前台运行对外的服务（make run 会自动运行它）。"""
    settings = get_settings()
    os.environ["HOTLINE_DATABASE_URL"] = url = _database_url()
    if migrate:
        from hotline.run.database import make_ready

        try:
            make_ready(url, patience=60)
        except StepFailed as failure:
            _fail(failure)
    from hotline.run.serving import command, wait_for_port

    wait_for_port(settings.host, settings.port)
    # Replaced, not started: signals and exit codes are then the server's own.
    os.execv(sys.executable, command(settings))


def _database_url() -> str:
    """The operator's database, or the embedded one, which is started when it is off."""
    settings = get_settings()
    if settings.database_url:
        return settings.database_url
    from hotline.postgres import embedded_address

    return embedded_address(settings.var_dir / "postgres")


def _fail(failure: StepFailed) -> None:
    typer.secho(str(failure), fg="red", err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
