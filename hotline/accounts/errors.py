"""How an account says no."""

from __future__ import annotations


class AccountError(Exception):
    """What cannot be done, in words for the one who asked. ``code`` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
