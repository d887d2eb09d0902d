"""The input channel through which the hotline service, and nobody else, talks to Rasa.

A message id is worked on once: while it is under way, a repeated call waits for the same answer; when it is stored,
the stored replies are given again. What was understood comes back with the replies.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.events import UserUttered
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from components import action_endpoint
from components.tracker_store import HotlineTrackerStore

logger = logging.getLogger(__name__)

_KEPT_ANSWERS = 4096
Answer = dict[str, Any]


class HubOutput(CollectingOutputChannel):
    """Keeps each of the bot's messages whole: text, buttons and custom fields are one reply."""

    @classmethod
    def name(cls) -> str:
        """The channel's name."""
        return "hub"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one reply."""
        self.messages.append(reply_of(message.get("text"), message))


def reply_of(text: str | None, data: dict[str, Any]) -> Answer:
    """One reply out of what an action or a response said."""
    reply: Answer = dict(data.get("custom") or {})
    reply["text"] = text or reply.get("text") or ""
    if data.get("buttons"):
        reply["buttons"] = data["buttons"]
    return reply


def evidence_of(message: dict[str, Any] | None, replies: list[Answer]) -> Answer:
    """What was understood of a message, in the words of the service's evidence."""
    data = message or {}
    intent = data.get("intent") or {}
    name = intent.get("name")
    ranking = [item for item in data.get("intent_ranking") or [] if item.get("name") != "nlu_fallback"]
    best = ranking[0] if name == "nlu_fallback" and ranking else intent
    understood: dict[str, Any] = next((r["evidence"] for r in replies if r.get("evidence")), {})
    return {
        "intent": best.get("name"),
        "confidence": round(float(best.get("confidence") or 0.0), 4),
        # Not the classifier's doubt counts, but whether the dialogue knew what to do: a form takes any words.
        "fallback": bool(understood.get("fallback")),
        "entities": [
            {
                "entity": item.get("entity"),
                "value": item.get("value"),
                "text": (data.get("text") or "")[item.get("start") or 0 : item.get("end") or 0],
            }
            for item in data.get("entities") or []
        ],
        "matter": understood.get("matter"),
        "candidates": understood.get("candidates") or [],
        "aspect": understood.get("aspect"),
        "handoff": next((r["handoff"] for r in replies if r.get("handoff")), None),
        "work_order": next((r["work_order"] for r in replies if r.get("work_order")), None),
    }


class HubInput(InputChannel):
    """See the module's words. The shared secret is ``HOTLINE_INTERNAL_TOKEN``."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._under_way: dict[str, asyncio.Task[Answer]] = {}
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        #: Senders whose every message since this process began went through it.
        self._met: set[str] = set()

    @classmethod
    def name(cls) -> str:
        """The channel's name, and the path under ``/webhooks/``."""
        return "hub"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> HubInput:
        """Made by Rasa from credentials.yml, which names no secret."""
        return cls(os.environ.get("HOTLINE_INTERNAL_TOKEN", ""))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The channel's two routes."""
        hub = Blueprint("hub_channel", "hub_channel")

        @hub.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            if not self._knows(request):
                return response.json({"error": "unauthorized"}, status=401)
            agent = request.app.ctx.agent
            loaded = agent is not None and agent.is_ready()
            return response.json({"ready": loaded}, status=200 if loaded else 503)

        @hub.post("/messages")
        async def messages(request: Request) -> HTTPResponse:
            if not self._knows(request):
                return response.json({"error": "unauthorized"}, status=401)
            body = request.json or {}
            message_id, sender = str(body["message_id"]), str(body["sender"])
            task = self._under_way.get(message_id)
            if task is None:
                agent = request.app.ctx.agent
                action_endpoint.install(agent)
                store = self._store(agent.tracker_store)
                work = self._answer(on_new_message, store, message_id, sender, body)
                task = asyncio.create_task(work)
                self._under_way[message_id] = task
                task.add_done_callback(lambda _: self._under_way.pop(message_id, None))
            # A caller that goes away must not break the turn off in the middle.
            return response.json(await asyncio.shield(task))

        return hub

    def _knows(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").encode()
        return bool(self._token) and hmac.compare_digest(given, f"Bearer {self._token}".encode())

    @staticmethod
    def _store(store: Any) -> HotlineTrackerStore | None:
        inner = store._tracker_store if isinstance(store, FailSafeTrackerStore) else store
        return inner if isinstance(inner, HotlineTrackerStore) else None

    async def _answer(
        self,
        on_new_message: Callable[[UserMessage], Awaitable[Any]],
        store: HotlineTrackerStore | None,
        message_id: str,
        sender: str,
        body: dict[str, Any],
    ) -> Answer:
        known = self._answers.get(message_id) or await self._stored(store, message_id, sender)
        if known is not None:
            return known
        # A typed "/" is never a command; those come only from the service's own buttons.
        command = body.get("command")
        text = command or str(body.get("text", ""))
        if not command and text.lstrip().startswith("/"):
            text = "／" + text.lstrip()[1:]
        output = HubOutput()
        message = UserMessage(
            text=text,
            output_channel=output,
            sender_id=sender,
            input_channel=self.name(),
            message_id=message_id,
        )
        await on_new_message(message)
        latest, form = store.latest(sender) if store else (None, {})
        understood = latest.as_dict()["parse_data"] if isinstance(latest, UserUttered) else None
        evidence = {**evidence_of(understood, output.messages), **form}
        answer = {"replies": output.messages, "evidence": evidence}
        self._answers[message_id] = answer
        if len(self._answers) > _KEPT_ANSWERS:
            self._answers.popitem(last=False)
            self._met.clear()
        self._met.add(sender)
        return answer

    async def _stored(self, store: HotlineTrackerStore | None, message_id: str, sender: str) -> Answer | None:
        """The answer that an earlier process of Rasa stored for this message id."""
        if store is None or sender in self._met:
            return None
        events = await store.events_of_message(sender, message_id)
        if not events:
            return None
        replies = [reply_of(e.get("text"), e.get("data") or {}) for e in events if e.get("event") == "bot"]
        understood = evidence_of(events[0].get("parse_data"), replies)
        return {"replies": replies, "evidence": {**understood, **await store.open_form(sender)}}
