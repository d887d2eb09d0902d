"""Codes of an authenticator: those of the RFC, none twice, and recovery codes for one time each."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from hotline.accounts import totp

AT = datetime(2026, 9, 30, 2, 0, 7, tzinfo=UTC)
SECRET = totp.new_secret()
KEY = base64.b32decode(SECRET)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    step = totp.step_at(datetime.fromtimestamp(seconds, UTC))
    assert totp.code(b"12345678901234567890", step, digits=8) == code


def test_a_phone_may_be_half_a_minute_wrong_and_no_more() -> None:
    now = totp.step_at(AT)
    taken = [step for step in range(now - 4, now + 5) if totp.matching_step(SECRET, totp.code(KEY, step), AT)]
    assert taken == [now - 1, now, now + 1]


def test_a_code_is_taken_once_and_none_older_after_it() -> None:
    now = totp.step_at(AT)
    assert totp.matching_step(SECRET, totp.code(KEY, now), AT, after=now - 1) == now
    assert totp.matching_step(SECRET, totp.code(KEY, now), AT, after=now) is None
    assert totp.matching_step(SECRET, totp.code(KEY, now - 1), AT, after=now) is None
    later = AT + timedelta(seconds=30)
    assert totp.matching_step(SECRET, totp.code(KEY, now + 1), later, after=now) == now + 1


@pytest.mark.parametrize("given", ["", "12345", "abcdef", "１２３４５６", "\ud800", "0" * 1000])
def test_what_is_no_code_is_refused(given: str) -> None:
    assert totp.matching_step(SECRET, given, AT) is None


def test_blanks_in_a_code_do_not_matter() -> None:
    code = totp.code(KEY, totp.step_at(AT))
    assert totp.matching_step(SECRET, f" {code[:3]} {code[3:]}", AT) is not None


def test_the_qr_code_names_the_hotline_and_the_person() -> None:
    found = urlsplit(totp.uri(SECRET, number="1024", issuer="株洲12345热线"))
    assert (found.scheme, found.netloc) == ("otpauth", "totp")
    assert unquote(found.path) == "/株洲12345热线:1024"
    assert parse_qs(found.query)["secret"] == [SECRET]


def test_a_recovery_code_is_good_once_however_it_is_typed() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    kept = [totp.recovery_digest(code) for code in codes]
    assert not set(kept) & set(codes)
    left = totp.without(kept, f" {codes[3].upper().replace('-', ' ')} ")
    assert left is not None
    assert len(left) == 9
    assert totp.without(left, codes[3]) is None
    assert totp.without(kept, "") is None
