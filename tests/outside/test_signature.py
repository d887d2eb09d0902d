"""The signature: any change of anything breaks it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hotline.outside.signature import SKEW, Stamp, sign, verify
from tests.outside.other_system import signature_of

KEY, OTHER = "a-key-of-the-hotline-that-is-long-enough", "another-key-that-is-long-enough-as-well"
STAMP = Stamp(timestamp="1790733600", nonce="0123456789abcdef")

METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE"])
PATHS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=60).map(lambda t: "/" + t)
STAMPS = st.builds(
    Stamp,
    timestamp=st.integers(10**9, 10**10 - 1).map(str),
    nonce=st.text("ABCabc012_-", min_size=16, max_size=64),
)
BODIES = st.binary(max_size=200)


@given(METHODS, PATHS, STAMPS, BODIES)
def test_two_who_know_the_manual_sign_alike(method: str, path: str, stamp: Stamp, body: bytes) -> None:
    ours = sign(KEY, method, path, stamp, body)

    assert ours == signature_of(KEY, method, path, stamp.timestamp, stamp.nonce, body)
    assert verify([OTHER, KEY], ours, method, path, stamp, body)


@given(st.data(), METHODS, PATHS, STAMPS, BODIES)
def test_any_change_of_any_byte_breaks_it(
    data: st.DataObject, method: str, path: str, stamp: Stamp, body: bytes
) -> None:
    signature = sign(KEY, method, path, stamp, body)
    parts = {
        "method": method.encode(),
        "path": path.encode(),
        "timestamp": stamp.timestamp.encode(),
        "nonce": stamp.nonce.encode(),
        "body": body,
        "signature": signature.encode(),
    }
    name = data.draw(st.sampled_from(sorted(parts)))
    old = parts[name]
    place = data.draw(st.integers(0, len(old)))
    way = data.draw(st.sampled_from(["replace", "insert", "delete"]))
    piece = b"" if way == "delete" else data.draw(st.binary(min_size=1, max_size=1))
    parts[name] = old[:place] + piece + old[place + (way != "insert") :]
    assume(parts[name] != old)

    given = {key: value.decode("latin-1") for key, value in parts.items() if key != "body"}
    changed = Stamp(timestamp=given["timestamp"], nonce=given["nonce"])
    assert not verify([KEY], given["signature"], given["method"], given["path"], changed, parts["body"])


@given(PATHS, PATHS, STAMPS, BODIES)
def test_no_boundary_between_the_parts_can_be_moved(path: str, more: str, stamp: Stamp, body: bytes) -> None:
    """What one request calls its path is never another request's path and time."""
    one = f"{path}\n{stamp.timestamp}\n{stamp.nonce}"

    with pytest.raises(ValueError):
        sign(KEY, "POST", one, stamp, body)
    assert not verify([KEY], sign(KEY, "POST", path, stamp, body), "POST", f"{path}\n{more}", stamp, body)


def test_without_its_key_nothing_is_good() -> None:
    signature = sign(KEY, "POST", "/orders", STAMP, b"{}")

    assert not verify([OTHER], signature, "POST", "/orders", STAMP, b"{}")
    assert not verify([], signature, "POST", "/orders", STAMP, b"{}")
    assert not verify([KEY], "", "POST", "/orders", STAMP, b"{}")
    assert not verify([KEY], "签名", "POST", "/orders", STAMP, b"{}")


@given(st.integers(-1000, 1000))
def test_five_minutes_either_way_are_in_time(seconds: int) -> None:
    at = datetime.fromtimestamp(int(STAMP.timestamp), UTC) + timedelta(seconds=seconds)

    assert STAMP.in_time(at) is (abs(seconds) <= SKEW.total_seconds() == 300)


@pytest.mark.parametrize(
    "stamp",
    [
        Stamp(timestamp="", nonce=STAMP.nonce),
        Stamp(timestamp="179073360", nonce=STAMP.nonce),
        Stamp(timestamp="１７９０７３３６００", nonce=STAMP.nonce),
        Stamp(timestamp="-790733600", nonce=STAMP.nonce),
        Stamp(timestamp=STAMP.timestamp, nonce="short"),
        Stamp(timestamp=STAMP.timestamp, nonce="0123456789abcde\n"),
        Stamp(timestamp=STAMP.timestamp, nonce="x" * 65),
    ],
)
def test_what_has_not_its_form_is_no_stamp(stamp: Stamp) -> None:
    signature = signature_of(KEY, "POST", "/orders", stamp.timestamp, stamp.nonce, b"")

    assert not verify([KEY], signature, "POST", "/orders", stamp, b"")
