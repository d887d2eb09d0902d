"""The dialogue engine behind one small interface."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx


class EngineUnavailable(Exception):
    """The engine did not answer: it is down, starting, or slow."""


@dataclass(frozen=True)
class Turn:
    """One citizen's message for the engine."""

    conversation_id: uuid.UUID
    #: Unique and stable: the same id again must not run anything twice.
    message_id: str
    text: str
    #: What a pressed button stands for, in the engine's words; None for typed text.
    command: str | None = None


@dataclass(frozen=True)
class EngineAnswer:
    """What the engine says to a turn, and what it understood."""

    #: ``{"text", "buttons", "card", "source", "can_rate", "handoff", …}`` each
    replies: list[dict[str, Any]]
    #: ``intent, confidence, fallback, entities, matter, candidates, aspect, handoff, work_order``
    evidence: dict[str, Any] = field(default_factory=dict)


class Engine(Protocol):
    """A dialogue engine."""

    async def answer(self, turn: Turn) -> EngineAnswer:
        """Answer one turn.

        Raises:
            EngineUnavailable: no answer was to be had; the turn may be tried again with the same id.
        """
        ...

    async def ready(self) -> bool:
        """Whether the engine answers now."""
        ...


class RasaEngine:
    """Rasa, reached through our own input channel ``components/hub_channel.py``."""

    def __init__(self, url: str, token: str, *, timeout: float) -> None:
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(timeout, connect=2.0),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=64),
            trust_env=False,
        )

    async def answer(self, turn: Turn) -> EngineAnswer:
        """Answer one turn; see :class:`Engine`."""
        body = {
            "message_id": turn.message_id,
            "sender": str(turn.conversation_id),
            "text": turn.text,
            "command": turn.command,
        }
        try:
            response = await self._client.post("/webhooks/hub/messages", json=body)
            response.raise_for_status()
            content = response.json()
            return EngineAnswer(replies=content["replies"], evidence=content["evidence"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise EngineUnavailable(f"{type(error).__name__}: {error}") from error

    async def ready(self) -> bool:
        """Whether Rasa has its model and its channel."""
        try:
            response = await self._client.get("/webhooks/hub/ready", timeout=2.0)
        except httpx.HTTPError:
            return False
        return response.status_code == 200

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()
