"""An action server that does next to nothing, so that Rasa itself is measured: ``uvicorn bench.quiet_actions:app``.

It answers every action of our domain with one sentence, opens the form when it is to be opened, and takes every answer.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_FIELDS = ("what", "where", "district", "when", "contact", "name", "confidential", "confirmed")
_SLOTS: dict[str, dict[str, Any]] = {
    "action_start_order": {"order_open": True},
    "action_affirm": {"order_open": False},
    "action_track_order": {"query_open": False},
    "action_urge_order": {"query_open": False},
    "action_withdraw_order": {"query_open": False},
    "action_finish_order": {"order_open": None} | {f"order_{field}": None for field in _FIELDS},
}


async def run(request: Request) -> Response:
    """One action."""
    call = json.loads(await request.body())
    name, tracker = call["next_action"], call["tracker"]
    slots = dict(_SLOTS.get(name, {}))
    responses = []
    if name.startswith("validate_"):
        asked = tracker["slots"].get("requested_slot")
        if asked:
            slots[asked] = tracker["latest_message"]["text"]
    else:
        responses.append({"text": f"好的（{name}）。"})
    events = [{"event": "slot", "name": key, "value": value} for key, value in slots.items()]
    return Response(
        json.dumps({"events": events, "responses": responses}), headers={"content-type": "application/json"}
    )


app = Starlette(routes=[Route("/webhook", run, methods=["POST"])])
