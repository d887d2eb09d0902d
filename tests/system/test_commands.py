"""``hotline ask`` and ``hotline chat`` on a running hotline: how an editor tries a hundred questions."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.running import Running

HOTLINE = str(Path(sys.executable).parent / "hotline")


def run(hotline: Running, command: str, lines: list[str]) -> list[dict[str, Any]]:
    """Feed lines to a command, and read what it writes."""
    done = subprocess.run(
        [HOTLINE, command, "--url", hotline.url],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        env=hotline.environment,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "已完成" in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_ask_answers_each_line_in_order_and_goes_on_after_a_bad_one(hotline: Running) -> None:
    found = run(
        hotline,
        "ask",
        [
            '{"id": "a", "text": "孩子今年上小学要准备什么材料"}',
            "{not json",
            '{"id": "b"}',
            "[1]",
            '{"id": "c", "text": "屋里有股臭鸡蛋味"}',
            '{"id": "d", "text": "转人工"}',
            '{"id": "e", "text": "/restart"}',
        ],
    )
    assert [line.get("id") for line in found] == ["a", None, "b", None, "c", "d", "e"]
    matter = found[0]
    assert matter["intent"] == "ask_matter"
    assert 0 < matter["confidence"] <= 1
    assert matter["fallback"] is False
    assert matter["matter"]["title"] == "教育入学一件事"
    assert matter["aspect"] == "materials"
    assert matter["candidates"][0]["code"] == matter["matter"]["code"]
    assert "户口簿" in matter["replies"][0]["text"]
    assert "教育入学一件事" in matter["replies"][0]["source"]
    assert all({"title", "payload"} <= button.keys() for button in matter["replies"][0]["buttons"])
    assert matter["milliseconds"] > 0
    for line, number in ((found[1], 2), (found[2], 3), (found[3], 4)):
        assert line["line"] == number
        assert line["error"]
    assert found[4]["intent"] == "emergency"
    assert found[4]["handoff"] == "emergency"
    assert "119" in found[4]["replies"][0]["text"]
    assert found[5]["handoff"] == "queued"
    assert found[6]["replies"], "a typed command is answered like any words"


def test_chat_keeps_the_conversation_and_tells_mode_and_order(hotline: Running) -> None:
    turns = ["小区消防通道被车堵了没人管", "天元区泰山路街道", "今天", "匿名", "确认提交", "查进度", "转人工"]
    [talk] = run(
        hotline,
        "chat",
        [json.dumps({"id": 1, "turns": [{"user": words} for words in turns]}, ensure_ascii=False)],
    )
    assert talk["id"] == 1
    assert [turn["user"] for turn in talk["turns"]] == turns
    submitted = talk["turns"][4]
    assert submitted["handoff"] == "work_order"
    assert submitted["work_order"]["status"] == "待受理"
    assert submitted["work_order"]["number"] in submitted["replies"][0]["text"]
    assert submitted["work_order"]["number"] in talk["turns"][5]["replies"][0]["text"]
    assert [turn["mode"] for turn in talk["turns"]] == ["bot"] * 6 + ["queued"]


def test_an_address_where_nothing_runs_is_said_in_plain_words(hotline: Running) -> None:
    done = subprocess.run(
        [HOTLINE, "ask", "--url", "http://127.0.0.1:9"],
        input='{"id": 1, "text": "你好"}\n',
        capture_output=True,
        text=True,
        env=hotline.environment,
        timeout=60,
        check=False,
    )
    assert "连不上" in json.loads(done.stdout)["error"]
