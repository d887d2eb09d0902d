"""Browsers in words."""

from __future__ import annotations

import pytest

from hotline.accounts.devices import in_words


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0",
            "Windows 上的 Edge",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Linux 上的 Firefox"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/140.0 MicroMessenger/8.0", "安卓上的微信"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "iPhone 上的 Safari",
        ),
        ("Mozilla/5.0 (X11; Linux aarch64) Kylin Chrome/100.0 Safari/537.36", "麒麟上的 Chrome"),
        ("curl/8.0", "不认识的设备"),
        ("", "不认识的设备"),
    ],
)
def test_a_browser_is_named_so_that_its_owner_knows_it(agent: str, words: str) -> None:
    assert in_words(agent) == words
