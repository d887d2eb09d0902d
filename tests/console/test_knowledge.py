"""Two people edit the knowledge base in their browsers; what they publish is what a citizen is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from hotline.knowledge.answers import Question
from tests.console.conftest import Enter, House, axe, screenshot
from tests.knowledge.conftest import TODAY

#: The gate asks the base hundreds of questions; with other tests beside it that takes minutes.
GATE_MS = 400_000
MATTER = "resident_insurance"
SAYING = "城乡居民医保在微信上也能缴，缴完当天就能查到。"


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """These pages draw long forms, twice at a time."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


def part(page: Page, name: str) -> Locator:
    """One part of the form."""
    return page.get_by_role("region", name=name, exact=True)


def fine(page: Page, name: str) -> None:
    """The page is for everybody, and fits on both screens."""
    screenshot(page, name)
    assert axe(page) == []
    page.set_viewport_size({"width": 1100, "height": 800})
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, f"{name}-1100")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_what_one_writes_the_other_publishes(enter: Enter, house: House) -> None:
    writer = enter("6001", "/knowledge")
    expect(writer.get_by_role("heading", name="全部事项")).to_be_visible()
    fine(writer, "knowledge-list")
    writer.get_by_role("textbox", name="搜索事项").fill("居民医保")
    writer.keyboard.press("Enter")
    writer.get_by_role("link", name="城乡居民医保参保缴费").click()
    expect(writer.get_by_role("heading", name="历次版本")).to_be_visible()
    expect(writer.get_by_text("要带的材料").first).to_be_visible()
    fine(writer, "knowledge-matter")

    writer.get_by_role("button", name="修改事项").click()
    summary = writer.get_by_label("一句话说明")
    summary.fill(SAYING)
    expect(writer.locator(".phone")).to_contain_text(SAYING)
    phones = part(writer, "电话")
    phones.get_by_role("button", name="添加电话").click()
    phones.get_by_label(re.compile("号码")).last.fill("医保局")
    expect(phones.get_by_text("电话号码写法不对")).to_be_visible()
    fine(writer, "knowledge-editor")
    writer.get_by_role("button", name="提交审核").click()
    expect(writer.get_by_text("请写一句改了什么")).to_be_visible()
    phones.get_by_role("button", name=re.compile("删除第 . 条电话")).last.click()

    # What was not saved outlives leaving the page.
    writer.get_by_label("改了什么").fill("微信也能缴了")
    writer.get_by_role("link", name="全部事项").click()
    dialog = writer.get_by_role("dialog", name="有没保存的修改")
    expect(dialog).to_be_visible()
    assert axe(writer) == []
    dialog.get_by_role("button", name="直接离开").click()
    writer.get_by_role("row", name=re.compile("城乡居民医保参保缴费")).get_by_role(
        "link", name="第 2 版"
    ).click()
    expect(writer.get_by_text("找回了这台电脑上")).to_be_visible()
    writer.get_by_role("button", name="提交审核").click()
    expect(writer.get_by_text("您写过这一版，要由另一位知识编辑审核。")).to_be_visible()
    expect(writer.get_by_role("button", name="审核通过并发布")).to_have_count(0)

    reviewer = enter("6002", "/knowledge?state=在审")
    reviewer.get_by_role("link", name="第 2 版").click()
    expect(reviewer.get_by_text("微信也能缴了")).to_be_visible()
    expect(reviewer.get_by_role("listitem").filter(has_text=SAYING)).to_be_visible()
    fine(reviewer, "knowledge-review")
    reviewer.get_by_role("button", name="退回草稿").click()
    reviewer.get_by_label("退回原因").fill("请写明用哪个小程序")
    reviewer.get_by_role("button", name="退回草稿").last.click()
    expect(reviewer.get_by_text("已退回。")).to_be_visible()
    writer.reload()
    expect(writer.get_by_text("请写明用哪个小程序")).to_be_visible()
    writer.get_by_role("button", name="提交审核").click()
    expect(writer.get_by_text("您写过这一版")).to_be_visible()
    reviewer.reload()
    reviewer.get_by_role("button", name="审核通过并发布").click()
    expect(reviewer.get_by_text("检验通过")).to_be_visible(timeout=GATE_MS)
    expect(reviewer.get_by_role("button", name="审核通过并发布")).to_have_count(0)
    fine(reviewer, "knowledge-published")

    knowledge = house.app.state.knowledge
    house.do(knowledge.refresh())
    question = Question(text="", today=TODAY, command_matter=MATTER)
    assert SAYING in house.do(knowledge.answer(question)).reply["text"]

    agent = enter("1024", f"/knowledge/matters/{MATTER}")
    expect(agent.locator(".phone")).to_contain_text(SAYING)
    expect(agent.get_by_role("button", name="修改事项")).to_have_count(0)
    assert axe(agent) == []


