"""Figures as an office uses them: the board, a report with its rows, a bulletin from draft to paper."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from hotline.work_orders.deadlines import SHANGHAI
from tests.console.conftest import Enter, House, axe, screenshot
from tests.console.test_pages import SIZES, fits


def settled(page: Page) -> None:
    expect(page.get_by_text("正在加载……")).to_have_count(0)


def number_in(text: str) -> int:
    found = re.search(r"[\d,]+", text)
    assert found is not None
    return int(found[0].replace(",", ""))


def test_the_board_follows_the_work_and_fills_a_wall(enter: Enter, house: House) -> None:
    page = enter("2001", "/figures/today")
    taken = page.get_by_role("region", name="登记工单")
    before = number_in(taken.locator(".value").inner_text())

    house.order(what="路边的井盖松了，车一过就响", where="芦淞区某路口")

    # The live event tells the page; nobody reloads it.
    expect(taken.locator(".value")).to_have_text(str(before + 1), timeout=20_000)
    assert axe(page) == []
    screenshot(page, "figures-board")
    page.get_by_role("button", name="大屏显示").click()
    expect(page.get_by_role("button", name="退出大屏")).to_be_visible()
    # Nothing else of the console is to be seen.
    assert page.evaluate("() => document.elementFromPoint(20, 300).closest('.wall') !== null")
    assert axe(page) == []
    screenshot(page, "figures-wall")
    page.get_by_role("button", name="退出大屏").click()

    taken.get_by_role("link").click()
    expect(page.get_by_text(f"共 {before + 1} 条")).to_be_visible()
    # Somebody of a unit sees the unit's orders, and nothing of the desk.
    unit = enter("5001", "/figures/today")
    expect(unit.get_by_role("region", name="没办完的")).to_be_visible()
    expect(unit.get_by_role("region", name="正在排队")).to_have_count(0)


def test_every_number_of_a_report_opens_its_rows(enter: Enter) -> None:
    page = enter("4001", "/figures/reports?kind=year")
    settled(page)
    for size in SIZES.values():
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    assert axe(page) == []
    screenshot(page, "figures-report")

    # How it is reckoned stands beside it.
    page.get_by_role("button", name="怎么算的：按时率").click()
    expect(page.get_by_role("dialog").get_by_text("超期是到期那一刻定下的")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    # No figures are made up of a year in which there was no hotline.
    expect(page.get_by_role("region", name="登记工单").get_by_text("—")).to_have_count(2)

    # A chart that was put away stays away; the table behind it does not.
    region = page.get_by_role("region", name="区县")
    expect(region.locator("canvas")).to_be_visible()
    page.get_by_role("button", name="收起图：区县").click()
    page.reload()
    settled(page)
    expect(page.get_by_role("button", name="展开图：区县")).to_be_visible()
    expect(region.locator("canvas")).to_have_count(0)

    # By keyboard into the rows of a district, as many as the number says, and on to an order.
    line = region.get_by_role("row").nth(1)
    count = number_in(line.get_by_role("link").first.inner_text())
    line.get_by_role("link").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"共 {count} 条")).to_be_visible()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(count + 1)
    assert axe(page) == []
    screenshot(page, "figures-rows")
    page.get_by_role("button", name="返回").click()
    expect(page.get_by_role("heading", name="统计报表")).to_be_visible()

    with page.expect_download() as saved:
        page.get_by_role("button", name="导出 Excel").click()
    assert saved.value.suggested_filename.endswith(".xlsx")


def test_a_bulletin_goes_from_draft_to_paper(enter: Enter, house: House) -> None:
    yesterday = (datetime.now(UTC).astimezone(SHANGHAI) - timedelta(days=1)).date()
    page = enter("3001", "/figures/bulletins")
    assert axe(page) == []
    page.get_by_role("button", name="自选日期").click()
    page.get_by_label("开始日期").fill(str(yesterday - timedelta(days=29)))
    page.get_by_label("结束日期").fill(str(yesterday))
    page.get_by_role("button", name="查看", exact=True).click()
    page.get_by_role("button", name="起草专报").click()
    expect(page.get_by_role("heading", name="一、总体情况")).to_be_visible()
    expect(page.locator(".el-message")).to_have_count(0, timeout=10_000)
    assert axe(page) == []

    page.get_by_role("button", name="修改文字").click()
    page.get_by_label("工作建议的文字").fill("建议城管部门加强夜间巡查，电话 13812345678。")
    page.get_by_role("button", name="添加案例").click()
    page.get_by_label("案例 1 的标题").fill("工地夜间施工当晚停工")
    page.get_by_label("案例 1 的经过和结果").fill("接到反映后当晚到场，责令停工。")
    assert axe(page) == []
    screenshot(page, "figures-bulletin-edit")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("138****5678")).to_be_visible()

    page.get_by_role("button", name="发布", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="发布").click()
    expect(page.get_by_role("button", name="修改文字")).to_have_count(0)
    expect(page.get_by_text(re.compile("年第1期")).first).to_be_visible()

    # The leader reads it, and what is printed is the paper alone.
    reader = enter("4001", "/figures/bulletins")
    reader.get_by_role("main").get_by_role("link").first.click()
    expect(reader.get_by_role("heading", name="工地夜间施工当晚停工")).to_be_visible()
    expect(reader.get_by_role("button", name="修改文字")).to_have_count(0)
    reader.emulate_media(media="print")
    expect(reader.get_by_role("navigation", name="主菜单")).to_be_hidden()
    expect(reader.get_by_role("button", name="打印或存成 PDF")).to_be_hidden()
    expect(reader.get_by_role("heading", name="二、来源渠道")).to_be_visible()
    assert axe(reader) == []
    screenshot(reader, "figures-bulletin-print")
