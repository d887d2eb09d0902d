"""Signatures and the message crypt of the WeChat platform (消息加解密). Pure.

The protocol: AES-256-CBC, the key's first half as the vector, PKCS#7 in blocks of 32 bytes; inside stand 16 random bytes,
the length of the message (4 bytes, big-endian), the message, and the id of the account it is for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32
_RANDOM = 16
_KEY = re.compile(r"[A-Za-z0-9]{43}")


class CryptError(ValueError):
    """What came is not signed or not encrypted by the platform for this account."""


def signature(*parts: str) -> str:
    """The platform's signature over ``parts``: SHA-1 of them, sorted byte by byte and put together."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def is_signed(given: str, *parts: str) -> bool:
    """Whether ``given`` is the signature over ``parts``; takes the same time whatever it is."""
    return hmac.compare_digest(given.encode(), signature(*parts).encode())


class Crypt:
    """Opens and closes messages with an EncodingAESKey, and opens those that still come with the one before."""

    def __init__(self, keys: Sequence[str], receiver: str) -> None:
        """
        Args:
            keys: EncodingAESKeys of 43 characters: the present one, then those before it.
            receiver: the id that stands in each message: AppID, or CorpID.

        Raises:
            CryptError: a key is not one.
        """
        self._keys = [_decoded(key) for key in keys]
        self._receiver = receiver.encode()

    def open(self, encrypted: str) -> str:
        """The message in it.

        Raises:
            CryptError: it is broken, made with another key, or for another account.
        """
        try:
            data = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            raise CryptError("not base64") from None
        if not data or len(data) % 16:
            raise CryptError("not whole blocks")
        problem = CryptError("no key")
        for key in self._keys:
            try:
                return self._opened(key, data)
            except CryptError as error:
                problem = error
        raise problem

    def _opened(self, key: bytes, data: bytes) -> str:
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        plain = decryptor.update(data) + decryptor.finalize()
        pad = plain[-1]
        if not 1 <= pad <= _BLOCK or len(plain) < _RANDOM + 4 + pad:
            raise CryptError("wrong key")
        plain = plain[_RANDOM:-pad]
        (length,) = struct.unpack(">I", plain[:4])
        message, receiver = plain[4 : 4 + length], plain[4 + length :]
        if len(message) != length or not hmac.compare_digest(receiver, self._receiver):
            raise CryptError("for another account")
        try:
            return message.decode()
        except UnicodeDecodeError:
            raise CryptError("not UTF-8") from None

    def close(self, message: str) -> str:
        """The message, encrypted with the present key."""
        key, content = self._keys[0], message.encode()
        plain = secrets.token_bytes(_RANDOM) + struct.pack(">I", len(content)) + content + self._receiver
        pad = _BLOCK - len(plain) % _BLOCK
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        data = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(data).decode()


def _decoded(key: str) -> bytes:
    if not _KEY.fullmatch(key):
        raise CryptError("an EncodingAESKey has 43 letters and digits")
    return base64.b64decode(key + "=")
