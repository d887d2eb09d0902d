"""A real browser: Debian's Chromium, or Playwright's own, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.running import Running
from tests.system.conftest import hotline

__all__ = ["hotline"]

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}

#: Chromium asks its maker's hosts for this and that, unless told not to; nothing outside is contacted here.
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; ``HOTLINE_CHROMIUM`` may name its file."""
    path = os.environ.get("HOTLINE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=_QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, hotline: Running) -> Iterator[Callable[[dict[str, int]], Page]]:
    """Opens the hotline's page in a window of a given size; fails the test on any error of the page."""
    contexts = []
    problems: list[str] = []

    def open_in(size: dict[str, int]) -> Page:
        context = browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((hotline.url, hotline.url.replace("http", "ws"), "data:", "blob:"))
                else problems.append(f"an outside address was asked for: {request.url}")
            ),
        )
        page.goto(hotline.url)
        page.get_by_test_id("tiles").wait_for()
        return page

    yield open_in
    for context in contexts:
        context.close()
    assert not problems
