"""Time-based one-time passwords (RFC 6238: HMAC-SHA1, 30 seconds, six digits, as every authenticator has them). Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

SECONDS = 30
DIGITS = 6
#: How many steps a phone's clock may be wrong, either way.
_WINDOW = 1
_RECOVERY_CODES = 10
#: No letter that is taken for a digit.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A fresh secret of 160 bits, in base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def step_at(at: datetime) -> int:
    """The number of the 30-second step in which ``at`` lies."""
    return int(at.timestamp()) // SECONDS


def code(key: bytes, step: int, *, digits: int = DIGITS) -> str:
    """The code of one step."""
    mac = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    place = mac[-1] & 0x0F
    number = int.from_bytes(mac[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}}"


def matching_step(secret: str, given: str, at: datetime, *, after: int | None = None) -> int | None:
    """The step whose code was given; None: the code is wrong, too old, or not newer than the step ``after``."""
    digits = re.sub(r"\s", "", given)
    key = base64.b32decode(secret)
    now = step_at(at)
    for step in range(now - _WINDOW, now + _WINDOW + 1):
        right = hmac.compare_digest(code(key, step).encode(), digits.encode("utf-8", "replace"))
        if right and (after is None or step > after):
            return step
    return None


def uri(secret: str, *, number: str, issuer: str) -> str:
    """What the QR code says."""
    name = quote(f"{issuer}:{number}")
    return f"otpauth://totp/{name}?secret={secret}&issuer={quote(issuer)}&digits={DIGITS}&period={SECONDS}"


def new_recovery_codes() -> list[str]:
    """Codes for the day on which the phone is lost, each for one time: 79 bits, so that a plain hash keeps them."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
        for _ in range(_RECOVERY_CODES)
    ]


def recovery_digest(given: str) -> str:
    """What is kept of a recovery code; how it is typed does not matter."""
    plain = re.sub(r"[^a-z0-9]", "", given.lower())
    return hashlib.sha256(plain.encode()).hexdigest()


def without(digests: Sequence[str], given: str) -> list[str] | None:
    """The digests without that of the code given; None: it is none of them."""
    digest = recovery_digest(given)
    return [kept for kept in digests if kept != digest] if digest in digests else None
