"""Every way an order leaves the service: numbers masked, names cut, and who must stay hidden is hidden."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from hotline.conversations.service import Conversations
from hotline.database import Database
from hotline.work_orders.deliveries import Deliveries
from hotline.work_orders.masking import CONTENT_HIDDEN, CONTENT_NOTE, HIDDEN
from hotline.work_orders.models import WorkOrder, WorkOrderDelivery, WorkOrderLetter
from hotline.work_orders.service import CITIZEN, WorkOrders
from tests.privacy.conftest import CARD, ID, NAME, PHONE, Act, params
from tests.work_orders.conftest import AGENT, ANSWER, DISPATCHER, HELPER, LEADER, SUPERVISOR, UNIT, Do, draft

OFFICE = (AGENT, DISPATCHER, SUPERVISOR, LEADER)
WHAT = (
    f"我叫{NAME}，身份证{ID}，卡号{CARD}，电话 138 0013 8000。厂里王老板夜里偷排废水，欧阳先生我亲眼看见，"
    "微信ouyang2020，尾号8000"
)
#: Nobody sees these of any order.
CLEAR = (PHONE, "138 0013 8000", ID, CARD, NAME, "欧阳 建国", "建国")
#: A unit does not see these either, where the reporter stays hidden.
TRACES = ("欧阳", "138****8000", "1101", "6222", "8000", "ouyang2020")


def found_in(text: str, words: tuple[str, ...]) -> list[str]:
    return [word for word in words if word in text]


async def walked(
    orders: WorkOrders, client: httpx.AsyncClient, act: Act, do: Do, **others: Any
) -> tuple[WorkOrder, dict[str, list[str]]]:
    """An order that goes through all hands with the reporter's data in every field; what each hand was shown."""
    given = {
        "nature": "举报",
        "what": WHAT,
        "where_text": f"天元区某厂，到了打{PHONE}找{NAME}",
        "when_text": f"昨晚，{NAME}在场",
        "name": NAME,
        "phone": PHONE,
    }
    order = await orders.do_create(draft(**(given | others)))
    number = order.number
    shown: dict[str, list[str]] = {"office": [], "unit": []}

    async def look() -> None:
        for actor in (*OFFICE, UNIT, HELPER):
            kind = "unit" if actor.unit else "office"
            for path, asked in (("/orders", {"everything": True}), (f"/orders/{number}", {})):
                response = await client.get(path, params=params(actor) | asked)
                if response.status_code == 200:
                    shown[kind].append(response.text)

    await look()
    shown["office"].append((await act(number, AGENT, "受理", topic="0701")).text)
    shown["office"].append(
        (
            await act(
                number,
                DISPATCHER,
                "提请会商交办",
                unit="ecology",
                assisting=[{"unit": "430211", "duty": f"找{NAME}了解（{PHONE}）"}],
                reason=f"{NAME}反映，电话{PHONE}，两家一起办",
            )
        ).text
    )
    await act(number, LEADER, "审定")
    shown["unit"].append((await act(number, UNIT, "签收")).text)
    await act(number, UNIT, "申请延期", reason=f"{NAME}没有说清", days=2)
    await act(number, DISPATCHER, "驳回延期", reason=f"请打{PHONE}问{NAME}")
    await act(number, UNIT, "挂起", question="请补充厂名")
    await do(order, CITIZEN, "补充", note=f"我是{NAME}，{PHONE}，厂名是某化工厂")
    await do(order, CITIZEN, "催办", note=f"{NAME}催，{PHONE}")
    shown["unit"].append((await act(number, HELPER, "会办意见", note=f"已经联系{NAME} {PHONE}")).text)
    await act(number, AGENT, "备注", note=f"{NAME}又来电 {PHONE}")
    await look()
    shown["unit"].append((await act(number, UNIT, "答复", answer=ANSWER)).text)
    if (await client.get(f"/orders/{number}", params=params(AGENT))).json()["status"] == "已答复":
        await act(number, AGENT, "发起回访")
    await do(order, CITIZEN, "评价", rating="不满意", reason=f"没有人打{PHONE}给{NAME}")
    await look()
    return order, shown


