"""Photographs, from a telephone's camera to the order."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.attachments.pictures import corner, jpeg, opened, scene, telling_jpeg, written
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_citizen import last, picture, press, say
from tests.running import Running
from tests.system.test_orders import Office

OpenPage = Callable[[dict[str, int]], Page]
SMALL = {"width": 320, "height": 640}


@pytest.fixture
def photos(tmp_path: Path) -> list[str]:
    """Three files as a telephone has them: one of twelve megapixels held upright, two small ones."""
    upright = scene(3000, 4000)
    held = upright.transpose(2)  # ROTATE_90: what the camera writes when it is held upright
    files = {
        "IMG_0001.jpg": telling_jpeg(6, held),
        "IMG_0002.png": written(scene(1200, 900, "blue"), "PNG"),
        "IMG_0003.jpg": jpeg(800, 600, "green"),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return [str(tmp_path / name) for name in files]


def choose(page: Page, files: list[str]) -> None:
    """Choose files as the telephone's gallery gives them, and wait until they are ready."""
    page.get_by_test_id("photo-input").set_input_files(files)
    expect(page.get_by_test_id("photo-send")).to_be_enabled(timeout=20_000)


def send(page: Page) -> None:
    """Send what was chosen, and wait for the bot's answer."""
    before = page.locator("[data-testid=message][data-author=bot]").count()
    page.get_by_test_id("photo-send").click()
    expect(page.locator("[data-testid=message][data-author=bot]")).not_to_have_count(before, timeout=20_000)
    expect(page.get_by_test_id("typing")).to_have_count(0, timeout=20_000)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_photographs_of_a_complaint_stand_at_the_order(
    open_page: OpenPage, hotline: Running, photos: list[str], size: dict[str, int]
) -> None:
    page = open_page(size)
    kind = "phone" if size is PHONE else "desk"
    picture(page, f"{kind}-photo-button")
    say(page, "路边的路灯坏了半个月，晚上黑漆漆的没人修")
    asked = last(page)

    choose(page, photos)
    picture(page, f"{kind}-photo-preview")
    send(page)

    mine = page.locator("[data-testid=message][data-author=citizen]").last
    shown = mine.get_by_test_id("photo").locator("img")
    expect(shown).to_have_count(3)
    assert shown.first.evaluate("image => image.naturalHeight > image.naturalWidth"), "it stands upright"
    bot = page.locator("[data-testid=message][data-author=bot]").all_inner_texts()
    assert any("3 张照片收到了，会和工单一起交给办理的人。" in words for words in bot)
    assert last(page).splitlines()[0] == asked.splitlines()[0], "what was asked is asked again"
    picture(page, f"{kind}-photo-sent")

    mine.get_by_test_id("photo").first.click()
    large = page.get_by_test_id("viewer-image")
    expect(large).to_have_attribute("data-large", "yes")
    picture(page, f"{kind}-photo-large")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("viewer")).to_have_attribute("aria-label", "照片 2/3")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("viewer")).to_have_count(0)
    assert mine.get_by_test_id("photo").first.evaluate("button => button === document.activeElement")

    say(page, "荷塘区月塘街道石子头社区3栋楼下")
    press(page, "最近几天")
    press(page, "匿名，不留电话")
    assert "3 张" in last(page)
    picture(page, f"{kind}-photo-summary")
    press(page, "确认提交")
    receipt = last(page)
    assert re.search(r"照片\s+3 张", receipt)
    picture(page, f"{kind}-photo-receipt")
    number = re.search(r"\d{8}-\d{5}", receipt)
    assert number

    office = Office(hotline)
    order = office.see(number.group())
    sizes = [(one["width"], one["height"]) for one in order["attachments"]]
    assert sizes == [(1536, 2048), (1200, 900), (800, 600)]
    kept = [office.photo(number.group(), one["id"]) for one in order["attachments"]]
    assert [corner(content) for content in kept] == ["red", "blue", "other"]
    assert not opened(kept[0]).getexif()
    assert any(event["note"] == "照片 3 张" for event in order["events"])

    # A reload fetches them from the service.
    page.reload()
    again = page.locator("[data-testid=message][data-author=citizen]").get_by_test_id("photo").locator("img")
    expect(again).to_have_count(3)
    again.first.click()
    expect(page.get_by_test_id("viewer-image")).to_have_attribute("data-large", "yes")
    assert page.get_by_test_id("viewer-image").evaluate("image => image.naturalHeight") == 2048


