"""What the knowledge base says: the question and the answer as data, and the replies for each outcome. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from hotline.knowledge import wording
from hotline.knowledge.cards import (
    OVERVIEW,
    Asked,
    Card,
    CardItem,
    CardSection,
    Part,
    known_aspects,
    part,
    section,
    source,
    source_line,
)
from hotline.knowledge.schema import AREA_NAMES, ASPECT_NAMES, Faq, Matter

#: The matters that buttons name without being one.
NONE = "none"
AGAIN = "again"

_MAX_TEXT = 600
_MAX_SECTIONS = 3
_MAX_BUTTONS = 5
#: The order in which other aspects are offered.
_OFFERED = (
    "materials",
    "process",
    "time_limit",
    "fee",
    "location",
    "phone",
    "channel",
    "conditions",
    "policy",
)


@dataclass(frozen=True)
class Question:
    """One message of a citizen, with what the conversation is about."""

    text: str
    today: date
    #: The matter and the aspect spoken of before.
    matter: str | None = None
    aspect: str | None = None
    #: The matter spoken of before that one, and those that were offered last to choose from.
    earlier: str | None = None
    offered: tuple[str, ...] = ()
    #: From a pressed button: a topic tile, a matter, an aspect.
    area: str | None = None
    command_matter: str | None = None
    command_aspect: str | None = None


@dataclass(frozen=True)
class Named:
    """A matter, named, and how sure it is that it is meant."""

    code: str
    title: str
    confidence: float


@dataclass
class Answer:
    """What comes back. ``outcome``: answer, choose, unknown or menu."""

    outcome: str
    reply: dict[str, Any]
    matter: Named | None = None
    candidates: list[Named] = field(default_factory=list)
    aspect: str | None = None
    #: Aspects that were asked for and that the base has no statement on.
    missing: list[str] = field(default_factory=list)
    #: What the office has to confirm; for agents, never for citizens.
    office_notes: list[str] = field(default_factory=list)
    #: The codes of the matters that are offered to choose from.
    offered: list[str] = field(default_factory=list)
    #: The answer to a second question in the same message.
    also: Answer | None = None

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def ask_button(
    title: str, *, style: str = "default", matter: str = "", aspect: str | None = None, area: str = ""
) -> dict[str, str]:
    """A button that asks about a matter, an aspect of it, or an area."""
    entities = {"matter": matter, "aspect": aspect or "", "area": area}
    told = json.dumps({key: value for key, value in entities.items() if value}, ensure_ascii=False)
    return {"title": title, "payload": f"/ask_matter{told}", "style": style}


HUMAN_BUTTON = {"title": wording.HUMAN, "payload": "/human_agent", "style": "default"}
COMPLAIN_BUTTON = {"title": wording.COMPLAIN, "payload": "/complaint", "style": "default"}


def make_reply(
    text: str,
    buttons: Sequence[dict[str, str]],
    *,
    card: Card | None = None,
    source: str | None = None,
    can_rate: bool = False,
) -> dict[str, Any]:
    """A reply in the form that the channels take."""
    return {
        "text": text,
        "buttons": list(buttons),
        "card": card.model_dump() if card else None,
        "source": source,
        "can_rate": can_rate,
    }


# --- a sure answer --------------------------------------------------------------------------------------


def answer_reply(
    matter: Matter, aspects: Sequence[str], asked: Asked, faq: Faq | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The reply on some aspects of a matter, or on the whole of it, and the aspects it could not speak on."""
    known = known_aspects(matter)
    wanted = [aspect for aspect in dict.fromkeys(aspects) if aspect in wording.HEADINGS][:_MAX_SECTIONS]
    told = [part(matter, aspect, asked) for aspect in wanted if aspect in known]
    missing = [aspect for aspect in wanted if aspect not in known]
    if missing and not told and faq is None and missing != ["process"]:
        return missing_reply(matter, missing[0]), missing
    sections = [section(item, unfolded=True) for item in told]
    if faq is not None:
        item = CardItem(text=faq.question, note=faq.answer)
        sections.append(CardSection(heading=wording.HEADINGS["faqs"], style="text", open=True, items=[item]))
    if told or faq is not None:
        lines = _spoken(matter, told, missing, faq)
    else:
        # "怎么办" asks for the steps, and for everything: without steps, everything else is told.
        lines = _overview_lines(matter)
        if missing:
            lines.append(wording.NO_STEPS.format(unit=matter.unit))
        sections = [section(part(matter, aspect), unfolded=False) for aspect in OVERVIEW if aspect in known]
    card = Card(title=matter.title, sections=sections, source=source(matter))
    buttons = aspect_buttons(matter, without=wanted)
    text = _fit(lines, source_line(matter), matter)
    return make_reply(text, buttons, card=card, source=source_line(matter), can_rate=True), missing


def _spoken(matter: Matter, told: Sequence[Part], missing: Sequence[str], faq: Faq | None) -> list[str]:
    lines = []
    for item in told:
        lines.append(item.lead)
        lines.extend(f"{number}. {line}" for number, line in enumerate(item.lines, 1))
    if faq is not None:
        said = wording.sentence(faq.answer)
        lines.append(wording.FAQ_LINE.format(question=faq.question, answer=said) if told else said)
    for aspect in missing:
        lines.append(wording.MISSING_ALSO.format(aspect=ASPECT_NAMES[aspect], unit=matter.unit))
    if matter.districts:
        lines.append(wording.DISTRICTS.format(names="、".join(matter.districts)))
    return lines


