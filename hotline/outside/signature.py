"""The signature on every request between the hotline and another system, in both directions. Pure.

HMAC-SHA256 over method, path, time, a number used once, and the body's hash; see docs/outside-system.md.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

#: The clocks of the two may differ by so much.
SKEW = timedelta(minutes=5)

SYSTEM_HEADER = "X-Hotline-System"
TIMESTAMP_HEADER = "X-Hotline-Timestamp"
NONCE_HEADER = "X-Hotline-Nonce"
SIGNATURE_HEADER = "X-Hotline-Signature"

_VERSION = "v1"
_TIMESTAMP = re.compile(r"[0-9]{10}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_METHOD = re.compile(r"[A-Z]{1,16}")
#: Printable ASCII: what may stand in a request line. A line break in it could move a boundary.
_PATH = re.compile(r"/[!-~]*")


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """When a request was signed (Unix seconds, ten digits) and the number it alone has."""

    timestamp: str
    nonce: str

    def good(self) -> bool:
        """Whether both have the form they must have."""
        return bool(_TIMESTAMP.fullmatch(self.timestamp) and _NONCE.fullmatch(self.nonce))

    def in_time(self, at: datetime) -> bool:
        """Whether a clock that shows ``at`` finds it new enough."""
        return abs(at.timestamp() - int(self.timestamp)) <= SKEW.total_seconds()


def sign(key: str, method: str, path: str, stamp: Stamp, body: bytes) -> str:
    """The signature: ``v1=`` and 64 hexadecimal digits.

    Args:
        path: as it stands in the request line, percent-encoded, with the query if there is one.

    Raises:
        ValueError: a part has not the form it must have.
    """
    if not (_METHOD.fullmatch(method) and _PATH.fullmatch(path) and stamp.good()):
        raise ValueError("cannot be signed")
    digest = hashlib.sha256(body).hexdigest()
    content = "\n".join([_VERSION, method, path, stamp.timestamp, stamp.nonce, digest])
    return f"{_VERSION}={hmac.new(key.encode(), content.encode(), hashlib.sha256).hexdigest()}"


def verify(keys: Iterable[str], signature: str, method: str, path: str, stamp: Stamp, body: bytes) -> bool:
    """Whether ``signature`` was made with one of ``keys``. The time is looked at apart from this."""
    try:
        wanted = [sign(key, method, path, stamp, body) for key in keys]
    except ValueError:
        return False
    return any(hmac.compare_digest(one.encode(), signature.encode()) for one in wanted)
