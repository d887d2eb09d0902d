"""Calls of the action server that cost no more than they must.

Rasa checks the *schema* of an action's answer anew at each call, which takes longer than all else in a turn (measured:
20 ms of 40), and it sends every event of the conversation each time. Ours is checked once, and the tail is sent.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

import jsonschema
import rasa
import rasa.core.actions.action
import rasa.core.actions.forms
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.utils.schemas.events import EVENT_SCHEMA

#: The newest events that an action gets, some four turns: ours read the slots, the newest message, and the one before it.
SENT_EVENTS = 30

#: What an event of each type must have. Asking Rasa's 23 alternatives in turn would take 1 ms an event.
_VALIDATORS = {
    alternative["properties"]["event"]["const"]: jsonschema.Draft7Validator(
        {
            "type": "object",
            "properties": EVENT_SCHEMA["properties"] | alternative["properties"],
            "required": EVENT_SCHEMA["required"] + alternative.get("required", []),
        }
    )
    for alternative in EVENT_SCHEMA["oneOf"]
}


class BoundedRemoteAction(RemoteAction):
    """An action of the action server. It gets the tracker as ever, with the newest events only."""

    def _action_call_format(self, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
        state = tracker.current_state(EventVerbosity.NONE)
        newest = islice(reversed(tracker.events), SENT_EVENTS)
        state["events"] = [event.as_dict() for event in newest][::-1]
        call = {
            "next_action": self._name,
            "sender_id": tracker.sender_id,
            "tracker": state,
            "version": rasa.__version__,
        }
        if not self._is_selective_domain_enabled() or domain.does_custom_action_explicitly_need_domain(
            self.name()
        ):
            call["domain"] = domain.as_dict()
        return call

    def _validate_action_result(self, result: dict[str, Any]) -> bool:
        """Whether the answer has Rasa's own form.

        Raises:
            jsonschema.ValidationError: it has not.
        """
        for key in ("events", "responses"):
            found = result.get(key, [])
            if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
                raise jsonschema.ValidationError(f"the action server's “{key}” is not a list of objects")
        for event in result.get("events", []):
            validator = _VALIDATORS.get(event.get("event"))
            if validator is None:
                raise jsonschema.ValidationError(f"the action server sent an unknown event: {event}")
            validator.validate(event)
        return True


def install() -> None:
    """Let Rasa make its remote actions of this class, in this process."""
    for module in (rasa.core.actions.action, rasa.core.actions.forms):
        module.RemoteAction = BoundedRemoteAction
