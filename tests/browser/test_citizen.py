"""What a citizen does in a browser, on a phone and at a desk."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE

OpenPage = Callable[[dict[str, int]], Page]
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])


def say(page: Page, words: str) -> None:
    """Type and send, and wait for the bot's answer."""
    before = page.locator("[data-testid=message][data-author=bot]").count()
    page.get_by_test_id("input").fill(words)
    page.get_by_test_id("send").click()
    expect(page.locator("[data-testid=message][data-author=bot]")).not_to_have_count(before, timeout=20_000)
    expect(page.get_by_test_id("typing")).to_have_count(0, timeout=20_000)


def press(page: Page, title: str) -> None:
    """Press an offered button, and wait for the bot's answer."""
    before = page.locator("[data-testid=message][data-author=bot]").count()
    page.wait_for_timeout(850)  # the page takes two presses within 0.8 s for one: old hands tremble
    page.get_by_test_id("quick-reply").get_by_text(title, exact=True).last.click()
    expect(page.locator("[data-testid=message][data-author=bot]")).not_to_have_count(before, timeout=20_000)
    expect(page.get_by_test_id("typing")).to_have_count(0, timeout=20_000)


def last(page: Page) -> str:
    """The newest bot message, whole."""
    return page.locator("[data-testid=message][data-author=bot]").last.inner_text()


def picture(page: Page, name: str) -> None:
    """Keep a screenshot when a folder for them is set."""
    folder = os.environ.get("HOTLINE_SCREENSHOTS")
    if folder:
        page.wait_for_timeout(400)  # let the scroll come to rest
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


@SIZES
def test_a_parent_asks_what_to_bring_how_long_and_what_it_costs(
    open_page: OpenPage, size: dict[str, int]
) -> None:
    page = open_page(size)
    kind = "phone" if size is PHONE else "desk"
    picture(page, f"{kind}-welcome")
    say(page, "孩子今年上小学要准备什么材料")
    answer = last(page)
    assert "教育入学一件事" in answer
    assert "户口簿" in answer
    assert "来源" in answer
    assert "2026" in answer
    picture(page, f"{kind}-answer")
    say(page, "那要多久?")
    assert "约30个工作日" in last(page)
    assert "来源" in last(page)
    say(page, "怎么收费")
    assert "不收费" in last(page)
    assert "来源" in last(page)
    picture(page, f"{kind}-follow-up")


@SIZES
def test_a_blocked_fire_lane_becomes_an_order_that_can_be_followed(
    open_page: OpenPage, size: dict[str, int]
) -> None:
    page = open_page(size)
    kind = "phone" if size is PHONE else "desk"
    say(page, "小区消防通道被车堵了没人管")
    say(page, "荷塘区月塘街道石子头社区3栋楼下")
    press(page, "最近几天")
    press(page, "匿名，不留电话")
    assert "石子头" in last(page)
    picture(page, f"{kind}-summary")
    press(page, "确认提交")
    receipt = last(page)
    number = re.search(r"\d{8}-\d{5}", receipt)
    assert number, receipt
    assert "查询码" in receipt
    assert re.search(r"\d{1,2}月\d{1,2}日", receipt)
    picture(page, f"{kind}-receipt")
    say(page, "查进度")
    assert number.group() in last(page)
    assert "待受理" in last(page)
    picture(page, f"{kind}-progress")


def test_a_reload_shows_the_same_talk_and_goes_on(open_page: OpenPage) -> None:
    page = open_page(PHONE)
    say(page, "居住证怎么办")
    before = page.get_by_test_id("message").all_inner_texts()
    page.reload()
    expect(page.get_by_test_id("message")).to_have_count(len(before))
    say(page, "要多久")
    assert "居住证" in last(page) or "15" in last(page)


def test_a_message_written_offline_arrives_once_when_the_network_is_back(open_page: OpenPage) -> None:
    page = open_page(PHONE)
    page.context.set_offline(True)
    page.get_by_test_id("input").fill("工伤认定要什么材料")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("connection")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-testid=message][data-author=bot]").last).to_contain_text(
        "工伤", timeout=30_000
    )
    assert page.locator("[data-testid=message][data-author=citizen]").count() == 1


def test_an_emergency_shows_the_numbers_to_call(open_page: OpenPage) -> None:
    page = open_page(PHONE)
    say(page, "屋里有股臭鸡蛋味")
    card = page.get_by_test_id("card").last
    expect(card.locator('a[href="tel:119"]')).to_be_visible()
    picture(page, "phone-emergency")


def test_the_elder_mode_is_large_enough_and_stays(open_page: OpenPage) -> None:
    page = open_page(PHONE)
    page.get_by_test_id("elder-toggle").click()
    say(page, "退休要办什么手续")
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('button, a, textarea, [role=button], input')]
          .filter(e => e.offsetParent !== null || e.getClientRects().length)
          .map(e => { const b = e.getBoundingClientRect(); return [e.outerHTML.slice(0, 90), b.width, b.height]; })
          .filter(([, w, h]) => w > 0 && (w < 44 || h < 44))"""
    )
    assert sizes == []
    text = page.locator("[data-testid=message][data-author=bot]").last
    style = text.evaluate(
        "e => { const s = getComputedStyle(e); return [parseFloat(s.fontSize), parseFloat(s.lineHeight)]; }"
    )
    assert style[0] >= 18
    assert style[1] / style[0] >= 1.3
    picture(page, "phone-elder")
    page.reload()
    page.get_by_test_id("tiles").wait_for()
    size = page.locator("[data-testid=message][data-author=bot]").last.evaluate(
        "e => parseFloat(getComputedStyle(e).fontSize)"
    )
    assert size >= 18


def test_asking_for_a_human_shows_the_place_in_the_queue(open_page: OpenPage) -> None:
    page = open_page(PHONE)
    page.get_by_test_id("tile-agent").first.click()
    expect(page.get_by_test_id("mode")).to_contain_text("排队", timeout=20_000)
    picture(page, "phone-queue")
