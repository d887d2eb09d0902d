"""Passwords: what a good one is, and how it is kept (Argon2id)."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hotline.accounts import texts
from hotline.settings import Settings

LEAST, MOST = 10, 128
#: Different characters a password has at least; and so many are left when one's own number and name are taken out.
_DIFFERENT, _BESIDE = 5, 6
#: No letter or digit that is taken for another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
#: Hashes under way at once, each with the memory that the settings give it.
_AT_ONCE = 2

#: Of the passwords that people choose most, those that are long enough; and what a hotline's people come up with.
_COMMON = frozenset(
    [
        "1234567890",
        "0123456789",
        "9876543210",
        "0987654321",
        "12345678910",
        "123456789a",
        "123456789q",
        "1234567899",
        "a123456789",
        "aa123456789",
        "qq123456789",
        "abc123456789",
        "123456789abc",
        "woaini1314520",
        "1314520woaini",
        "5201314520",
        "woaini520520",
        "iloveyou1314",
        "iloveyou520",
        "password12",
        "password123",
        "password1234",
        "passw0rd123",
        "p@ssw0rd123",
        "p@ssword123",
        "password123456",
        "mypassword",
        "administrator",
        "admin12345",
        "admin123456",
        "admin@12345",
        "admin@123456",
        "admin1234567890",
        "root123456",
        "test123456",
        "user123456",
        "welcome123",
        "welcome@123",
        "qwertyuiop",
        "qwerty1234",
        "qwerty12345",
        "qwerty123456",
        "1qaz2wsx3edc",
        "1qaz@wsx3edc",
        "qazwsxedcrfv",
        "1q2w3e4r5t",
        "1q2w3e4r5t6y",
        "q1w2e3r4t5",
        "asdfghjkl1",
        "asdfghjkl;",
        "zxcvbnm123",
        "asdf123456",
        "zxcvbnm123456",
        "letmein123",
        "changeme123",
        "hotline12345",
        "hotline123",
        "rexian12345",
        "zhengwu12345",
        "12345rexian",
        "12345hotline",
        "12345@12345",
        "shizhang12345",
        "a12345678910",
    ]
)


def problem(password: str, *, number: str, name: str = "") -> str | None:
    """What is wrong with a new password, in Chinese; None: nothing."""
    plain = _plain(password)
    if len(plain) < LEAST:
        return texts.TOO_SHORT.format(least=LEAST)
    if len(plain) > MOST:
        return texts.TOO_LONG.format(most=MOST)
    low = plain.lower()
    if low in _COMMON or _is_run(low):
        return texts.TOO_COMMON
    if len(set(low)) < _DIFFERENT:
        return texts.TOO_SIMPLE
    rest = low
    for own in (number, name.lower()):
        rest = rest.replace(own, "") if len(own) > 1 else rest
    return texts.LIKE_NUMBER if rest != low and len(rest) < _BESIDE else None


def one_time() -> str:
    """A password to be told to somebody and changed at once: ``k7mq-x2ra-9ten``."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


class Passwords:
    """Makes and compares hashes, off the event loop and a few at a time."""

    def __init__(self, *, time_cost: int, memory_kib: int, parallelism: int) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism)
        self._places = asyncio.Semaphore(_AT_ONCE)
        # Compared with where there is no account: that takes as long as where there is one.
        self._nobodys = self._hasher.hash(secrets.token_bytes(16))

    @classmethod
    def of(cls, settings: Settings) -> Passwords:
        """With the parameters of the settings."""
        return cls(
            time_cost=settings.password_time_cost,
            memory_kib=settings.password_memory_kib,
            parallelism=settings.password_parallelism,
        )

    async def hash(self, password: str) -> str:
        """What is kept of a password."""
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether it is the password; with nothing kept the same work is done, and it is not."""
        async with self._places:
            right = await asyncio.to_thread(self._verify, kept or self._nobodys, password)
        return right and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether the hash was made with other parameters than are wanted now."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False


def _plain(password: str) -> str:
    """Full-width letters and digits are what an input method makes of the same keys."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _plain(password).encode("utf-8", "surrogatepass")


def _is_run(password: str) -> bool:
    """Whether every character follows the one before it: abcdefghij, 9876543210."""
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    return steps in ({1}, {-1})
