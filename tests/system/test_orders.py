"""An order's whole life through the running hotline: the chat, the worker, the desk and the units."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.running import Running
from tests.work_orders.conftest import ANSWER

DISPATCHER = {"role": "派单员", "actor": "2001"}
AGENT = {"role": "坐席", "actor": "1024"}
SUPERVISOR = {"role": "督办", "actor": "3001"}


class Citizen:
    """Talks in one conversation, as the widget does."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False)
        started = self._client.post("/api/conversations", json={}).json()
        self._client.headers["Authorization"] = f"Bearer {started['token']}"
        self.messages: list[dict[str, Any]] = started["messages"]

    def say(self, words: str) -> list[dict[str, Any]]:
        """Say something; the answers to it."""
        return self._send({"text": words})

    def press(self, title: str) -> list[dict[str, Any]]:
        """Press the newest button with this title; the answers to it."""
        for message in reversed(self.messages):
            for place, button in enumerate(message["buttons"]):
                if button["title"] == title:
                    return self._send({"press": {"message": message["id"], "button": place}})
        raise LookupError(title)

    def wait_for(self, words: str, seconds: float = 30) -> dict[str, Any]:
        """The first message with ``words``, now or when it comes."""
        return self._until(lambda message: words in message["text"], seconds)

    def _send(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        given = body | {"client_id": uuid.uuid4().hex}
        response = self._client.post("/api/conversations/current/messages", json=given)
        assert response.status_code == 202, response.text
        seq = response.json()["message"]["id"]
        self._until(lambda message: message["reply_to"] == seq, 60)
        return [message for message in self.messages if message["reply_to"] == seq]

    def _until(self, wanted: Callable[[dict[str, Any]], bool], seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while True:
            found = next((message for message in self.messages if wanted(message)), None)
            if found is not None:
                return found
            assert time.monotonic() < deadline, [message["text"] for message in self.messages]
            asked = {"after": self.messages[-1]["id"], "wait": 5}
            answer = self._client.get("/api/conversations/current/messages", params=asked).json()
            self.messages += answer["messages"]


class Office:
    """Acts on orders through the internal API."""

    def __init__(self, hotline: Running) -> None:
        token = (hotline.var / "secrets" / "internal_token").read_text(encoding="ascii")
        self._client = httpx.Client(
            base_url=f"{hotline.url}/internal",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
            trust_env=False,
        )

    def see(self, number: str, actor: dict[str, str] = DISPATCHER) -> dict[str, Any]:
        """The case."""
        response = self._client.get(f"/orders/{number}", params=actor)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    def photo(self, number: str, attachment: str, actor: dict[str, str] = DISPATCHER) -> bytes:
        """A photograph of the case."""
        response = self._client.get(f"/orders/{number}/attachments/{attachment}", params=actor)
        assert response.status_code == 200, response.text
        return response.content

    def do(self, number: str, actor: dict[str, str], action: str, **fields: Any) -> dict[str, Any]:
        """One step; the case after it."""
        body = {"action": action, "fields": fields, "request": uuid.uuid4().hex}
        response = self._client.post(f"/orders/{number}/actions", params=actor, json=body)
        assert response.status_code == 200, response.text
        done: dict[str, Any] = response.json()
        return done

    def triaged(self, number: str) -> dict[str, Any]:
        """The case, after the worker has looked at it."""
        deadline = time.monotonic() + 90
        while True:
            order = self.see(number)
            if order["proposal"]:
                return order
            assert time.monotonic() < deadline, order
            time.sleep(0.2)


@pytest.fixture
def office(hotline: Running) -> Office:
    """The office of the running hotline."""
    return Office(hotline)


@pytest.fixture
def citizen(hotline: Running) -> Citizen:
    """A new citizen."""
    return Citizen(hotline.url)


def complain(citizen: Citizen, what: str, where: str) -> str:
    """Hand a complaint in; its number."""
    return hand_in(citizen, what, where)["工单号"]


def hand_in(citizen: Citizen, what: str, where: str) -> dict[str, str]:
    """Hand a complaint in; what the receipt says."""
    for words in (what, where, "最近几天", "匿名", "确认提交"):
        said = citizen.say(words)
    card = said[-1]["card"]
    assert (card or {}).get("kind") == "receipt", [message["text"] for message in citizen.messages]
    return {i["label"]: i["text"] for i in card["sections"][0]["items"]}


def to_a_unit(office: Office, number: str) -> dict[str, str]:
    """See that the order is with a unit, by the system or by hand; somebody of that unit."""
    order = office.triaged(number)
    if order["status"] == "待受理":
        order = office.do(number, AGENT, "受理", topic=order["topic"])
    if order["status"] == "已受理":
        order = office.do(number, DISPATCHER, "派单", unit=order["proposal"]["units"][0]["unit"])
    assert order["status"] == "已派单"
    return {"role": "承办单位", "actor": "5001", "unit": order["lead_unit"]}


def test_a_complaint_is_dispatched_answered_redone_and_closed(
    hotline: Running, citizen: Citizen, office: Office
) -> None:
    receipt = hand_in(citizen, "楼下工地半夜还在施工打桩，吵得睡不着", "天元区泰山路街道某某工地")
    number = receipt["工单号"]
    neighbour = Citizen(hotline.url)
    neighbour.say("查进度")
    neighbour.say(number)
    assert "在这里告诉您" in neighbour.say(receipt["查询码"])[-1]["text"]
    unit = to_a_unit(office, number)
    assert unit["unit"] == "ecology"
    for told in (citizen, neighbour):
        told.wait_for(number)

    office.do(number, unit, "签收")
    office.do(number, unit, "挂起", question="请告诉我们是哪一栋楼下的工地？")
    asked = citizen.wait_for("哪一栋")
    assert [button["title"] for button in asked["buttons"]] == ["现在补充"]
    citizen.press("现在补充")
    assert "补充" in citizen.say("3 栋楼下，靠马路那一边")[-1]["text"]
    assert office.see(number)["status"] == "办理中"

    office.do(number, unit, "答复", answer=ANSWER)
    answer = citizen.wait_for("噪声污染防治法")
    assert [button["title"] for button in answer["buttons"]] == ["满意", "基本满意", "不满意"]
    citizen.press("不满意")
    assert "重办" in citizen.say("昨天晚上还在吵，根本没停")[-1]["text"]
    order = office.see(number)
    assert (order["status"], order["redone"]) == ("办理中", 1)

    office.do(number, unit, "答复", answer=ANSWER.replace("9 月 30 日晚", "今天晚上"))
    for told in (citizen, neighbour):
        told.wait_for("今天晚上")
    citizen.say("满意")
    order = office.see(number)
    assert (order["status"], order["rating"]) == ("已办结", "满意")
    neighbour.wait_for("已经办结")
    for told in (citizen, neighbour):
        assert "已办结" in told.say("查进度")[-1]["text"], "without number and code"


def test_callers_of_one_case_are_proposed_merged_and_all_answered(hotline: Running, office: Office) -> None:
    callers = [Citizen(hotline.url) for _ in range(3)]
    where = "荷塘区月塘街道石子头社区"
    says = (
        "小区的下水道堵了好几天，污水到处流没人管",
        "污水从下水道冒出来，路上都是臭水，没人来通",
        "下水道堵了，污水漫到楼道口",
    )
    numbers = [complain(caller, words, where) for caller, words in zip(callers, says, strict=True)]
    for number in numbers[1:]:
        order = office.triaged(number)
        assert numbers[0] in [other["number"] for other in order["likely_same"]], order
        assert order["status"] == "待受理", "a likely duplicate waits for a person"
        office.do(number, AGENT, "并案", target=numbers[0])
    unit = to_a_unit(office, numbers[0])
    office.do(numbers[0], unit, "签收")
    office.do(
        numbers[0],
        unit,
        "答复",
        answer="您好！感谢您反映污水外溢的问题。经现场核实，石子头社区的下水道堵塞属实，我单位已于今天上午疏通，污水已经清理干净。"
        "自今天起 3 个工作日内再安排一次复查，如果还有外溢，请拨打 12345 告诉我们。主办单位，2026 年 11 月。",
    )
    if office.see(numbers[0])["status"] == "已答复":
        office.do(numbers[0], AGENT, "发起回访")

    for caller in callers:
        assert "疏通" in caller.wait_for("疏通")["text"]
    callers[1].press("基本满意")
    assert office.see(numbers[1])["rating"] == "基本满意"


def test_a_unit_of_another_field_sees_nothing(citizen: Citizen, office: Office) -> None:
    number = complain(citizen, "路边的路灯坏了半个月，晚上黑漆漆的没人修", "天元区泰山路街道")
    to_a_unit(office, number)
    stranger = {"role": "承办单位", "actor": "5009", "unit": "medical_insurance"}

    response = office._client.get(f"/orders/{number}", params=stranger)

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"
