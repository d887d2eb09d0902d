"""What consoles see. Numbers of people are masked in everything; see docs/desk-protocol.md for the shapes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hotline.channels.wechat.delivery import Delivery, Stuck
from hotline.channels.wechat.models import WechatMessage
from hotline.conversations.elsewhere import WITHDRAWN as TAKEN_BACK
from hotline.conversations.models import Conversation, Message
from hotline.conversations.texts import QUEUE, WITHDRAWN
from hotline.database import now
from hotline.desk import texts
from hotline.desk.models import DeskAgent, DeskNote
from hotline.desk.presence import OfficeRules
from hotline.language.identifiers import mask, masked
from hotline.language.places import Gazetteer

_PREVIEW = 80
_FOR_A_PERSON = ("/human_agent", QUEUE)
#: Whose lines tell in a list what a conversation is about, by who has it.
_TELLING = {
    "bot": ("citizen", "bot", "agent"),
    "queued": ("citizen",),
    "human": ("citizen", "agent"),
}
_EVIDENCE = ("intent", "confidence", "fallback", "matter", "candidates", "aspect")


def stamp(at: datetime | None) -> str | None:
    """A time as the protocol has it."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def line(
    conversation: Conversation,
    lines: Sequence[Message],
    places: Gazetteer | None = None,
    *,
    undelivered: int = 0,
) -> dict[str, Any]:
    """A conversation in a list.

    Args:
        lines: its last lines, oldest first; of them come ``last``, ``area`` and ``matter``.
        places: recognises the area in what the citizen wrote; None: it is not looked for.
        undelivered: how many messages to the citizen's phone did not arrive.
    """
    queued = conversation.queued_at if conversation.mode == "queued" else None
    shown: dict[str, Any] = {
        "id": str(conversation.id),
        "channel": conversation.channel,
        "mode": conversation.mode,
        "agent": conversation.agent,
        "elsewhere": conversation.elsewhere,
        "team": conversation.team,
        "reason": conversation.queue_reason,
        "reason_text": texts.REASONS.get(conversation.queue_reason or "", conversation.queue_reason),
        "priority": conversation.priority,
        "queued_at": stamp(queued),
        "waiting_seconds": None if queued is None else max(0, int((now() - queued).total_seconds())),
        "claimed_at": stamp(conversation.claimed_at),
        "changed_at": stamp(conversation.changed_at),
        "last_id": conversation.last_seq,
        "demo": conversation.demo,
        "undelivered": undelivered,
    }
    shown |= last(conversation, lines)
    if places is not None:
        said = [item for item in lines if item.author == "citizen"]
        shown["area"] = _area(said, places)
        shown["matter"] = next((m for item in reversed(said) if (m := _matter(item))), None)
    return shown


def last(conversation: Conversation, lines: Sequence[Message]) -> dict[str, Any]:
    """What a list shows of the newest of some lines; nothing when none of them tells what it is about.

    Of one that waits that is what the citizen said, of one with an agent what the two say, best of all something else
    than the wish for a person.
    """
    telling = [item for item in lines if item.author in _TELLING[conversation.mode]]
    if conversation.mode != "bot":
        telling = [item for item in telling if not _asks_for_a_person(item)] or telling
    if not telling:
        return {}
    newest = telling[-1]
    text = WITHDRAWN if newest.content.get(TAKEN_BACK) else mask(newest.text)[:_PREVIEW]
    at = stamp(newest.created_at)
    return {"last": {"id": newest.seq, "author": newest.author, "text": text, "at": at}}


def _asks_for_a_person(item: Message) -> bool:
    if item.command is not None:
        return item.command.startswith(_FOR_A_PERSON)
    return (item.evidence or {}).get("intent") == "human_agent"


def _area(said: Sequence[Message], places: Gazetteer) -> dict[str, str] | None:
    found = places.resolve("，".join(item.text for item in said))
    if found is None or found.district_code is None or found.district is None:
        return None
    return {"code": found.district_code, "name": found.district}


def _matter(message: Message) -> dict[str, Any] | None:
    found = (message.evidence or {}).get("matter")
    return found if isinstance(found, dict) else None


def message(item: Message) -> dict[str, Any]:
    """One line of a transcript."""
    content = item.content
    evidence = item.evidence
    return {
        "id": item.seq,
        "author": item.author,
        "agent": item.agent,
        "text": WITHDRAWN if content.get(TAKEN_BACK) else mask(item.text),
        "at": stamp(item.created_at),
        "client_id": item.client_id if item.author == "agent" else None,
        "reply_to": item.reply_to,
        "buttons": [button["title"] for button in content.get("buttons", [])],
        "card": masked(content["card"]) if content.get("card") else None,
        "attachments": content.get("attachments", []),
        "place": content.get("place"),
        "feedback": item.feedback,
        "emergency": content.get("emergency", []),
        "evidence": {key: masked(evidence.get(key)) for key in _EVIDENCE} if evidence else None,
    }


def delivery(found: Delivery | None) -> dict[str, Any] | None:
    """The way to the citizen's phone. Who that is at WeChat is nobody's business here."""
    if found is None:
        return None
    return {
        "left": found.left,
        "until": stamp(found.until),
        "gone": found.gone,
        "held": found.held,
        "not_seen": [_not_seen(item) for item in found.not_seen],
    }


def stuck(item: Stuck) -> dict[str, Any]:
    """A message that did not arrive, in the list of all of them."""
    return _not_seen(item.message) | {
        "conversation": str(item.conversation_id),
        "gone": item.gone,
        "text": mask(item.message.text)[:_PREVIEW],
    }


def _not_seen(item: WechatMessage) -> dict[str, Any]:
    return {
        "id": item.id,
        "first": item.first_seq,
        "last": item.last_seq,
        "state": item.state,
        "error": item.error,
        "at": stamp(item.created_at),
        "next_try_at": stamp(item.next_try_at) if item.state == "待发送" else None,
    }


def note(item: DeskNote) -> dict[str, Any]:
    """What colleagues wrote."""
    return {
        "id": item.id,
        "after": item.after,
        "kind": item.kind,
        "agent": item.agent,
        "to": item.to,
        "text": mask(item.text),
        "at": stamp(item.at),
    }


def agent(item: DeskAgent, load: int, rules: OfficeRules) -> dict[str, Any]:
    """Somebody at the desk."""
    return {
        "number": item.number,
        "name": item.name,
        "team": item.team,
        "status": item.there,
        "since": stamp(item.gone_at or item.since),
        "load": load,
        "limit": rules.limit if item.limit is None else item.limit,
    }


def possible(conversation: Conversation, number: str) -> list[str]:
    """What an agent may do with the conversation now."""
    if conversation.elsewhere is not None:  # said and taken there, not here
        return ["note", "reveal"]
    if conversation.mode == "human" and conversation.agent == number:
        return ["say", "note", "transfer", "hand_back", "close", "order", "reveal"]
    if conversation.mode == "human":
        return ["note", "reveal"]
    first = ["claim"] if conversation.mode == "queued" else []
    return [*first, "take_over", "note", "reveal"]
