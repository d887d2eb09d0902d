"""What all actions share: they run beside the event loop, and always answer."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import texts
from actions.client import HotlineError

logger = logging.getLogger(__name__)


class HotlineAction(Action, ABC):
    """An action whose :meth:`act` may wait for the service, and whose failure the citizen is told of."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Run :meth:`act` in a thread: ``requests`` waits, and other conversations must not wait with it."""
        try:
            return await asyncio.to_thread(self.act, dispatcher, tracker)
        except HotlineError as error:
            logger.warning("%s: the hotline service said %s", self.name(), error.code)
            say(dispatcher, error.message or texts.FAILED, buttons=[texts.HUMAN_BUTTON])
        except Exception:
            logger.exception("%s failed", self.name())
            say(dispatcher, texts.FAILED, buttons=[texts.HUMAN_BUTTON])
        return self.after_failure()

    @abstractmethod
    def name(self) -> str:
        """The action's name in the domain."""

    @abstractmethod
    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """What the action does."""

    def after_failure(self) -> list[EventType]:
        """The events that keep the dialogue's rules going when :meth:`act` failed."""
        return []


def say(
    dispatcher: CollectingDispatcher,
    text: str,
    *,
    buttons: list[dict[str, Any]] | None = None,
    **fields: Any,
) -> None:
    """Say one reply; ``fields`` are what the service reads: card, source, can_rate, handoff, evidence …"""
    dispatcher.utter_message(
        text=text,
        buttons=[dict(button) for button in buttons or []],
        json_message={key: value for key, value in fields.items() if value is not None} or None,
    )


def message_id(tracker: Tracker) -> str:
    """The id of the citizen's newest message: stable when the turn is repeated."""
    return str(tracker.latest_message.get("message_id") or tracker.latest_message.get("text"))


def text_of(tracker: Tracker) -> str:
    """The citizen's newest words; empty for a pressed button's command."""
    text = str(tracker.latest_message.get("text") or "")
    return "" if text.startswith("/") else text


def entity(tracker: Tracker, name: str) -> str | None:
    """The first value of an entity in the newest message."""
    found = next(tracker.get_latest_entity_values(name), None)
    return None if found is None else str(found)


def is_command(tracker: Tracker) -> bool:
    """Whether the newest message is a pressed button."""
    return str(tracker.latest_message.get("text") or "").startswith("/")


def intent_of(tracker: Tracker) -> str:
    """The newest message's intent."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def confidence_of(tracker: Tracker) -> float:
    """The confidence of the newest message's intent."""
    return float((tracker.latest_message.get("intent") or {}).get("confidence") or 0.0)
