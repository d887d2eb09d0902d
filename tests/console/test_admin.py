"""An administrator's work in a browser: people, authenticators, the calendar, and the audit that tells of all of it."""

from __future__ import annotations

import base64
import re
import time

from playwright.sync_api import Page, expect

from hotline.accounts import totp
from tests.console.conftest import Enter, House, screenshot
from tests.console.conftest import axe as look

OWN = "门前那条河边种着三棵树"
DIALOG = "dialog"


def axe(page: Page) -> list[str]:
    """What is wrong with the page when nothing moves any more: what fades in is not yet what it will be."""
    page.wait_for_function("() => document.getAnimations().every((one) => one.playState !== 'running')")
    return look(page)


def _field(page: Page, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).fill(value)


def _one_time(page: Page) -> str:
    """The password that is shown once; closes what shows it."""
    words = page.get_by_test_id("one-time-password")
    expect(words).not_to_be_empty()
    password = words.inner_text()
    assert axe(page) == []
    page.get_by_role("button", name="已经交给本人").click()
    expect(words).to_be_hidden()
    return password


def _add(page: Page, number: str, name: str, role: str) -> str:
    page.get_by_role("button", name="添加人员").click()
    form = page.get_by_role(DIALOG, name="添加人员")
    form.get_by_label("工号").fill(number)
    form.get_by_label("姓名").fill(name)
    form.get_by_role("checkbox", name=re.compile(f"^{role}")).check()
    # 承办单位 does not go with what shows other units' orders.
    expect(form.get_by_role("checkbox", name=re.compile("^承办单位"))).to_be_disabled()
    assert axe(page) == []
    form.get_by_role("button", name="添加人员").click()
    return _one_time(page)


