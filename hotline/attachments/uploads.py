"""Takes files out of requests: bounded in size, time and number, whoever sends them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from hotline.attachments import texts
from hotline.attachments.errors import AttachmentError

#: Bytes that stand around the files in a form.
FORM_BYTES = 64 * 1024
#: Uploads on their way at a time, in all and from one address: each may hold as much memory as a file may be large.
_AT_ONCE, _OF_ADDRESS = 24, 6
_SECONDS = 120
_MANY_FILES = 20


class Uploads:
    """The uploads that are on their way to this process."""

    def __init__(self, max_bytes: int) -> None:
        """
        Args:
            max_bytes: of one file.
        """
        self.max_bytes = max_bytes
        self._under_way: Counter[str] = Counter()

    async def read(self, request: Request, address: str, *, most: int) -> list[bytes]:
        """The files of a request: those of a form, or the body itself.

        Args:
            most: how many files there may be.

        Raises:
            AttachmentError: too large, too many, too slow, broken off, or too many others at this moment.
        """
        with self._place(address):
            try:
                async with asyncio.timeout(_SECONDS):
                    if request.headers.get("content-type", "").startswith("multipart/"):
                        return await self._of_form(request, most)
                    return [await self._body(request)]
            except TimeoutError:
                raise AttachmentError("too_slow", texts.TOO_SLOW) from None
            except ClientDisconnect:
                raise AttachmentError("broken_off", texts.BROKEN_OFF) from None

    @contextmanager
    def _place(self, address: str) -> Iterator[None]:
        if self._under_way.total() >= _AT_ONCE or self._under_way[address] >= _OF_ADDRESS:
            raise AttachmentError("busy", texts.BUSY, retry_after=3)
        self._under_way[address] += 1
        try:
            yield
        finally:
            self._under_way[address] -= 1
            self._under_way += Counter()  # forgets the addresses that have none

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        async with aclosing(self._bounded(request, self.max_bytes)) as chunks:
            async for chunk in chunks:
                body += chunk
        return bytes(body)

    async def _of_form(self, request: Request, most: int) -> list[bytes]:
        limit = most * self.max_bytes + FORM_BYTES
        try:
            async with aclosing(self._bounded(request, limit)) as chunks:
                parser = MultiPartParser(
                    request.headers, chunks, max_files=_MANY_FILES, max_fields=_MANY_FILES
                )
                form = await parser.parse()
        except MultiPartException:
            raise AttachmentError("wrong_form", texts.WRONG_FORM) from None
        try:
            files = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
            if len(files) > most:
                raise AttachmentError("too_many_photos", texts.TOO_MANY.format(limit=most))
            if any((file.size or 0) > self.max_bytes for file in files):
                raise self._too_large()
            return [await file.read() for file in files]
        finally:
            await form.close()

    async def _bounded(self, request: Request, limit: int) -> AsyncGenerator[bytes, None]:
        taken = 0
        async for chunk in request.stream():
            taken += len(chunk)
            if taken > limit:
                raise self._too_large()
            yield chunk

    def _too_large(self) -> AttachmentError:
        megabytes = f"{self.max_bytes / 1024 / 1024:.0f}"
        return AttachmentError("photo_too_large", texts.TOO_LARGE.format(limit=megabytes))
