"""The photographs' files: ``<folder>/<xx>/<sha256>.jpg``, each whole or not there, readable by this user only.

A file is named by what is in it, so the same picture is kept once. Which files are wanted, the database says.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from hotline.attachments.images import Picture
from hotline.settings import Settings

_NAME = re.compile(r"^([0-9a-f]{64})(\.thumb)?\.jpg$")
#: A file younger than this may be waiting for its row.
_SETTLED_SECONDS = 3600


class Storage:
    """The files of one folder. Its methods block: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of(cls, settings: Settings) -> Storage:
        """The files of a hotline with these settings."""
        return cls(settings.var_dir / "attachments")

    def digest(self, picture: Picture) -> str:
        """The name of a picture."""
        return hashlib.sha256(picture.jpeg).hexdigest()

    def write(self, picture: Picture) -> None:
        """Keep a picture and its thumbnail.

        Raises:
            OSError: the disk is full, or the folder is not to be written to.
        """
        name = self.digest(picture)
        # The picture last: where it is, the thumbnail is as well.
        self._write(self._path(name, thumbnail=True), picture.thumbnail)
        self._write(self._path(name), picture.jpeg)

    def read(self, name: str, *, thumbnail: bool = False) -> bytes | None:
        """What was kept under ``name``; None when it is gone."""
        try:
            return self._path(name, thumbnail=thumbnail).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, name: str) -> None:
        """Take a picture and its thumbnail away; it may be gone already."""
        self._path(name).unlink(missing_ok=True)
        self._path(name, thumbnail=True).unlink(missing_ok=True)

    def files(self) -> Iterator[tuple[str, Path]]:
        """All files, each with the name under which :meth:`put` takes it back."""
        for path in sorted(self._folder.glob("*/*.jpg")):
            if _NAME.match(path.name):
                yield f"{path.parent.name}/{path.name}", path

    def put(self, name: str, content: bytes) -> bool:
        """Take a file back; whether it was one of ours."""
        found = _NAME.match(name.rpartition("/")[2])
        if found is None:
            return False
        self._write(self._path(found[1], thumbnail=found[2] is not None), content)
        return True

    def settled(self) -> Iterator[str]:
        """The names of all pictures that were written more than an hour ago.

        What a killed process has left half written is taken away on the way.
        """
        limit = time.time() - _SETTLED_SECONDS
        for path in self._folder.glob("*/*"):
            try:
                if path.stat().st_mtime > limit:
                    continue
            except FileNotFoundError:
                continue
            found = _NAME.match(path.name)
            if found is None:
                path.unlink(missing_ok=True)
            elif found[2] is None or not self._path(found[1]).exists():
                yield found[1]

    def _path(self, name: str, *, thumbnail: bool = False) -> Path:
        return self._folder / name[:2] / f"{name}{'.thumb' if thumbnail else ''}.jpg"

    def _write(self, path: Path, content: bytes) -> None:
        if path.exists():
            return
        for folder in (self._folder, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        folder_itself = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder_itself)  # the name must outlive a power cut as well
        finally:
            os.close(folder_itself)
