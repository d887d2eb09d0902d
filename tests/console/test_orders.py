"""The order pages in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.console.cases import ACCEPT, Case
from tests.console.conftest import (
    AGENT,
    DISPATCHER,
    PASSWORD,
    Enter,
    House,
    _photograph,
    axe,
    log_in,
    screenshot,
)

NARROW = {"width": 1100, "height": 800}


def test_who_is_not_logged_in_logs_in_and_comes_to_the_page_that_was_asked_for(enter: Enter) -> None:
    page = enter(None, "/orders?list=overdue")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.get_by_label("工号").fill("2001")
    page.get_by_label("密码").fill("不是这个密码")
    page.get_by_role("button", name="登录工作台").click()
    expect(page.get_by_role("alert")).to_contain_text("没有登录成功")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="逾期")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/console/orders\?list=overdue"))


def test_a_dispatcher_finds_what_waits_and_gives_it_to_a_unit(enter: Enter, house: House) -> None:
    number = house.order(Case(key="", what="路口红绿灯不亮了，早上堵得很厉害", steps=(ACCEPT,)))
    page = enter("2001", "/orders?list=accepted")
    page.get_by_role("link", name=number).click()
    case = page.get_by_role("region", name=number)
    expect(case).to_contain_text("路口红绿灯不亮了")
    case.get_by_role("button", name="派给单位").click()
    choose_unit(page, "承办单位", "生态环境", "株洲市生态环境局")
    page.get_by_role("button", name="提交：派给单位").click()
    expect(case.get_by_text("已派单", exact=True).first).to_be_visible()
    assert house.status(number) == "已派单"


def test_who_was_slower_is_told_what_happened_and_keeps_what_was_typed(enter: Enter, house: House) -> None:
    number = house.order(Case(key="", steps=(ACCEPT,)))
    page = enter("2001", f"/orders/{number}?list=accepted")
    case = page.get_by_role("region", name=number)
    case.get_by_role("button", name="添加备注").click()
    page.get_by_label("内容", exact=True).fill("已电话联系反映人，约好明天上午去看")
    house.act(number, DISPATCHER, "改紧急程度", urgency="加急")
    page.get_by_role("button", name="提交：添加备注").click()
    expect(case.get_by_role("alert")).to_contain_text("改紧急程度")
    expect(page.get_by_label("内容", exact=True)).to_have_value("已电话联系反映人，约好明天上午去看")
    expect(case.get_by_text("加急", exact=True).first).to_be_visible()
    page.get_by_label("内容", exact=True).press("Control+Enter")
    expect(case.get_by_text("已电话联系反映人，约好明天上午去看")).to_be_visible()
    expect(page.get_by_role("button", name="提交：添加备注")).to_have_count(0)


def test_a_telephone_number_is_shown_only_with_a_reason(enter: Enter, house: House) -> None:
    page = enter("2001", f"/orders/{house.numbers['noise']}")
    case = page.get_by_role("region", name=house.numbers["noise"])
    expect(case.get_by_text("138****8000")).to_be_visible()
    assert "13800138000" not in page.content()
    case.get_by_role("button", name="查看电话原文").click()
    dialog = page.get_by_role("dialog", name="查看电话")
    page.keyboard.press("Escape")
    expect(case.get_by_role("button", name="查看电话原文")).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("textbox", name="为什么要看").fill("看")
    dialog.get_by_role("button", name="确认查看").click()
    expect(dialog.get_by_role("alert")).to_contain_text("至少 4 个字")
    dialog.get_by_role("textbox", name="为什么要看").fill("回电话核实地点")
    dialog.get_by_role("button", name="确认查看").click()
    expect(case.get_by_text("13800138000")).to_be_visible()


def test_photographs_are_shown_small_and_large(enter: Enter, house: House) -> None:
    page = enter("2002", f"/orders/{house.numbers['noise']}")
    small = page.get_by_role("button", name="第 1 张照片，共 2 张")
    small.scroll_into_view_if_needed()
    loaded = "image => image.complete && image.naturalWidth > 0"
    expect(small).to_be_visible()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.photos img')].every((image) => image.naturalWidth > 0)"
    )
    small.click()
    large = page.get_by_role("dialog", name="照片").get_by_role("img", name="坐席")
    expect(large).to_be_visible()
    page.wait_for_function(f"() => ({loaded})(document.querySelector('img.large'))")


def test_everything_is_done_by_keyboard(enter: Enter, house: House) -> None:
    number = house.order(Case(key="", what="人行道的盲道被电动车占满了", steps=(ACCEPT,)))
    page = enter("2001", "/orders?list=accepted")
    page.get_by_role("link", name=number).wait_for()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("盲道被电动车")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 件", exact=True)).to_be_visible()
    page.locator("#content").focus()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=number)).to_be_focused()
    page.keyboard.press("Enter")
    case = page.get_by_role("region", name=number)
    case.get_by_role("button", name="派给单位").wait_for()
    page.locator("#content").focus()
    note = case.get_by_role("navigation", name="可以办理的操作").get_by_role("button").all_inner_texts()
    page.keyboard.press(str([label.strip() for label in note].index("添加备注") + 1))
    expect(page.get_by_label("内容", exact=True)).to_be_focused()
    page.keyboard.type("全程没有用鼠标")
    page.keyboard.press("Control+Enter")
    expect(case.get_by_text("全程没有用鼠标")).to_be_visible()
    page.keyboard.press("Escape")
    expect(case).to_be_hidden()


def test_several_orders_are_dispatched_at_once_each_with_a_result(enter: Enter, house: House) -> None:
    numbers = [
        house.order(Case(key="", what=f"河边第 {place} 处护栏断了", steps=(ACCEPT,))) for place in range(3)
    ]
    page = enter("2001", "/orders?list=accepted")
    for number in numbers:
        page.get_by_role("checkbox", name=f"选中工单 {number}").check()
    house.act(numbers[1], DISPATCHER, "派单", unit="health")
    page.get_by_role("button", name="批量派单").click()
    dialog = page.get_by_role("dialog", name="批量派单")
    choose_unit(page, "全部改派给", "生态环境", "株洲市生态环境局")
    dialog.get_by_role("button", name="填到每一张").click()
    dialog.get_by_role("button", name="派出 3 张").click()
    expect(dialog.get_by_role("status")).to_contain_text("2 张已派出，1 张没有成功", timeout=20_000)
    expect(dialog.get_by_role("row", name=numbers[1])).to_contain_text("不能派单")
    assert [house.status(number) for number in numbers] == ["已派单"] * 3


def test_what_a_unit_asks_for_is_decided_beside_its_reason(enter: Enter, house: House) -> None:
    number = house.numbers["return"]
    page = enter("2001", f"/orders/{number}?list=returns")
    case = page.get_by_role("region", name=number)
    expect(case).to_contain_text("路灯归城管部门管")
    case.get_by_role("button", name="驳回退单").click()
    page.get_by_label("原因").fill("已经和市城管局核实，这一段由贵单位负责")
    page.get_by_role("button", name="提交：驳回退单").click()
    expect(case.get_by_text("以前的申请和函件（1）")).to_be_visible()


def test_a_leader_reads_the_letter_and_approves_it(enter: Enter, house: House) -> None:
    number = house.numbers["letter"]
    page = enter("4001", f"/orders/{number}?list=letters")
    case = page.get_by_role("region", name=number)
    expect(case).to_contain_text("组织清运，恢复岸线")
    assert axe(page) == []
    screenshot(page, "letter")
    case.get_by_role("button", name="审定并交办").click()
    page.get_by_role("button", name="提交：审定并交办").click()
    expect(case.get_by_text("已派单", exact=True).first).to_be_visible()


def test_a_unit_sees_its_own_orders_and_its_answer_is_looked_at(enter: Enter, house: House) -> None:
    number = house.order(
        Case(
            key="",
            what="加油站旁边的空地有人烧垃圾",
            steps=(ACCEPT,),
        )
    )
    house.act(number, DISPATCHER, "派单", unit="ecology")
    page = enter("5001", f"/orders/{number}")
    case = page.get_by_role("region", name=number)
    case.get_by_role("button", name="签收工单").click()
    page.get_by_role("button", name="提交：签收工单").click()
    case.get_by_role("button", name="提交答复").click()
    page.get_by_label("答复内容").fill("收到，我们会尽快处理，感谢您的支持。")
    page.get_by_role("button", name="提交：提交答复").click()
    expect(case.get_by_role("alert")).to_contain_text("答复还不能提交")
    expect(page.get_by_label("答复内容")).to_have_value("收到，我们会尽快处理，感谢您的支持。")


def test_the_same_case_twice_is_shown_side_by_side(enter: Enter, house: House) -> None:
    page = enter("2001", f"/orders/{house.numbers['noise3']}")
    case = page.get_by_role("region", name=house.numbers["noise3"])
    pairs = case.get_by_role("button", name="不是同一件事")
    pairs.first.wait_for()
    before = pairs.count()
    pairs.first.click()
    expect(pairs).to_have_count(before - 1)


def test_a_filter_that_was_kept_is_at_every_desk_until_it_is_deleted(enter: Enter) -> None:
    page = enter("2002", "/orders?list=all")
    page.get_by_role("button", name="筛选").click()
    page.get_by_role("combobox", name="类型").press("Enter")
    page.get_by_role("option", name="表扬").click()
    expect(page).to_have_url(re.compile("nature="))
    expect(page.get_by_text("1 件", exact=True)).to_be_visible()
    page.get_by_role("button", name="保存筛选").click()
    page.get_by_role("textbox", name="给这组筛选起个名字").fill("表扬件")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="表扬件")).to_have_attribute("aria-current", "page")

    other_desk, colleague = enter("2002", "/orders?list=all"), enter("2001", "/orders?list=all")
    other_desk.get_by_role("link", name="表扬件").click()
    expect(other_desk.get_by_text("1 件", exact=True)).to_be_visible()
    expect(colleague.get_by_role("link", name="全部工单")).to_be_visible()
    expect(colleague.get_by_role("link", name="表扬件")).to_have_count(0)
    other_desk.get_by_role("button", name="修改名称").click()
    field = other_desk.get_by_role("textbox", name="给这组筛选起个名字")
    expect(field).to_have_value("表扬件")
    field.fill("本月表扬")
    other_desk.keyboard.press("Enter")
    page.reload()
    expect(page.get_by_role("link", name="本月表扬")).to_have_attribute("aria-current", "page")
    page.get_by_role("button", name="删除这组筛选").click()
    expect(page.get_by_role("link", name="本月表扬")).to_have_count(0)


def test_whoever_has_several_roles_acts_in_the_one_that_is_chosen(enter: Enter) -> None:
    page = enter("2002")
    page.get_by_role("button", name="督办", exact=True).click()
    expect(page.get_by_role("link", name="督办看板")).to_be_visible()
    page.get_by_role("button", name="坐席", exact=True).click()
    expect(page.get_by_role("link", name="督办看板")).to_have_count(0)


def test_somebody_whose_session_was_ended_logs_in_and_goes_on(enter: Enter, house: House) -> None:
    number = house.order(Case(key="", steps=(ACCEPT,)))
    page = enter("2001", f"/orders/{number}")
    page.get_by_role("button", name="添加备注").click()
    page.get_by_label("内容", exact=True).fill("写到一半")
    page.context.clear_cookies()
    page.get_by_role("button", name="提交：添加备注").click()
    expect(page.get_by_role("alert")).to_contain_text("登录已经过期")
    log_in(page, "2001")
    expect(page.get_by_label("内容", exact=True)).to_have_value("写到一半")


def test_after_an_upgrade_one_is_told_to_reload_and_keeps_what_was_typed(enter: Enter, house: House) -> None:
    number = house.order(Case(key="", steps=(ACCEPT,)))
    page = enter("2001", f"/orders/{number}")
    page.get_by_role("button", name="添加备注").click()
    page.get_by_label("内容", exact=True).fill("升级前写的")
    page.route("**/assets/HotPage*", lambda route: route.fulfill(status=404))
    page.get_by_role("link", name="热点问题").click()
    told = page.get_by_role("alert").filter(has_text="系统刚刚升级了")
    expect(told).to_be_visible()
    expect(page.get_by_label("内容", exact=True)).to_have_value("升级前写的")
    page.unroute("**/assets/HotPage*")
    told.get_by_role("button", name="重新加载").click()
    expect(page.get_by_role("heading", name="热点问题")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("内容", exact=True)).to_have_value("升级前写的")


def test_a_trainee_sees_all_work_and_nothing_that_could_be_pressed_acts(enter: Enter, house: House) -> None:
    number = house.numbers["return"]
    before = house.do(house.app.state.order_lists.page(number, DISPATCHER))["version"]
    page = enter("7001", f"/orders/{number}?list=all")
    case = page.get_by_role("region", name=number)
    expect(case).to_contain_text("路灯归城管部门管")
    expect(case).to_contain_text("您在跟班学习，可以查看，不能办理。")
    acting = re.compile("受理|派|退|答复|备注|督办|添加|查看.*原文|并入|不是同一件事")
    expect(case.get_by_role("button", name=acting)).to_have_count(0)
    page.locator("#content").focus()
    for key in "123456789x":
        page.keyboard.press(key)
    expect(page.get_by_role("button", name=re.compile("^提交"))).to_have_count(0)
    expect(page.get_by_role("checkbox")).to_have_count(0)
    for link, heading in (("督办看板", "督办看板"), ("热点问题", "热点问题"), ("督办中", "督办中")):
        page.get_by_role("link", name=link).click()
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        expect(page.get_by_role("alert").filter(has_text="没有加载出来")).to_have_count(0)
    token = page.evaluate("() => fetch('/console-api/session').then((one) => one.json())")["csrf"]
    for path in (
        f"orders/{number}/actions",
        f"orders/{number}/not-same",
        f"orders/{number}/attachments?client_id=a",
    ):
        answer = page.request.post(
            f"{house.url}/console-api/{path}",
            headers={"X-CSRF-Token": token, "Origin": house.url},
            data={"action": "备注", "fields": {"note": "学习"}, "other": number},
        )
        assert (answer.status, answer.json()["error"]["code"]) == (403, "forbidden")
    assert house.do(house.app.state.order_lists.page(number, DISPATCHER))["version"] == before


def test_a_unit_prints_its_case_without_the_reporter_and_finds_no_other_units(
    enter: Enter, house: House
) -> None:
    number = house.order(
        Case(key="", what="厂里夜里偷排，我叫王某，电话 13800138000", confidential=True, steps=(ACCEPT,))
    )
    house.act(number, DISPATCHER, "派单", unit="ecology")
    page = enter("5001", f"/orders/{number}")
    page.evaluate("() => { window.print = () => { window.printed = true } }")
    page.get_by_role("button", name="打印办理单").click()
    assert page.evaluate("() => window.printed")
    page.emulate_media(media="print")
    paper = page.locator(".case-paper")
    expect(paper).to_contain_text("工单办理单")
    expect(paper.get_by_role("row", name="反映人").first).to_contain_text("（保密）")
    expect(page.locator("#app")).to_be_hidden()
    for secret in ("王某", "王*", "8000"):
        assert secret not in paper.inner_text()
    pages = page.pdf(prefer_css_page_size=True)
    assert re.search(rb"/MediaBox \[0 0 59[45][^]]* 84[12]", pages)
    page.emulate_media(media="screen")
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    expect(paper).to_have_count(0)

    other = house.order(Case(key="", steps=(ACCEPT,)))
    house.act(other, DISPATCHER, "派单", unit="health")
    page.goto(f"{house.url}/console/orders/{other}?list=all")
    case = page.get_by_role("region", name=other)
    expect(case.get_by_text("没有查到这张工单")).to_be_visible()
    assert axe(page) == []
    case.get_by_role("button", name="返回列表").click()
    expect(page).to_have_url(re.compile(r"/orders\?list=all$"))


def test_a_unit_adds_a_photograph_of_the_repair(enter: Enter, house: House) -> None:
    number = house.order(Case(key="", steps=(ACCEPT,)))
    house.act(number, DISPATCHER, "派单", unit="ecology")
    page = enter("5001", f"/orders/{number}")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="添加照片").click()
    picture = {"name": "修好了.jpg", "mimeType": "image/jpeg", "buffer": _photograph()}
    chooser.value.set_files([picture])
    expect(page.get_by_role("button", name="第 1 张照片，共 1 张")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="添加照片").click()
    chooser.value.set_files([{"name": "说明.jpg", "mimeType": "image/jpeg", "buffer": b"not a picture"}])
    expect(page.get_by_role("region", name=number).get_by_role("alert")).to_contain_text("照片")


def test_a_call_is_taken_down_beside_what_the_number_brought_before_and_the_caller_is_told(
    enter: Enter, house: House
) -> None:
    before = house.order(Case(key="", what="楼顶漏水，反映过一次"))
    page = enter("1024", "/take-down")
    page.get_by_role("radio", name="投诉").check()
    page.get_by_role("textbox", name="反映的内容").fill("楼顶漏水三个月了，物业一直没有来修")
    page.get_by_role("textbox", name="联系电话").fill("138 0013 8000")
    beside = page.get_by_role("complementary")
    expect(beside.get_by_role("link", name=before)).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="请填写地点")).to_be_visible()
    beside.get_by_role("link", name=before).click()
    page.get_by_role("region", name=before).wait_for()
    page.go_back()
    expect(page.get_by_role("textbox", name="反映的内容")).to_have_value("楼顶漏水三个月了，物业一直没有来修")
    page.get_by_role("textbox", name="地点").fill("芦淞区某小区 3 栋")
    assert axe(page) == []
    screenshot(page, "take-down")
    page.keyboard.press("Control+Enter")
    told = page.get_by_role("status").filter(has_text="工单已登记")
    expect(told).to_contain_text("查询码")
    expect(page.get_by_role("heading", name="工单已登记")).to_be_focused()
    number = re.search(r"\d{8}-\d{5}", told.inner_text())
    assert number is not None
    assert house.status(number[0]) == "待受理"

    house.act(number[0], AGENT, "受理", topic="0701")
    page.get_by_role("link", name="待电话告知").click()
    row = page.get_by_role("row").filter(has_text=number[0])
    expect(row).to_contain_text("受理")
    assert axe(page) == []
    screenshot(page, "calls")
    row.get_by_role("button", name="登记已告知").click()
    expect(page.get_by_role("row").filter(has_text=number[0])).to_have_count(0)


def choose_unit(page: Page, label: str, typed: str, name: str) -> None:
    """Choose a unit by a few characters of its name."""
    picker = page.get_by_role("combobox", name=label, exact=True)
    picker.click()
    picker.fill(typed)
    page.get_by_role("option", name=name).first.click()
