"""A trained model as one file: numpy arrays and JSON in a zip. Nothing in it is executed when it is read."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hotline.dispatch.classifier import Classifier
from hotline.dispatch.evaluation import Figures
from hotline.dispatch.features import KINDS, Features
from hotline.dispatch.features import VERSION as FEATURES_VERSION
from hotline.dispatch.machines import Table
from hotline.language.encoder import UnknownEncoder, load_encoder

_FORMAT = "hotline-dispatch"
_VERSION = 1


class ModelError(ValueError):
    """The file is no model that this version reads; the message is Chinese."""


@dataclass
class Model:
    """What a file holds: a classifier for the ``category``, for the ``unit``, or both."""

    heads: dict[str, Classifier] = field(default_factory=dict)

    @property
    def category(self) -> Classifier | None:
        """Sorts into topics."""
        return self.heads.get("category")

    @property
    def unit(self) -> Classifier | None:
        """Sorts into responsible units."""
        return self.heads.get("unit")

    def save(self, path: Path) -> None:
        """Write the file whole: who reads it at the same time sees the old one or the new one."""
        arrays: dict[str, Any] = {}
        about: dict[str, Any] = {
            "format": _FORMAT,
            "version": _VERSION,
            "features": FEATURES_VERSION,
            "heads": {},
        }
        for name, head in self.heads.items():
            about["heads"][name] = {
                "classes": head.classes,
                "encoder": head.encoder.name,
                "pieces": [list(known) for known in head.features.vocabularies],
                "tested": asdict(head.tested) | {"confusions": head.tested.confusions[:50]},
            }
            arrays[f"{name}.pieces"] = head.table.pieces.astype(np.float16)
            arrays[f"{name}.meaning"] = head.table.meaning
            arrays[f"{name}.intercept"] = head.table.intercept
            arrays[f"{name}.middle"] = head.middle
            arrays[f"{name}.rareness"] = np.concatenate(head.features.rareness)
        text = json.dumps(about, ensure_ascii=False).encode()
        draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with draft.open("wb") as file:
                np.savez_compressed(file, about=np.frombuffer(text, dtype=np.uint8), **arrays)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> Model:
        """Read what :meth:`save` wrote.

        Raises:
            ModelError: it is missing, broken, of another version, or no such file at all.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                about = json.loads(bytes(arrays["about"]))
                if about["format"] != _FORMAT:
                    raise ModelError(f"{path} 不是派单模型文件。")
                if (about["version"], about["features"]) != (_VERSION, FEATURES_VERSION):
                    raise ModelError(f"{path} 是另一个版本训练的，请用 hotline dispatch train 重新训练。")
                return cls({name: _head(name, known, arrays) for name, known in about["heads"].items()})
        except ModelError:
            raise
        except FileNotFoundError:
            raise ModelError(f"没有 {path} 这个模型文件。") from None
        except UnknownEncoder as error:
            raise ModelError(f"{path} 用不了：{error}") from error
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise ModelError(
                f"{path} 不是派单模型文件，或者已经损坏。请用 hotline dispatch train 重新训练。"
            ) from error


def _head(name: str, about: dict[str, Any], arrays: Any) -> Classifier:
    vocabularies = [{piece: number for number, piece in enumerate(pieces)} for pieces in about["pieces"]]
    ends = np.cumsum([len(known) for known in vocabularies])[:-1]
    rareness = [part.astype(np.float32) for part in np.split(arrays[f"{name}.rareness"], ends)]
    table = Table(
        arrays[f"{name}.pieces"].astype(np.float32), arrays[f"{name}.meaning"], arrays[f"{name}.intercept"]
    )
    head = Classifier(
        classes=list(about["classes"]),
        features=Features(KINDS, vocabularies, rareness),
        table=table,
        middle=arrays[f"{name}.middle"],
        encoder=load_encoder(about["encoder"]),
        tested=Figures(**about["tested"]),
    )
    count = len(head.classes)
    fits = (
        table.pieces.shape == (head.features.width, count)
        and table.meaning.shape == (head.encoder.size, count)
        and table.intercept.shape == (count,)
        and head.middle.shape == (head.encoder.size,)
        and [len(part) for part in rareness] == [len(known) for known in vocabularies]
    )
    if not fits:
        raise ValueError(f"{name}: the tables do not fit each other")
    return head
