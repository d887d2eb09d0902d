"""Sending photographs over HTTP: what is taken, what is refused, and who sees them."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from hotline.attachments import uploads
from hotline.channels.web import limits
from tests.attachments.conftest import files_in, kept, send_photos, upload
from tests.attachments.pictures import SECRET, corner, jpeg, opened, telling_jpeg
from tests.channels.conftest import Citizen, Run, Service, on_shared

LIMIT = 8 * 1024 * 1024


def code_of(response: httpx.Response) -> str:
    """The code of an error whose words are Chinese."""
    error = response.json()["error"]
    assert re.search("[一-鿿]", error["message"])
    return str(error["code"])


@on_shared
async def test_a_photograph_is_sent_and_seen_without_what_it_would_tell(shared: Service) -> None:
    citizen = await shared.citizen()
    ids = [await kept(citizen, telling_jpeg()), await kept(citizen, jpeg(mark="blue"))]

    sent = (await citizen.send(attachments=ids)).json()["message"]

    assert [one["id"] for one in sent["attachments"]] == ids
    assert sent["attachments"][0].items() >= {"id": ids[0], "width": 640, "height": 480}.items()
    assert sent["attachments"][0]["size"] > 1000
    assert sent["text"] == "［照片 2 张］"
    for place, mark in enumerate(("red", "blue")):
        for path, side in (("", 640), ("/thumbnail", 320)):
            shown = await citizen._call("GET", f"/api/attachments/{ids[place]}{path}")
            assert shown.status_code == 200
            assert shown.headers["content-type"] == "image/jpeg"
            assert shown.headers["cache-control"].startswith("private")
            assert shown.headers["content-disposition"] == 'inline; filename="photo.jpg"'
            assert shown.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in shown.headers["content-security-policy"]
            assert opened(shown.content).width == side
            assert corner(shown.content) == mark
            assert SECRET.encode() not in shown.content
    assert (await citizen.poll(1))["messages"][0]["attachments"] == sent["attachments"]


@on_shared
async def test_the_same_message_of_photographs_is_kept_once(shared: Service) -> None:
    citizen = await shared.citizen()
    photo = await kept(citizen, client_id="p-1")
    assert await kept(citizen, client_id="p-1") == photo

    first = await citizen.send(attachments=[photo], client_id="c-1")
    second = await citizen.send(attachments=[photo], client_id="c-1")

    assert first.json() == second.json()
    other = await citizen.send(attachments=[photo], client_id="c-2")
    assert (other.status_code, code_of(other)) == (409, "sent_before")


@on_shared
async def test_a_form_is_taken_as_well_as_a_body(shared: Service) -> None:
    citizen = await shared.citizen()

    form = await upload(citizen, files={"file": ("IMG_0001.jpg", jpeg(), "image/jpeg")}, content=None)

    assert form.status_code == 201
    assert form.json()["attachment"]["width"] == 640


@on_shared
async def test_nobody_else_sees_a_citizens_photograph(shared: Service) -> None:
    citizen, stranger = await shared.citizen(), await shared.citizen()
    photo = (await send_photos(citizen))["attachments"][0]["id"]

    for path in (f"/api/attachments/{photo}", f"/api/attachments/{photo}/thumbnail"):
        other = await stranger._call("GET", path)
        assert (other.status_code, code_of(other)) == (404, "not_found")
        for token in ("nonsense", "inside"):
            response = await shared.client.get(path, headers={"Authorization": f"Bearer {token}"})
            assert (response.status_code, code_of(response)) == (401, "token_invalid")
    taken = await stranger.send(attachments=[photo])
    assert (taken.status_code, code_of(taken)) == (409, "no_such_photo")
    unknown = await citizen._call("GET", f"/api/attachments/{uuid.uuid4()}")
    assert (unknown.status_code, code_of(unknown)) == (404, "not_found")
    assert (await citizen._call("GET", "/api/attachments/..%2f..%2fetc")).status_code in (404, 422)


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "empty_photo"),
        ("我要投诉".encode(), 422, "not_a_photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "not_a_photo"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 99, 422, "photo_heic"),
        (jpeg()[:4000], 422, "photo_broken"),
        (b"\xff" * (LIMIT + 1), 413, "photo_too_large"),
        (b"\xff" * (LIMIT + 100_000), 413, "too_long"),
    ],
)
async def test_what_cannot_be_taken_is_refused_and_not_kept(
    run: Run, data: bytes, status: int, code: str
) -> None:
    async with run() as service:
        citizen = await service.citizen()
        for options in ({}, {"files": {"file": ("照片.jpg", data)}, "content": None}):
            response = await upload(citizen, data, **options)
            assert (response.status_code, code_of(response)) == (status, code)
        assert files_in(service.app.state.settings.var_dir / "attachments") == []


@on_shared
async def test_a_body_whose_size_is_not_announced_is_limited_too(shared: Service) -> None:
    citizen = await shared.citizen()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LIMIT // 65536 + 2):
            yield b"\xff" * 65536

    response = await upload(citizen, content=endless())

    assert (response.status_code, code_of(response)) == (413, "photo_too_large")
    # All else has the old limit.
    text = await citizen._call("POST", "/api/conversations/current/messages", content=b" " * (33 * 1024))
    assert text.status_code == 413


@on_shared
async def test_a_form_without_a_file_with_two_or_with_none_of_its_marks_is_refused(shared: Service) -> None:
    citizen = await shared.citizen()
    two = [("file", ("a.jpg", jpeg())), ("file", ("b.jpg", jpeg()))]

    assert code_of(await upload(citizen, files=two, content=None)) == "too_many_photos"
    boundary = {"Content-Type": "multipart/form-data; boundary=x", "Authorization": f"Bearer {citizen.token}"}
    for body, headers in (
        (b"--x--\r\n", boundary),
        (b"nonsense", boundary),
        (b"nonsense", boundary | {"Content-Type": "multipart/form-data"}),
    ):
        response = await shared.client.post(
            "/api/attachments", params={"client_id": "c"}, content=body, headers=headers
        )
        assert response.status_code == 422
        assert code_of(response) in ("empty_photo", "wrong_form")


@on_shared
@pytest.mark.parametrize("client_id", ["", "x" * 65, "../x", "a b"])
async def test_a_bad_client_id_is_refused(shared: Service, client_id: str) -> None:
    response = await upload(await shared.citizen(), client_id=client_id)

    assert (response.status_code, code_of(response)) == (422, "invalid")


@on_shared
async def test_a_message_is_either_words_or_photographs_and_not_too_many(shared: Service) -> None:
    citizen = await shared.citizen()
    ids = [await kept(citizen, jpeg(quality=50 + n)) for n in range(4)]

    for body, status, code in (
        ({"attachments": ids}, 422, "too_many_photos"),
        ({"attachments": ids[:1], "text": "看"}, 422, "invalid"),
        ({"attachments": ids[:1], "press": {"message": 1, "button": 0}}, 422, "invalid"),
        ({"attachments": [], "text": None}, 422, "empty"),
        ({"attachments": ["x"]}, 422, "invalid"),
        ({"attachments": [str(uuid.uuid4())]}, 409, "no_such_photo"),
        ({"attachments": [ids[0], str(uuid.uuid4())]}, 409, "no_such_photo"),
    ):
        response = await citizen.send(**body)
        assert (response.status_code, code_of(response)) == (status, code)
    assert (await citizen.poll(1))["messages"] == []
    # The same one twice is once.
    twice = (await citizen.send(attachments=[ids[0], ids[0]])).json()["message"]
    assert [one["id"] for one in twice["attachments"]] == [ids[0]]


async def test_one_address_may_upload_so_many_a_minute(run: Run) -> None:
    async with run(address_photos=2) as service:
        citizen = await service.citizen()
        for _ in range(2):
            assert (await upload(citizen)).status_code == 201

        response = await upload(citizen)

        assert (response.status_code, code_of(response)) == (429, "too_fast")
        assert int(response.headers["Retry-After"]) >= 1


@on_shared
async def test_a_refusal_is_heard_by_whoever_is_still_sending(shared: Service) -> None:
    reader, writer = await asyncio.open_connection(shared.client.base_url.host, shared.client.base_url.port)
    size = 4 * 1024 * 1024
    writer.write(
        b"POST /api/attachments?client_id=c HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n"
        b"Content-Length: %d\r\n\r\n" % size
    )
    for _ in range(size // 65536):
        writer.write(b"\xff" * 65536)
        await writer.drain()

    answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), 10)

    assert answer.startswith(b"HTTP/1.1 401")
    writer.close()


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_SECONDS", 0.3)
    monkeypatch.setattr(limits, "_DRAIN_SECONDS", 0.1)


async def half_an_upload(
    service: Service, citizen: Citizen
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which half of a photograph has been sent."""
    reader, writer = await asyncio.open_connection(service.client.base_url.host, service.client.base_url.port)
    data = jpeg(2000, 2000)
    writer.write(
        b"POST /api/attachments?client_id=c HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
        + citizen.token.encode()
        + b"\r\nContent-Length: %d\r\n\r\n" % len(data)
        + data[: len(data) // 2]
    )
    await writer.drain()
    return reader, writer


async def under_way(service: Service, count: int) -> None:
    """Wait until so many uploads are on their way."""
    async with asyncio.timeout(10):
        while service.app.state.uploads._under_way.total() != count:
            await asyncio.sleep(0.01)


async def test_nothing_is_kept_of_an_upload_that_breaks_off(service: Service) -> None:
    citizen = await service.citizen()
    _, writer = await half_an_upload(service, citizen)
    await under_way(service, 1)
    writer.close()
    await under_way(service, 0)

    assert files_in(service.app.state.settings.var_dir / "attachments") == []
    assert (await upload(citizen, client_id="c")).status_code == 201


@pytest.mark.usefixtures("_impatient")
async def test_an_upload_that_stops_is_given_up(service: Service) -> None:
    reader, writer = await half_an_upload(service, await service.citizen())

    answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), 15)

    assert answer.startswith(b"HTTP/1.1 408")
    await under_way(service, 0)
    writer.close()


