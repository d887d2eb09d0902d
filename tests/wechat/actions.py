"""The real actions behind the conversations, without Rasa: what Rasa would understand is plain here."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from hotline.conversations.engine import EngineAnswer, Turn
from tests.channels.conftest import TOKEN

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / "rasa" / "bin" / "python"
_COMMAND = re.compile(r"/(\w+)(\{.*\})?$")
#: What has been said in the form when it is sent.
FORM = {
    "order_draft": None,
    "order_nature": "投诉",
    "order_what": "小区楼下工地夜里十二点还在施工",
    "order_where": "天元区泰山路某小区",
    "order_contact": "13800138000",
    "order_name": "王建国",
    "order_outcome": "submitted",
}


class Actions:
    """Runs one action a turn; in the place of a dialogue engine."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def answer(self, turn: Turn) -> EngineAnswer:
        """See :class:`hotline.conversations.engine.Engine`."""
        command = _COMMAND.match(turn.command or "")
        intent = command[1] if command else "track_order"
        entities = json.loads(command[2] or "{}") if command else {}
        slots = FORM | {"order_draft": turn.message_id} if turn.text == "确认提交" else {}
        action = "action_finish_order" if slots else f"action_{intent}"
        tracker = {
            "sender_id": str(turn.conversation_id),
            "slots": slots,
            "latest_message": {
                "text": turn.command or turn.text,
                "intent": {"name": intent, "confidence": 1.0},
                "entities": [{"entity": name, "value": value} for name, value in entities.items()],
                "message_id": turn.message_id,
            },
            "events": [],
            "paused": False,
            "active_loop": {},
        }
        body = {
            "next_action": action,
            "sender_id": str(turn.conversation_id),
            "tracker": tracker,
            "domain": {},
        }
        response = await self._client.post("/webhook", json=body)
        response.raise_for_status()
        said = response.json()["responses"]
        return EngineAnswer(
            [{"text": one["text"], "buttons": one["buttons"]} | (one["custom"] or {}) for one in said],
            {"intent": intent},
        )

    async def ready(self) -> bool:
        """See :class:`hotline.conversations.engine.Engine`."""
        return True


@asynccontextmanager
async def acting(service_url: str) -> AsyncIterator[Actions]:
    """The action server, as it is run in earnest."""
    if not PYTHON.exists():
        pytest.skip("needs the environment of Rasa (make setup)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        PYTHON,
        *("-m", "rasa_sdk", "--actions", "actions", "-p", str(port)),
        cwd=ROOT,
        env=os.environ | {"HOTLINE_URL": service_url, "HOTLINE_INTERNAL_TOKEN": TOKEN},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as client:
            async with asyncio.timeout(60):
                while not await _is_up(client):
                    assert process.returncode is None, "the action server did not start"
                    await asyncio.sleep(0.1)
            yield Actions(client)
    finally:
        process.terminate()
        await process.wait()


async def _is_up(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health")).status_code == 200
    except httpx.HTTPError:
        return False
