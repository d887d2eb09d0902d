"""Every page at the two sizes at which it is used: without violations, and without a scroll bar across."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from hotline.accounts.service import By
from tests.console.conftest import AGENT, PASSWORD, Enter, House, axe, screenshot

SIZES = {"1440": {"width": 1440, "height": 900}, "1100": {"width": 1100, "height": 800}}

PAGES: dict[str, tuple[str, str, str]] = {
    # name: who, where, what must be there
    "orders-dispatcher": ("2001", "/orders?list=pending", "heading:待受理"),
    "orders-mine": ("1024", "/orders", "heading:待我办理"),
    "orders-overdue": ("3001", "/orders?list=overdue", "heading:逾期"),
    "orders-unit": ("5001", "/orders?list=handling", "heading:办理中"),
    "orders-empty": ("2001", "/orders?list=review", "text:没有工单"),
    "board": ("3001", "/supervision", "heading:督办看板"),
    "take-down": ("1024", "/take-down", "heading:登记来电"),
    "calls": ("1024", "/calls", "heading:待电话告知"),
    "hot": ("2001", "/hot", "heading:热点问题"),
    "sessions": ("2001", "/account/sessions", "heading:我的登录"),
    "password": ("2001", "/account/password", "heading:修改密码"),
    "nowhere": ("2001", "/no-such-page", "text:没有这一页"),
    "start": ("9001", "/", "heading:开始使用"),
    "people": ("9001", "/admin/people", "heading:人员"),
    "audit": ("3001", "/admin/audit", "heading:审计"),
    "calendar": ("5001", "/admin/calendar", "heading:工作日历"),
}


def is_there(page: Page, mark: str) -> None:
    kind, name = mark.split(":")
    found = (
        page.get_by_role("heading", name=name, exact=True) if kind == "heading" else page.get_by_text(name)
    )
    expect(found.first).to_be_visible()
    expect(page.get_by_text("正在加载……")).to_have_count(0)


def fits(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody_and_fits(enter: Enter, name: str, size: str) -> None:
    number, path, mark = PAGES[name]
    page = enter(number, path, SIZES[size])
    is_there(page, mark)
    screenshot(page, f"{name}-{size}")
    assert fits(page)
    assert size != "1440" or axe(page) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["noise", "late", "near", "extend", "answered", "gas", "secret"])
def test_a_case_is_for_everybody_and_fits(enter: Enter, house: House, key: str, size: str) -> None:
    number = house.numbers[key]
    page = enter("2001", f"/orders/{number}?list=all", SIZES[size])
    page.get_by_role("region", name=number).get_by_text("经过").wait_for()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.photos img')].every((image) => image.complete)"
    )
    screenshot(page, f"case-{key}-{size}")
    assert fits(page)
    assert size != "1440" or axe(page) == []


def test_a_form_is_for_everybody(enter: Enter, house: House) -> None:
    number = house.numbers["enterprise"]
    page = enter("2001", f"/orders/{number}?list=accepted")
    page.get_by_role("button", name="提请会商交办").click()
    page.get_by_role("button", name="添加协办单位").click()
    screenshot(page, "form-letter")
    assert axe(page) == []


def test_a_hot_issue_is_confirmed_with_a_note(enter: Enter) -> None:
    page = enter("3001", "/hot")
    page.get_by_role("main").get_by_role("link").first.click()
    page.get_by_role("button", name="确认热点").click()
    page.get_by_role("textbox", name="说明").fill("已请市生态环境局集中处置")
    screenshot(page, "hot-folder")
    assert axe(page) == []
    page.get_by_role("button", name="提交：确认热点").click()
    expect(page.get_by_text(re.compile("3001 .*已确认"))).to_be_visible()


def test_a_hot_issue_gets_a_name_one_order_of_many_and_an_end(enter: Enter, house: House) -> None:
    page = enter("2002", "/hot")
    page.get_by_role("button", name="派单员", exact=True).click()
    page.get_by_role("link", name="热点问题").click()
    page.get_by_role("main").get_by_role("link").first.click()
    page.get_by_role("button", name="合并工单").click()
    dialog = page.get_by_role("dialog", name="合并工单")
    dialog.get_by_role("checkbox", name="全部勾选").check()
    chosen = dialog.get_by_role("checkbox", name=re.compile("并入主单$"))
    first = chosen.first.get_attribute("aria-label") or ""
    number = first.removeprefix("把 ").removesuffix(" 并入主单")
    house.act(number, AGENT, "撤回")
    screenshot(page, "hot-merge")
    assert axe(page) == []
    dialog.get_by_role("button", name=re.compile("^并入 [2-9]")).click()
    expect(dialog.get_by_role("status")).to_contain_text("1 张没有成功", timeout=20_000)
    expect(dialog.get_by_role("row").filter(has_text=number)).to_contain_text("撤回")
    dialog.get_by_role("button", name="关闭").last.click()
    expect(page.get_by_text("已并案", exact=True).first).to_be_visible()

    page.get_by_role("button", name=re.compile("修改名称|确认热点")).click()
    page.get_by_role("textbox", name="名称").fill("黄山路口工地夜间施工")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="黄山路口工地夜间施工")).to_be_focused()
    page.get_by_role("button", name="办结热点").click()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="怎么处理")).to_be_visible()
    page.get_by_role("textbox", name="说明").fill("工地已停工整改")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("2002 .*已办结"))).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="黄山路口工地夜间施工")).to_have_count(0)


def test_the_way_in_is_for_everybody(enter: Enter) -> None:
    page = enter(None, "/login")
    page.get_by_role("button", name="登录工作台").wait_for()
    screenshot(page, "login")
    assert axe(page) == []


def test_the_first_administrator_comes_in_by_the_link_once(enter: Enter, house: House) -> None:
    token = house.do(house.app.state.people.setup.do_make())
    page = enter(None, f"/setup#{token}")
    page.get_by_label("工号").fill("77")
    page.get_by_label("姓名").fill("何静")
    page.get_by_label("新密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输一遍新密码").fill(PASSWORD)
    assert token not in page.url
    assert axe(page) == []
    page.get_by_role("button", name="创建管理员账号").click()
    expect(page.get_by_role("button", name="我的账号")).to_contain_text("何静")


def test_a_password_that_somebody_else_made_is_changed_before_anything_else(
    enter: Enter, house: House
) -> None:
    accounts = house.app.state.people.accounts
    _, given = house.do(
        accounts.do_add(number="88", name="郑红", roles=["坐席"], unit=None, by=By(name="1"), team="")
    )
    page = enter(None, "/orders?list=pending")
    page.get_by_label("工号").fill("88")
    page.get_by_label("密码").fill(given)
    page.keyboard.press("Enter")
    expect(page.get_by_text("您用的是临时密码")).to_be_visible()
    assert axe(page) == []
    page.get_by_label("现在的密码").fill(given)
    page.get_by_label("新密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输一遍新密码").fill(PASSWORD)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_role("heading", name="待受理")).to_be_visible()
