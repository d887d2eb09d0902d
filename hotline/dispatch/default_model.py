"""The classifier that comes with the hotline: learnt from ``data/dispatch/examples``, anew whenever these change."""

from __future__ import annotations

import hashlib
import logging
import re
from contextlib import suppress
from pathlib import Path

from hotline.dispatch import classifier, features
from hotline.dispatch.classifier import Classifier, Progress
from hotline.dispatch.model_file import Model, ModelError
from hotline.dispatch.taxonomy import Taxonomy
from hotline.language.encoder import load_encoder
from hotline.language.kept_vectors import KeptVectors
from hotline.settings import Settings

logger = logging.getLogger(__name__)


def load_taxonomy(settings: Settings) -> Taxonomy:
    """The taxonomy of the data folder.

    Raises:
        TaxonomyError: it has mistakes.
    """
    return Taxonomy.load(settings.data_dir / "dispatch" / "taxonomy.yml")


def load_default(settings: Settings, progress: Progress = lambda _: None) -> Classifier:
    """The default classifier; its classes are topic codes.

    It is kept in the settings' ``cache``. Two processes that start together may both train it; the file is whole at any time.

    Raises:
        TaxonomyError: the taxonomy or the examples have mistakes.
        TrainingError: there are too few examples.
        UnknownEncoder: the setting names an encoder that is not there.
    """
    folder = settings.data_dir / "dispatch"
    cache = settings.cache
    kind = re.sub(r"\W", "_", settings.encoder)
    path = cache / f"dispatch-{kind}-{_stamp(folder, settings.encoder)}.npz"
    if path.exists():
        with suppress(ModelError):  # broken: trained anew
            kept = Model.load(path).category
            if kept is not None:
                return kept
    taxonomy = load_taxonomy(settings)
    examples = taxonomy.examples(folder / "examples")
    pairs = [(text, code) for code, texts in examples.items() for text in texts]
    missing = [code for code in taxonomy.topics if code not in examples]
    if missing:
        logger.warning("没有训练句子的事项：%s", "、".join(missing))
    encoder = load_encoder(settings.encoder)
    vectors = KeptVectors(encoder, cache / "dispatch")
    found = Classifier.train(
        [text for text, _ in pairs],
        [code for _, code in pairs],
        encoder=encoder,
        kept=vectors,
        progress=progress,
    )
    vectors.save()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        Model({"category": found}).save(path)
        for old in cache.glob(f"dispatch-{kind}-*.npz"):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("派单模型没有存下来，下次启动要重新训练：%s", error)
    return found


def _stamp(folder: Path, encoder: str) -> str:
    """Changes with everything that the model is made of."""
    found = hashlib.sha256(f"{classifier.VERSION} {features.VERSION} {encoder}".encode())
    for path in (folder / "taxonomy.yml", *sorted((folder / "examples").glob("*.yml"))):
        content = path.read_bytes() if path.exists() else b""
        found.update(f"\n{path.name} {len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()[:16]
