"""Trains Rasa's model when what it learns from has changed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from hotline.run.progress import StepFailed, run_logged, step
from hotline.settings import ROOT, Settings

#: The newest models that are kept: this one, and the one before to go back to.
_KEPT = 2
#: Parts of ``components/`` that stand around a model, not in it.
_AROUND = {
    "action_endpoint.py",
    "graph_runner.py",
    "hub_channel.py",
    "remote_action.py",
    "serving.py",
    "session.py",
    "tracker_store.py",
}
#: Parts of the city's folder from which nothing is learnt.
_NOT_LEARNT = {"wechat.yml"}
#: The list of sample questions in a knowledge file.
_SAMPLES = re.compile(r"^samples:\n(?:[ -].*\n?)+", re.MULTILINE)
_LEARNT_FROM = ("nlu", "rules", "stories")
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_INTER_OP_PARALLELISM_THREADS",
    "TF_INTRA_OP_PARALLELISM_THREADS",
)


def rasa_python() -> Path:
    """The Python of Rasa's environment."""
    return ROOT / ".venv" / "rasa" / "bin" / "python"


def rasa_environment() -> dict[str, str]:
    """The environment for every call of Rasa: quiet, no telemetry, no more threads than it can use."""
    wanted = {
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "LOG_LEVEL": "WARNING",
        "LOG_LEVEL_LIBRARIES": "ERROR",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
        "PYTHONUNBUFFERED": "1",
        **dict.fromkeys(
            (
                "OMP_NUM_THREADS",
                "OPENBLAS_NUM_THREADS",
                "MKL_NUM_THREADS",
                "TF_INTER_OP_PARALLELISM_THREADS",
                "TF_INTRA_OP_PARALLELISM_THREADS",
            ),
            "1",
        ),
    }
    return wanted | os.environ  # the operator's own choice wins


def _inputs(settings: Settings) -> Iterator[Path]:
    yield from (ROOT / "config.yml", ROOT / "domain.yml", ROOT / "requirements" / "rasa.txt")
    folders = [settings.data_dir / name for name in (*_LEARNT_FROM, "lexicon")]
    for folder in (*folders, settings.city_dir):
        files = (path for path in folder.rglob("*") if path.is_file())
        yield from sorted(path for path in files if path.name not in _NOT_LEARNT)
    for folder in (ROOT / "components", ROOT / "hotline" / "language"):
        yield from sorted(path for path in folder.glob("*.py") if path.name not in _AROUND)


def fingerprint(settings: Settings) -> str:
    """A short name for all that a model is made from.

    Of the knowledge files only the sample questions are: the rest is read when a model is loaded, or not by Rasa at all.
    """
    digest = hashlib.sha256()
    for path in sorted((settings.data_dir / "knowledge").glob("*/*.yml")):
        samples = _SAMPLES.search(path.read_text(encoding="utf-8"))
        digest.update((samples.group() if samples else "").encode())
    for path in _inputs(settings):
        if path.exists():
            digest.update(f"{path.relative_to(path.parents[1])}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def ensure_model(settings: Settings, *, force: bool = False) -> Path:
    """The model for the present data, trained now when there is none.

    Raises:
        StepFailed: the training failed.
    """
    folder = settings.models_dir
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        model = folder / f"{fingerprint(settings)}.tar.gz"
        if force or not model.exists():
            if not rasa_python().exists():
                raise StepFailed("没有 Rasa 的环境 .venv/rasa。请运行 make run，它会自己装好。")
            with step("训练对话模型"):
                _train(settings, model)
        os.utime(model)
    _forget_old(folder)
    return model


def _train(settings: Settings, model: Path) -> None:
    workplace = model.parent / f".training-{os.getpid()}"
    data = [settings.data_dir / name for name in _LEARNT_FROM]
    command: list[object] = [rasa_python(), "-m", "hotline.run.rasa", "train"]
    command += ["--config", "config.yml", "--domain", "domain.yml"]
    command += ["--data", *(path for path in data if path.exists())]
    command += ["--out", workplace, "--fixed-model-name", "model"]
    try:
        run_logged(command, settings.var_dir / "log" / "train.log", cwd=ROOT, environment=rasa_environment())
        (workplace / "model.tar.gz").replace(model)
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


def _forget_old(folder: Path) -> None:
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for model in models[_KEPT:]:
        model.unlink(missing_ok=True)
