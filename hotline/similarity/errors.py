"""Errors of the hot issues."""

from __future__ import annotations


class HotIssueError(Exception):
    """It cannot be done; ``message`` is Chinese and for the one who asked. ``code``: ``not_found``, ``missing`` or ``invalid``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