def _overview_lines(matter: Matter) -> list[str]:
    lines = [wording.sentence(matter.summary)]
    for aspect, label in wording.OVERVIEW_LABELS.items():
        if aspect in matter.aspects() or aspect == "conditions":
            lines.append(f"{label}：{_short(matter, aspect)}")
    if matter.districts:
        lines.append(wording.DISTRICTS.format(names="、".join(matter.districts)))
    return lines


def _short(matter: Matter, aspect: str) -> str:
    """One line of the overview: the lead without what its label says already."""
    if aspect == "conditions":
        return wording.sentence(matter.audience)
    if aspect == "channel":
        return wording.sentence("、".join(item.name for item in matter.channel))
    if aspect == "location":
        return wording.sentence("；".join(item.text for item in part(matter, "location").items))
    lead = part(matter, aspect).lead
    return lead.partition("：")[2] if aspect in ("materials", "phone") and "：" in lead else lead


def _fit(lines: Sequence[str], last: str, matter: Matter) -> str:
    """``lines`` and the source line, in at most :data:`_MAX_TEXT` characters; what is left out is said."""
    hint = wording.SHORTENED.format(unit=matter.unit)
    room = _MAX_TEXT - len(last) - 1
    if len("\n".join(lines)) > room:
        kept = [lines[0]]
        for line in lines[1:]:
            if len("\n".join([*kept, line, hint])) > room:
                break
            kept.append(line)
        lines = [*kept, hint]
    return "\n".join([*lines, last])


def aspect_buttons(matter: Matter, *, without: Sequence[str] = ()) -> list[dict[str, str]]:
    """Buttons for what else the matter can tell."""
    known = known_aspects(matter)
    offered = [aspect for aspect in _OFFERED if aspect in known and aspect not in without]
    return [
        ask_button(wording.ASPECT_BUTTONS[aspect], matter=matter.code, aspect=aspect)
        for aspect in offered[:_MAX_BUTTONS]
    ]


def contact(matter: Matter) -> str:
    """Whom to ask instead."""
    numbers = sorted(matter.phone, key=lambda item: item.use == "监督")
    if not numbers or numbers[0].use == "监督":
        return wording.MISSING_UNIT.format(unit=matter.unit)
    return wording.MISSING_PHONE.format(
        number=numbers[0].number, unit=matter.unit, day=wording.day(numbers[0].checked)
    )


def missing_reply(matter: Matter, aspect: str) -> dict[str, Any]:
    """The matter is known, what is asked of it is not."""
    text = wording.MISSING.format(title=matter.title, aspect=ASPECT_NAMES[aspect], contact=contact(matter))
    return make_reply(text, [*aspect_buttons(matter, without=[aspect]), HUMAN_BUTTON])


def not_in_force_reply(matter: Matter, today: date) -> dict[str, Any]:
    """The matter is meant, but what the base says of it does not hold today."""
    template = wording.EXPIRED if matter.valid_from <= today else wording.NOT_YET
    text = template.format(title=matter.title, day=wording.day(matter.valid_from), contact=contact(matter))
    return make_reply(text, [HUMAN_BUTTON, COMPLAIN_BUTTON])


# --- no sure answer -------------------------------------------------------------------------------------


def choose_reply(matters: Sequence[Matter], aspect: str | None) -> dict[str, Any]:
    """Which of these is meant?"""
    buttons = [ask_button(matter.title, matter=matter.code, aspect=aspect) for matter in matters]
    text = wording.CHOOSE if len(matters) > 1 else wording.CHOOSE_ONE.format(title=matters[0].title)
    if len(matters) == 1:
        buttons[0] |= {"title": wording.YES, "style": "primary"}
    nothing = ask_button(wording.NONE_OF_THEM if len(matters) > 1 else wording.NO, matter=NONE)
    return make_reply(text, [*buttons, nothing])


def unknown_reply(text: str = wording.UNKNOWN) -> dict[str, Any]:
    """Honestly nothing; people can help."""
    return make_reply(text, [ask_button(wording.ASK_AGAIN, matter=AGAIN), HUMAN_BUTTON, COMPLAIN_BUTTON])


# --- menus ----------------------------------------------------------------------------------------------


def area_menu(area: str, matters: Sequence[Matter], aspect: str | None = None) -> dict[str, Any]:
    """The matters of one area, as they come."""
    text = wording.AREA_MENU.format(area=AREA_NAMES[area], sample=matters[0].samples[0])
    return make_reply(text, [ask_button(item.title, matter=item.code, aspect=aspect) for item in matters])


def matter_menu(matter: Matter) -> dict[str, Any]:
    """What of this matter?"""
    return make_reply(wording.MATTER_MENU.format(title=matter.title), aspect_buttons(matter))


def which_matter(aspect: str | None) -> dict[str, Any]:
    """An aspect was asked of nothing."""
    buttons = [ask_button(name, area=area, aspect=aspect) for area, name in AREA_NAMES.items()]
    return make_reply(wording.WHICH_MATTER, buttons)


def say_again() -> dict[str, Any]:
    """Please say it in other words."""
    return make_reply(wording.SAY_AGAIN, [HUMAN_BUTTON])