def test_two_who_write_at_once_lose_nothing(enter: Enter) -> None:
    first = enter("6001", "/knowledge/matters/wage_dispute")
    first.get_by_role("button", name="修改事项").click()
    first.get_by_label("一句话说明").wait_for()
    second = enter("6002", first.url.partition("/console")[2])
    second.get_by_label("哪些人能办").fill("被拖欠工资的劳动者。")
    first.get_by_label("一句话说明").fill("欠薪先找劳动监察。")
    first.get_by_role("button", name="保存草稿").click()
    expect(first.get_by_text("草稿已保存。")).to_be_visible()
    second.keyboard.press("Control+s")
    conflict = second.get_by_role("alert").filter(has_text="别人也改了这份草稿")
    expect(conflict).to_contain_text("欠薪先找劳动监察。")
    expect(conflict).to_contain_text("被拖欠工资的劳动者。")
    fine(second, "knowledge-conflict")
    conflict.get_by_role("button", name="两边合在一起").click()
    expect(second.get_by_label("一句话说明")).to_have_value("欠薪先找劳动监察。")
    expect(second.get_by_label("哪些人能办")).to_have_value("被拖欠工资的劳动者。")
    second.get_by_role("button", name="保存草稿").click()
    expect(second.get_by_text("草稿已保存。")).to_be_visible()
    second.get_by_role("button", name="作废草稿").click()
    second.get_by_role("dialog").get_by_role("button", name="作废草稿").click()
    expect(second.get_by_text("已作废").first).to_be_visible()


def test_a_unit_edits_its_own_by_workbook_and_sees_what_is_due(
    enter: Enter, house: House, tmp_path: Path
) -> None:
    page = enter("5002", "/knowledge/excel")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出本单位的事项").click()
    path = tmp_path / "own.xlsx"
    download.value.save_as(path)
    book = load_workbook(path)
    sheet = book["事项"]
    codes = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert "medical_visit" in codes
    assert "school_enrollment" not in codes
    headers = [cell.value for cell in sheet[1]]
    row = codes.index("manual_reimbursement") + 2
    sheet.cell(row, headers.index("一句话说明") + 1).value = "先垫付的医药费，回来可以手工报销。"
    book.save(path)
    page.get_by_label("选择 Excel 文件").set_input_files(path)
    expect(page.get_by_text("看改动：一句话说明")).to_be_visible()
    page.get_by_text("看改动：一句话说明").click()
    fine(page, "knowledge-excel")
    page.get_by_role("button", name="生成 1 份草稿").click()
    expect(page.get_by_role("link", name="去看草稿")).to_be_visible()

    sheet.cell(row, headers.index("类别") + 1).value = "天上的事"
    book.save(path)
    page.get_by_label("选择 Excel 文件").set_input_files(path)
    expect(page.get_by_text(f"工作表“事项”第 {row} 行").first).to_be_visible()
    fine(page, "knowledge-excel-faults")

    page.get_by_role("link", name="到期提醒").click()
    expect(page.get_by_role("heading", name="到期提醒")).to_be_visible()
    expect(page.get_by_text("没有到期的事项")).to_be_visible()
    page.get_by_text("只看本单位的").click()
    expect(page.get_by_text("待复核").first).to_be_visible()
    fine(page, "knowledge-due")
    page.goto(f"{house.url}/console/knowledge/matters/school_enrollment")
    expect(page.get_by_text("您可以看，不能改。")).to_be_visible()
    expect(page.get_by_role("button", name="修改事项")).to_have_count(0)
