"""How a conversation says no."""

from __future__ import annotations


class ConversationError(Exception):
    """What cannot be done, in words for the one who asked. ``code`` is for programs."""

    def __init__(self, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after
