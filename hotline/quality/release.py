"""New training, guarded: a candidate is trained and asked everything apart, and takes its place only above all floors.

The candidate has the data as they are with what editors have approved: corrections, questions outside the base, and the
matters that are published. It is a whole hotline of its own (:mod:`hotline.run.apart`); the running one goes on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hotline.commands.client import Service
from hotline.evaluation.questions import fallen, read_floors
from hotline.evaluation.runner import evaluate, show
from hotline.run.apart import apart
from hotline.run.progress import StepFailed, say, step
from hotline.run.training import ensure_model, fingerprint
from hotline.settings import Settings

_READY_SECONDS = 300


@dataclass(frozen=True)
class Outcome:
    """What a release has come to."""

    passed: bool
    figures: dict[str, float]
    fallen: list[str]
    #: The name of the model that was tried.
    model: str
    #: Files of the data folder that are others now, when it passed.
    changed: list[Path]


def try_candidate(settings: Settings, data: Path) -> Outcome:
    """Train with the data of a folder and ask everything; put it in place when every floor holds, else change nothing.

    Raises:
        StepFailed: it could not be trained or started, or the data were changed meanwhile.
    """
    place = data.parent
    candidate = settings.model_copy(update={"data_dir": data, "models_dir": place / "models"})
    before = fingerprint(settings)
    differ = _differences(settings.data_dir, data)
    # The training reads its words from where the environment says.
    with _environment(HOTLINE_DATA_DIR=str(data), HOTLINE_MODELS_DIR=str(candidate.models_dir)):
        model = ensure_model(candidate)
        with ExitStack() as stack:
            with step("启动候选热线"):
                try:
                    hotline = stack.enter_context(apart(place / "run.log", ready_within=_READY_SECONDS))
                except TimeoutError as error:
                    raise StepFailed(f"候选热线没有启动：{error}") from None
            say("把全部评测题问一遍，要几分钟。")
            token = Settings(var_dir=hotline.var).secret("internal_token")
            figures = evaluate(Service(hotline.url, token=token))
    floors = read_floors()
    show(figures, floors)
    missed = [*fallen(figures, floors), *(name for name in floors if name not in figures)]
    if missed:
        return Outcome(False, figures, missed, model.name, [])
    if fingerprint(settings) != before:
        raise StepFailed("评测期间训练数据又改过，没有换上。请再运行一次。")
    return Outcome(True, figures, [], model.name, _put_in_place(settings, candidate, model, *differ))


def copy_data(settings: Settings, place: Path) -> Path:
    """A copy of the data folder under ``place``."""
    shutil.rmtree(place, ignore_errors=True)
    return Path(shutil.copytree(settings.data_dir, place / "data"))


def _put_in_place(
    settings: Settings, candidate: Settings, model: Path, written: list[Path], gone: list[Path]
) -> list[Path]:
    """The model first: it is not used before the data are those it was trained with."""
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    beside = settings.models_dir / f".{model.name}.new"
    shutil.copyfile(model, beside)
    os.replace(beside, settings.models_dir / model.name)
    for path in written:
        ours = settings.data_dir / path
        ours.parent.mkdir(parents=True, exist_ok=True)
        new = ours.with_name(f"{ours.name}.new")
        shutil.copyfile(candidate.data_dir / path, new)
        os.replace(new, ours)
    for path in gone:
        (settings.data_dir / path).unlink(missing_ok=True)
    if fingerprint(settings) != model.name.removesuffix(".tar.gz"):
        raise StepFailed("换上的数据和训练时不一样，下次启动会重新训练。请检查数据文件夹。")
    return [settings.data_dir / path for path in [*written, *gone]]


def _differences(ours: Path, theirs: Path) -> tuple[list[Path], list[Path]]:
    """The files that are others or only in ``theirs``, and those that are only in ``ours``."""
    here, there = _files(ours), _files(theirs)
    written = [
        path
        for path in there
        if path not in here or (ours / path).read_bytes() != (theirs / path).read_bytes()
    ]
    return sorted(written), sorted(here - there)


def _files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """These variables, as long as it lasts."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
