"""How the editing of the knowledge base says no."""

from __future__ import annotations


class EditingError(Exception):
    """What cannot be done, in words for the editor. ``code`` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