def _code(secret: str, *, ahead: int = 0) -> str:
    """What the authenticator shows: now, or so many steps ahead, since no code is taken twice."""
    key = base64.b32decode(secret.replace(" ", ""))
    return totp.code(key, int(time.time()) // 30 + ahead)


def _out(page: Page) -> None:
    page.get_by_role("button", name="我的账号").click()
    page.get_by_role("menuitem", name="退出登录").click()
    expect(page.get_by_role("button", name="登录工作台")).to_be_visible()


def test_somebody_is_added_puts_on_the_authenticator_and_is_locked_out_in_the_end(
    enter: Enter, house: House
) -> None:
    admin = enter("9001", "/")
    # Who begins is told what to do.
    expect(admin.get_by_role("heading", name="开始使用")).to_be_visible()
    expect(admin.get_by_text("派单目录", exact=False)).to_be_visible()
    screenshot(admin, "admin-start-1440")
    assert axe(admin) == []
    admin.get_by_role("link", name="管理人员").click()
    expect(admin.get_by_role("row").filter(has_text="王芳")).to_be_visible()
    first = _add(admin, "7101", "何小禾", "坐席")
    row = admin.get_by_role("row").filter(has_text="何小禾")
    expect(row).to_contain_text("要改临时密码")
    screenshot(admin, "admin-people-1440")
    assert axe(admin) == []

    # The one-time password leads to one's own, and to nothing else.
    own = enter(None, "/")
    _field(own, "工号", "7101")
    _field(own, "密码", first)
    own.get_by_role("button", name="登录工作台").click()
    expect(own.get_by_role("heading", name="修改密码")).to_be_visible()
    _field(own, "现在的密码", first)
    _field(own, "新密码", OWN)
    _field(own, "再输一遍新密码", OWN)
    own.get_by_role("button", name="修改密码").click()
    own.get_by_role("navigation", name="主菜单").wait_for()

    secret, codes = _authenticator(own)
    _out(own)
    _log_in_with(own, _code(secret, ahead=1))
    own.get_by_role("navigation", name="主菜单").wait_for()
    _out(own)
    _log_in_with(own, codes[0])
    own.get_by_role("navigation", name="主菜单").wait_for()

    _locked_and_opened(admin, enter)
    _deactivated(admin, own)
    _audited(enter)


def _authenticator(own: Page) -> tuple[str, list[str]]:
    own.get_by_role("button", name="我的账号").click()
    own.get_by_role("menuitem", name="动态口令").click()
    expect(own.get_by_role("heading", name="动态口令")).to_be_visible()
    _field(own, "现在的密码", OWN)
    own.get_by_role("button", name="启用动态口令").click()
    expect(own.get_by_role("img", name="给验证器扫的二维码")).to_be_visible()
    secret = own.get_by_test_id("secret").inner_text()
    screenshot(own, "account-totp-1440")
    assert axe(own) == []
    own.get_by_label("6 位口令").fill("000000" if _code(secret) != "000000" else "111111")
    own.get_by_role("button", name="确认启用").click()
    expect(own.locator("form").get_by_role("alert")).to_contain_text("动态口令不对")
    own.get_by_label("6 位口令").fill(_code(secret))
    own.get_by_role("button", name="确认启用").click()
    expect(own.get_by_role("heading", name="请保存这些恢复码")).to_be_visible()
    codes = own.locator("ol code").all_inner_texts()
    assert len(set(codes)) == 10
    screenshot(own, "account-recovery-1440")
    assert axe(own) == []
    own.get_by_role("button", name="已经保存好了").click()
    expect(own.get_by_text("还有 10 个恢复码")).to_be_visible()
    return secret, codes


def _log_in_with(own: Page, code: str) -> None:
    _field(own, "工号", "7101")
    _field(own, "密码", OWN)
    own.get_by_role("button", name="登录工作台").click()
    own.get_by_label("动态口令或恢复码").fill(code)
    assert axe(own) == []
    own.get_by_role("button", name="提交口令").click()


def _locked_and_opened(admin: Page, enter: Enter) -> None:
    """Five wrong tries lock; the administrator opens it."""
    guesser = enter(None, "/")
    for _ in range(5):
        _field(guesser, "工号", "7101")
        _field(guesser, "密码", "not this one at all")
        guesser.get_by_role("button", name="登录工作台").click()
        expect(guesser.get_by_role("alert")).to_contain_text("没有登录成功")
    admin.reload()
    row = admin.get_by_role("row").filter(has_text="何小禾")
    expect(row).to_contain_text("锁到")
    row.get_by_role("button", name="解锁账号").click()
    expect(row).to_contain_text("在用")
    expect(row).to_contain_text("动态口令")


def _deactivated(admin: Page, own: Page) -> None:
    """Whose account is deactivated is out at once."""
    row = admin.get_by_role("row").filter(has_text="何小禾")
    row.get_by_role("button", name="停用账号").click()
    admin.get_by_role(DIALOG, name="停用账号").get_by_role("button", name="停用账号").click()
    expect(row).to_have_count(0)
    admin.get_by_text("也显示已停用的").click()
    expect(row).to_contain_text("已停用")
    own.reload()
    expect(own.get_by_role("button", name="登录工作台")).to_be_visible()


def _audited(enter: Enter) -> None:
    """All of it is in the audit, which is whole."""
    page = enter("3001", "/admin/audit")
    page.get_by_placeholder("工号", exact=False).first.fill("9001")
    page.get_by_role("button", name="查找记录").click()
    table = page.get_by_role("table")
    for action in ("添加人员", "解锁账号", "停用账号"):
        expect(table.get_by_role("row").filter(has_text=action).first).to_contain_text("7101")
    page.get_by_role("button", name="检查记录").click()
    expect(page.get_by_role("status").filter(has_text="全部完好")).to_be_visible()
    screenshot(page, "admin-audit-1440")
    assert axe(page) == []
    with page.expect_download() as caught:
        page.get_by_role("button", name="导出表格").click()
    assert "何小禾" in caught.value.path().read_text(encoding="utf-8")


def test_people_are_changed_and_given_new_passwords(enter: Enter, house: House) -> None:
    admin = enter("9001", "/admin/people")
    _add(admin, "7102", "冯宁", "坐席")
    row = admin.get_by_role("row").filter(has_text="冯宁")
    row.get_by_role("button", name="修改资料").click()
    form = admin.get_by_role(DIALOG, name=re.compile("修改资料"))
    form.get_by_role("checkbox", name=re.compile("^坐席")).uncheck()
    form.get_by_role("checkbox", name=re.compile("^承办单位")).check()
    form.get_by_role("button", name="保存修改").click()
    expect(form.get_by_role("alert")).to_contain_text("要选单位")
    units = form.get_by_role("combobox", name="单位")
    units.click()
    units.fill("生态环境局")
    admin.get_by_role("option", name="株洲市生态环境局", exact=True).click()
    screenshot(admin, "admin-person-1440")
    assert axe(admin) == []
    form.get_by_role("button", name="保存修改").click()
    expect(row).to_contain_text("株洲市生态环境局")
    row.get_by_role("button", name="重置密码").click()
    admin.get_by_role(DIALOG, name="重置密码").get_by_role("button", name="重置密码").click()
    again = _one_time(admin)
    page = enter(None, "/")
    _field(page, "工号", "7102")
    _field(page, "密码", again)
    page.get_by_role("button", name="登录工作台").click()
    expect(page.get_by_role("heading", name="修改密码")).to_be_visible()
    # Nobody else reaches these pages' data.
    other = enter("1024", "/admin/people")
    expect(other.get_by_text("需要管理员的身份")).to_be_visible()


def test_a_day_is_set_by_the_administrator_and_read_by_everybody(enter: Enter, house: House) -> None:
    admin = enter("9001", "/admin/calendar/2027")
    expect(admin.get_by_role("status")).to_contain_text("2027 年的放假安排还没有公布")
    admin.get_by_role("button", name="上一年").click()
    admin.get_by_role("button", name="2月17日，放假，春节").wait_for()
    admin.get_by_role("button", name="12月24日，上班").click()
    dialog = admin.get_by_role(DIALOG, name="设置12月24日")
    expect(dialog.get_by_label("放假")).to_be_checked()
    dialog.get_by_label("说明").fill("市民中心搬迁")
    assert axe(admin) == []
    dialog.get_by_role("button", name="保存设置").click()
    expect(admin.get_by_role("listitem").filter(has_text="市民中心搬迁")).to_contain_text("由 9001 设置")
    screenshot(admin, "admin-calendar-1440")
    assert axe(admin) == []
    reader = enter("5001", "/admin/calendar/2026")
    expect(reader.get_by_text("市民中心搬迁", exact=True)).to_be_visible()
    expect(reader.get_by_role("button", name="取消设置")).to_have_count(0)
    assert axe(reader) == []
    admin.get_by_role("button", name="取消设置").click()
    admin.get_by_role(DIALOG, name="取消设置").get_by_role("button", name="取消设置").click()
    expect(admin.get_by_text("这一年没有另外设过。")).to_be_visible()