def test_a_photograph_sent_offline_outlives_a_reload_and_arrives_once(
    open_page: OpenPage, photos: list[str]
) -> None:
    page = open_page(PHONE)
    page.route("**/api/attachments*", lambda route: route.abort())
    choose(page, photos[:2])
    page.get_by_test_id("photo-send").click()
    mine = page.locator("[data-testid=message][data-author=citizen]")
    expect(mine).to_have_attribute("data-state", "retrying", timeout=10_000)
    picture(page, "phone-photo-offline")

    page.reload()
    expect(mine.get_by_test_id("photo").locator("img")).to_have_count(2)
    page.unroute("**/api/attachments*")
    if mine.get_by_test_id("retry").count():
        mine.get_by_test_id("retry").click()

    expect(page.locator("[data-testid=message][data-author=bot]").last).to_contain_text(
        "2 张照片收到了", timeout=30_000
    )
    expect(mine).to_have_count(1)
    expect(mine.get_by_test_id("photo").locator("img")).to_have_count(2)


def test_bad_files_are_named_before_anything_is_sent(
    open_page: OpenPage, tmp_path: Path, photos: list[str]
) -> None:
    page = open_page(PHONE)
    for name, content in {"a.jpg": "我要投诉".encode(), "b.heic": b"\0\0\0\x18ftypheic" + b"\0" * 99}.items():
        (tmp_path / name).write_bytes(content)

    page.get_by_test_id("photo-input").set_input_files(
        [photos[2], str(tmp_path / "a.jpg"), str(tmp_path / "b.heic")]
    )

    problems = page.get_by_test_id("photo-problems")
    expect(problems).to_contain_text("不是照片")
    expect(problems).to_contain_text("HEIC")
    expect(page.get_by_test_id("photo-picked")).to_have_count(1)
    picture(page, "phone-photo-problems")
    page.get_by_test_id("photo-cancel").click()
    expect(problems).to_be_hidden()
    assert page.get_by_test_id("photo-button").evaluate("button => button === document.activeElement")
    assert page.locator("[data-testid=message][data-author=citizen]").count() == 0


@pytest.mark.parametrize("elder", [False, True], ids=["plain", "elder"])
def test_everything_fits_and_can_be_met_by_a_finger_on_the_smallest_screen(
    open_page: OpenPage, photos: list[str], elder: bool
) -> None:
    page = open_page(SMALL)
    if elder:
        page.get_by_test_id("elder-toggle").click()
    name = "elder" if elder else "plain"
    choose(page, photos)
    picture(page, f"small-{name}-photo-preview")
    _check_sizes(page)
    send(page)
    picture(page, f"small-{name}-photo-sent")
    _check_sizes(page)
    page.get_by_test_id("photo").last.click()
    expect(page.get_by_test_id("viewer-image")).to_be_visible()
    picture(page, f"small-{name}-photo-large")
    _check_sizes(page)


def _check_sizes(page: Page) -> None:
    found = page.evaluate(
        """() => ({
          wide: document.documentElement.scrollWidth > innerWidth
            || [...document.querySelectorAll('.scroller, .dock')].some(e => e.scrollWidth > e.clientWidth),
          small: [...document.querySelectorAll('button, textarea')]
            .filter(e => e.getClientRects().length)
            .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
            .filter(([, b]) => b.width > 0 && (b.width < 44 || b.height < 44)).map(([html]) => html),
        })"""
    )
    assert found == {"wide": False, "small": []}


def test_a_photograph_alone_is_answered_by_asking_what_it_is_about(
    open_page: OpenPage, photos: list[str]
) -> None:
    page = open_page(PHONE)
    choose(page, photos[2:])
    send(page)

    assert "照片收到了。请说说是什么事、在哪里" in last(page)
    picture(page, "phone-photo-alone")
    press(page, "我要反映问题")
    say(page, "路边的路灯坏了半个月，晚上黑漆漆的没人修")
    assert "哪里" in last(page)
