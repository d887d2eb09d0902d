"""How the quality loop says no."""

from __future__ import annotations


class QualityError(Exception):
    """What cannot be done, in words for the editor. ``code``: ``invalid``, ``forbidden``, ``not_found``, ``changed`` …"""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
