"""How the open interface says no."""

from __future__ import annotations

from collections.abc import Sequence


class Open311Error(Exception):
    """What cannot be done: an HTTP status, and one sentence for each reason.

    404: no such resource; 403: the key; 400: everything else that is wrong; 429 and 503: try again later.
    """

    def __init__(self, status: int, *reasons: str, retry_after: int | None = None) -> None:
        super().__init__("；".join(reasons))
        self.status = status
        self.reasons: Sequence[str] = reasons
        #: Seconds.
        self.retry_after = retry_after