async def test_an_address_has_only_so_many_uploads_on_their_way(service: Service) -> None:
    citizen = await service.citizen()
    halves = [await half_an_upload(service, citizen) for _ in range(uploads._OF_ADDRESS)]
    await under_way(service, len(halves))

    response = await upload(citizen)

    assert (response.status_code, code_of(response)) == (503, "busy")
    assert response.headers["Retry-After"]
    for _, writer in halves:
        writer.close()
    await under_way(service, 0)
    assert (await upload(citizen)).status_code == 201


async def test_the_loop_goes_on_while_a_large_picture_is_decoded(service: Service) -> None:
    citizen = await service.citizen()
    large = jpeg(7000, 7000)
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.01)
            longest = max(longest, loop.time() - before)

    watching = asyncio.create_task(watch())
    assert (await upload(citizen, large)).status_code == 201
    watching.cancel()

    assert longest < 0.4


async def test_a_file_that_is_gone_is_said_to_be_gone(service: Service) -> None:
    citizen = await service.citizen()
    photo = await kept(citizen)
    for path in files_in(Path(service.app.state.settings.var_dir) / "attachments"):
        path.unlink()

    response = await citizen._call("GET", f"/api/attachments/{photo}")

    assert (response.status_code, code_of(response)) == (404, "not_found")