async def unit_papers(database: Database, order: WorkOrder) -> str:
    """What was written for the units: their inboxes and the letters."""
    async with database.transaction() as session:
        inbox = select(WorkOrderDelivery.text).where(
            WorkOrderDelivery.order_id == order.id, WorkOrderDelivery.unit.is_not(None)
        )
        letters = select(WorkOrderLetter.body).where(WorkOrderLetter.order_id == order.id)
        found = [*(await session.scalars(inbox)), *(await session.scalars(letters))]
    assert any("市民补充了情况" in text for text in found)
    assert any("办理函" in text for text in found)
    return "\n".join(found)


async def test_of_a_report_a_unit_sees_nothing_of_who_made_it(
    database: Database, client: httpx.AsyncClient, orders: WorkOrders, act: Act, do: Do
) -> None:
    order, shown = await walked(orders, client, act, do)
    assert order.confidential
    for text in shown["office"]:
        assert not found_in(text, CLEAR)
    assert len(shown["unit"]) > 6
    for text in [*shown["unit"], await unit_papers(database, order)]:
        assert not found_in(text, (*CLEAR, *TRACES))
        assert str(order.conversation_id) not in text
    page = json.loads(shown["unit"][-1])
    page = (await client.get(f"/orders/{order.number}", params=params(UNIT))).json()
    assert page["caller"] == {"name": HIDDEN, "phone": HIDDEN, "anonymous": False}
    assert "王老板夜里偷排废水" in page["what"], "what is reported stays readable"
    assert "某化工厂" in json.dumps(page, ensure_ascii=False)
    assert {"conversation", "letters", "deliveries", "likely_same", "proposal"}.isdisjoint(page)


async def test_of_any_order_numbers_are_masked_and_names_cut(
    database: Database, client: httpx.AsyncClient, orders: WorkOrders, act: Act, do: Do
) -> None:
    order, shown = await walked(orders, client, act, do, nature="投诉")
    for text in [*shown["office"], *shown["unit"], await unit_papers(database, order)]:
        assert not found_in(text, CLEAR)
    page = (await client.get(f"/orders/{order.number}", params=params(UNIT))).json()
    assert page["caller"] == {"name": "欧阳*", "phone": "138****8000", "anonymous": False}
    assert "我叫欧阳*，身份证1101**********002X" in page["what"]


async def test_who_stays_anonymous_is_not_betrayed_by_the_own_words(
    database: Database, client: httpx.AsyncClient, orders: WorkOrders, act: Act, do: Do
) -> None:
    order, shown = await walked(orders, client, act, do, nature="投诉", anonymous=True)
    assert order.name is None
    for text in [*shown["unit"], await unit_papers(database, order)]:
        assert not found_in(text, (*CLEAR, *TRACES))


async def test_content_that_is_confidential_is_seen_by_the_leading_unit_alone(
    client: httpx.AsyncClient, orders: WorkOrders, act: Act, do: Do
) -> None:
    order, _ = await walked(orders, client, act, do, content_confidential=True)
    lead = (await client.get(f"/orders/{order.number}", params=params(UNIT))).json()
    helper = (await client.get(f"/orders/{order.number}", params=params(HELPER))).json()
    assert lead["note"] == helper["note"] == CONTENT_NOTE
    assert "偷排废水" in lead["what"]
    assert (helper["what"], helper["where"], helper["when"]) == (CONTENT_HIDDEN, "", "")
    assert "某化工厂" not in json.dumps(helper, ensure_ascii=False), "nor what was added later"
    [line] = (await client.get("/orders", params=params(HELPER) | {"everything": True})).json()["orders"]
    assert line["what"] == CONTENT_HIDDEN
    letter = (await client.get(f"/orders/{order.number}", params=params(DISPATCHER))).json()["letters"][0]
    assert "偷排废水" not in letter["body"]


