"""``hotline ask`` and ``hotline chat``: try many questions, or whole conversations, on a running hotline."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, TextIO

import typer

from hotline.commands.client import Service, ServiceError

Url = Annotated[str | None, typer.Option("--url", help="热线的地址，默认是本机正在运行的那个。")]
_Line = dict[str, Any]


class BadLine(Exception):
    """A line of input that cannot be used; the message says why."""


def ask(url: Url = None) -> None:
    """一行一问：从标准输入读 {"id","text"}，每问一次新对话，把回答写到标准输出。"""
    service = Service(url)
    _each_line(lambda line: _ask(service, line))


def chat(url: Url = None) -> None:
    """一行一段对话：从标准输入读 {"id","turns":[{"user"}]}，把每一轮的回答写到标准输出。"""
    service = Service(url)
    _each_line(lambda line: _chat(service, line))


def _ask(service: Service, line: _Line) -> _Line:
    text = line.get("text")
    if not isinstance(text, str) or not text.strip():
        raise BadLine("缺少 text，或 text 不是文字")
    return {"id": line.get("id"), **turn_of(service.converse(text))}


def _chat(service: Service, line: _Line) -> _Line:
    turns = line.get("turns")
    if not isinstance(turns, list) or not turns:
        raise BadLine("缺少 turns，或 turns 是空的")
    conversation: str | None = None
    answers = []
    order = None
    for number, turn in enumerate(turns, 1):
        words = turn.get("user") if isinstance(turn, dict) else None
        if not isinstance(words, str) or not words.strip():
            raise BadLine(f"第 {number} 轮缺少 user，或 user 不是文字")
        said = service.converse(words, conversation)
        conversation = said["conversation"]
        order = said["evidence"].get("work_order") or order
        answers.append({"user": words, **turn_of(said), "mode": said["mode"], "work_order": order})
    return {"id": line.get("id"), "turns": answers}


def turn_of(said: _Line) -> _Line:
    """What ``hotline ask`` prints of one answer."""
    evidence = said["evidence"]
    return {
        "intent": evidence.get("intent"),
        "confidence": evidence.get("confidence", 0.0),
        "fallback": evidence.get("fallback", False),
        "entities": evidence.get("entities", []),
        "matter": evidence.get("matter"),
        "candidates": evidence.get("candidates", []),
        "aspect": evidence.get("aspect"),
        "replies": said["replies"],
        "handoff": evidence.get("handoff"),
        "milliseconds": said["milliseconds"],
    }


def _each_line(work: Callable[[_Line], _Line], source: TextIO | None = None) -> None:
    """Run ``work`` on each line of JSON, four at a time, and write the results in the order of the lines."""
    done = failed = 0
    with ThreadPoolExecutor(4) as pool:
        lines = _numbered(source or sys.stdin)
        for result in pool.map(lambda item: _safely(work, *item), lines):
            print(json.dumps(result, ensure_ascii=False), flush=True)
            done += 1
            failed += "error" in result
            print(f"\r已完成 {done} 行，其中出错 {failed} 行", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def _numbered(source: TextIO) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source, 1):
        if line.strip():
            yield number, line


def _safely(work: Callable[[_Line], _Line], number: int, text: str) -> _Line:
    given: Any = None
    try:
        given = json.loads(text)
        if not isinstance(given, dict):
            raise BadLine("这一行不是 JSON 对象")
        return work(given)
    except json.JSONDecodeError as error:
        problem = f"这一行不是合法的 JSON：{error.msg}（第 {error.colno} 个字符）"
    except (BadLine, ServiceError) as error:
        problem = str(error)
    return {"line": number, "id": given.get("id") if isinstance(given, dict) else None, "error": problem}
