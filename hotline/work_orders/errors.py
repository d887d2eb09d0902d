"""How a work order says no."""

from __future__ import annotations


class WorkOrderError(Exception):
    """What cannot be done, in words for the one who asked. ``code`` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def not_found() -> WorkOrderError:
    """The same words for an order that is not there and one that does not concern the asker."""
    return WorkOrderError("not_found", "没有查到这个工单，请核对工单号。")