@pytest.mark.parametrize("words", [NAME, PHONE, "138 0013 8000", "偷排废水", "欧阳"])
async def test_a_unit_cannot_find_out_by_searching(
    client: httpx.AsyncClient, orders: WorkOrders, act: Act, do: Do, words: str
) -> None:
    order, _ = await walked(orders, client, act, do)
    asked = {"everything": True, "words": words}
    assert (await client.get("/orders", params=params(UNIT) | asked)).json()["orders"] == []
    assert len((await client.get("/orders", params=params(AGENT) | asked)).json()["orders"]) == 1
    by_number = {"everything": True, "words": order.number}
    assert len((await client.get("/orders", params=params(UNIT) | by_number)).json()["orders"]) == 1


async def test_whoever_has_the_code_sees_no_name_and_no_number(
    client: httpx.AsyncClient, orders: WorkOrders, act: Act, do: Do
) -> None:
    order, _ = await walked(orders, client, act, do, nature="投诉")
    code = {"query_code": order.query_code}
    got = await client.post(f"/work-orders/{order.number}/lookup", json=code)
    assert got.status_code == 200
    assert not found_in(got.text, CLEAR)
    assert "补充" in got.text


async def test_an_offices_number_is_left_to_whoever_may_call_it(
    database: Database, client: httpx.AsyncClient, orders: WorkOrders, act: Act
) -> None:
    order = await orders.do_create(draft(conversation_id=None))
    answer = ANSWER.replace("拨打 12345", "拨打 0731-28681541")
    await act(order.number, AGENT, "受理", topic="0701")
    await act(order.number, DISPATCHER, "派单", unit="ecology")
    await act(order.number, UNIT, "签收")
    await act(order.number, UNIT, "答复", answer=answer)
    if (await client.get(f"/orders/{order.number}", params=params(AGENT))).json()["status"] == "已答复":
        await act(order.number, AGENT, "发起回访")
    calls = (await client.get("/orders/undelivered", params=params(AGENT))).json()
    lookup = await client.post(f"/work-orders/{order.number}/lookup", json={"query_code": order.query_code})
    page = await client.get(f"/orders/{order.number}", params=params(LEADER))
    assert "0731-28681541" in calls[-1]["text"]
    assert "0731-28681541" in lookup.json()["answer"]
    assert "0731-28681541" in page.json()["answer"]


async def test_a_landline_of_the_callers_own_is_masked_in_an_answer_too(
    client: httpx.AsyncClient, orders: WorkOrders, act: Act
) -> None:
    order = await orders.do_create(draft(phone="0731-2868154", what="楼下工地夜里施工，打2868154找我"))
    await act(order.number, AGENT, "受理", topic="0701")
    await act(order.number, AGENT, "备注", note="打过 0731 2868154")
    page = await client.get(f"/orders/{order.number}", params=params(AGENT))
    assert "2868154" not in page.text


def test_logs_show_no_numbers_however_deep() -> None:
    program = (
        "import logging, structlog; from hotline import logs; logs.configure(); log = structlog.get_logger();"
        f"log.info('got', text='{PHONE}', nested={{'a': ['{ID}', {{'b': '{CARD}'}}]}});"
        f"logging.getLogger('library').warning('refused %s', '{PHONE}');"
        f"\ntry:\n    raise ValueError('{PHONE}')\nexcept ValueError:\n    log.exception('failed')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "138****8000" in done.stdout
    assert done.stdout.count("138****8000") >= 3
    assert not found_in(done.stdout + done.stderr, (PHONE, ID, CARD))


async def test_a_failed_delivery_keeps_no_words_of_the_citizen_in_its_error(
    database: Database, orders: WorkOrders, conversations: Conversations, act: Act, client: httpx.AsyncClient
) -> None:
    order = await orders.do_create(draft(what=f"楼下工地夜里施工，电话{PHONE}"))
    await act(order.number, AGENT, "受理", topic="0701")
    await Deliveries(database, conversations).do_deliver()
    async with database.transaction() as session:
        errors = (await session.scalars(select(WorkOrderDelivery.error))).all()
    assert any(errors), "there is no such conversation"
    assert not any(PHONE in error for error in errors)
