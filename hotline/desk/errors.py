"""How the desk says no."""

from __future__ import annotations


class DeskError(Exception):
    """What cannot be done, in words for the person at work. ``code`` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
