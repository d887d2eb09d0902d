"""``hotline shell``: ``rasa shell`` with our model; its actions are those of the running hotline."""

from __future__ import annotations

import os

from hotline.run.ports import choose
from hotline.run.programs import Place
from hotline.run.progress import say
from hotline.run.training import ensure_model, rasa_environment, rasa_python
from hotline.settings import ROOT, Settings

_PORT = 15105


def talk(settings: Settings) -> None:
    """Become ``rasa shell``. Conversations are kept in memory, apart from the citizens'."""
    place = Place(settings.var_dir)
    endpoints = ROOT / "endpoints.yml"
    if place.address.exists():
        endpoints = place.endpoints
    else:
        say("热线没有在运行：只能听懂，不能回答。要看回答，请先在另一个窗口 make run。")
    model = ensure_model(settings)
    environment = rasa_environment()
    environment.pop("HOTLINE_DATABASE_URL", None)
    command = [
        str(rasa_python()),
        "-m",
        "hotline.run.rasa",
        "shell",
        "-m",
        str(model),
        "--endpoints",
        str(endpoints),
    ]
    command += ["-i", "127.0.0.1", "-p", str(choose("127.0.0.1", _PORT))]
    os.chdir(ROOT)
    os.execve(command[0], command, environment)
