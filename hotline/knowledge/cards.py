"""What one matter says on one aspect: the sentence that answers, the lines below it, and the card's section."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel

from hotline.knowledge import wording
from hotline.knowledge.schema import Matter, Policy

#: The sections of an overview, in order.
OVERVIEW = (
    "conditions", "materials", "process", "time_limit", "fee", "channel", "location", "phone", "policy", "bundle",
    "faqs",
)  # fmt: skip


class CardItem(BaseModel):
    """One line of a card."""

    text: str
    note: str | None = None
    phone: str | None = None
    link: str | None = None


class CardSection(BaseModel):
    """One foldable part of a card. ``style``: checklist, steps, text, phones or facts."""

    heading: str
    style: str
    open: bool
    items: list[CardItem]


class CardSource(BaseModel):
    """Where the answer comes from."""

    title: str
    address: str | None
    checked: str
    unit: str


class Card(BaseModel):
    """An answer card; see docs/protocol.md."""

    kind: str = "answer"
    title: str
    sections: list[CardSection]
    source: CardSource | None


@dataclass
class Part:
    """One aspect, said: ``lead`` answers in one sentence, ``lines`` give what it leaves out."""

    aspect: str
    lead: str
    style: str
    items: list[CardItem]
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """The question as far as it chooses among the details of a matter."""

    text: str = ""
    nearness: Callable[[str], float] = lambda _: 0.0


#: A rule must be this much nearer than the conditions for rules to be told when conditions are asked for.
CLEARLY = 0.08
#: A rule must be this much nearer to the question than any other to be told as its answer.
_MUCH_NEARER = 0.2
_AMOUNT_ASKED = re.compile(
    r"多少钱|[几好]多钱|几钱|多少元|几块|标准|比例|报多少|报[几好]多|金额|百分之|[领交补]多少|[领交补][几好]多"
)
#: Characters that only ask.
_ASKS = re.compile(r"[多少几吗呢啊的了是]")
_AMOUNT = re.compile(r"\d\s*元|%|％|倍")


def _line(item: CardItem) -> str:
    text = f"{item.text}：{item.phone}" if item.phone else item.text
    return f"{wording.bare(text)}（{item.note}）" if item.note else wording.bare(text)


def _items(pairs: list[tuple[str, str]]) -> list[CardItem]:
    return [CardItem(text=text, note=note or None) for text, note in pairs]


def _conditions(matter: Matter, asked: Asked) -> Part:
    del asked
    lead = wording.CONDITIONS.format(audience=wording.sentence(matter.audience))
    items = [CardItem(text=text) for text in matter.conditions] or [CardItem(text=matter.audience)]
    lines = [_line(item) for item in items] if matter.conditions else []
    return Part("conditions", lead, "text", items, lines)


def _materials(matter: Matter, asked: Asked) -> Part:
    del asked
    items = _items([wording.material(item) for item in matter.materials])
    needed = [
        item.name for item in matter.materials if not item.when and not item.provider.startswith("系统")
    ]
    more = sum(1 for item in matter.materials if item.when)
    if not needed and len(items) == 1:
        return Part("materials", wording.MATERIALS.format(names=_line(items[0])), "checklist", items)
    if not needed:
        lead = wording.MATERIALS_DEPENDING.format(count=len(items))
    elif more:
        lead = wording.MATERIALS_SOME.format(names="、".join(needed), more=more)
    else:
        lead = wording.MATERIALS.format(names="、".join(needed))
    return Part("materials", lead, "checklist", items, [_line(item) for item in items])


def _process(matter: Matter, asked: Asked) -> Part:
    del asked
    items = [CardItem(text=text) for text in matter.process]
    if len(items) == 1:
        return Part("process", wording.sentence(items[0].text), "steps", items)
    lead = wording.PROCESS.format(count=len(items), first=wording.sentence(items[0].text))
    return Part("process", lead, "steps", items, [_line(item) for item in items])


def _time_limit(matter: Matter, asked: Asked) -> Part:
    """The limit of the part that the question names comes first, else that of the whole."""
    named = [item for item in matter.time_limit if item.name != "整体" and item.name in asked.text]
    whole = [item for item in matter.time_limit if item.name == "整体"]
    first = named or sorted(whole, key=lambda item: item.kind == "statutory") or matter.time_limit[:1]
    rest = [item for item in matter.time_limit if item not in first]
    alone = len(matter.time_limit) == len(first)
    lead = "；".join(wording.time_limit(item, alone=alone or item.name == "整体") for item in first)
    lines = [wording.time_limit(item, alone=False) for item in rest]
    items = [CardItem(text=lead), *(CardItem(text=line) for line in lines)]
    return Part("time_limit", wording.sentence(lead), "text", items, lines)


def _fee(matter: Matter, asked: Asked) -> Part:
    del asked
    assert matter.fee is not None
    text = wording.bare(matter.fee.text) + (wording.CONFIRM if matter.fee.confirm else "")
    return Part("fee", wording.sentence(text), "text", [CardItem(text=wording.sentence(text))])


def _channel(matter: Matter, asked: Asked) -> Part:
    del asked
    items = [
        CardItem(
            text=item.name,
            note=wording.bare(item.note) if item.note else None,
            link=item.address if item.address and item.address.startswith("http") else None,
        )
        for item in matter.channel
    ]
    lines = [
        wording.bare("，".join(part for part in (item.name, item.note, item.address) if part))
        for item in matter.channel
        if item.note or item.address
    ]
    names = "、".join(item.name for item in matter.channel)
    return Part("channel", wording.CHANNEL.format(names=names), "text", items, lines)


def _location(matter: Matter, asked: Asked) -> Part:
    del asked
    items = _items([wording.location(item) for item in matter.location])
    names = "；".join(item.text for item in items)
    return Part(
        "location", wording.LOCATION.format(names=names), "text", items, [_line(item) for item in items]
    )


def _phone(matter: Matter, asked: Asked) -> Part:
    complaint = "监督" in asked.text or "投诉" in asked.text
    order = ["监督", "咨询", "热线"] if complaint else ["咨询", "热线", "监督"]
    phones = sorted(matter.phone, key=lambda item: order.index(item.use))
    items = []
    for item in phones:
        text, note = wording.phone(item)
        items.append(CardItem(text=text, note=note, phone=item.number))
    first = [item for item in phones if item.use == phones[0].use]
    template = wording.PHONE if first[0].use == "咨询" else wording.PHONE_OTHER
    lead = template.format(
        numbers="、".join(
            f"{item.number}（{wording.CHECKED.format(day=wording.day(item.checked))}）" for item in first
        )
    )
    lines = [
        _line(item) for item, phone in zip(items, phones, strict=True) if phone.name or phone not in first
    ]
    return Part("phone", lead, "phones", items, lines)


def _basis(matter: Matter, asked: Asked) -> Part:
    del asked
    texts = [wording.basis(item) for item in matter.basis]
    return Part(
        "basis",
        wording.BASIS.format(law=texts[0]),
        "text",
        [CardItem(text=text) for text in texts],
        texts[1:],
    )


def _policy(matter: Matter, asked: Asked) -> Part:
    """The rule that was clearly asked for leads; when none was, all are listed, and none is passed off as the answer."""
    rules = list(matter.policy)
    asked_for = rules[0] if len(rules) == 1 else _rule_asked_for(matter, asked)
    if asked_for is not None:
        rules = [asked_for, *(item for item in rules if item is not asked_for)]
    texts = [wording.policy(item) for item in rules]
    items = [CardItem(text=wording.sentence(text)) for text in texts]
    if asked_for is None:
        return Part("policy", wording.POLICIES.format(count=len(texts)), "text", items, texts)
    return Part("policy", wording.sentence(texts[0]), "text", items, texts[1:])


def _rule_asked_for(matter: Matter, asked: Asked) -> Policy | None:
    """The one rule that shares most with the question, beyond the matter's name, or is much the nearest."""
    name = "".join([matter.title, *matter.aliases])
    plain = asked.text.strip("？?。！! ")
    pairs = {plain[i : i + 2] for i in range(len(plain) - 1)}
    pairs = {pair for pair in pairs if pair not in name and not _ASKS.search(pair)}
    for_amount = bool(_AMOUNT_ASKED.search(asked.text))
    ranked = sorted(
        (
            for_amount and bool(_AMOUNT.search(rule.text)),
            sum(pair in rule.text for pair in pairs),
            nearness_of(rule.text, asked),
            number,
        )
        for number, rule in enumerate(matter.policy)
    )
    first, second = ranked[-1], ranked[-2]
    if for_amount and not first[0]:
        return None  # no rule says how much, so none is the answer
    if first[:2] > second[:2] or first[2] > second[2] + _MUCH_NEARER:
        return matter.policy[first[3]]
    return None


def nearness_of(text: str, asked: Asked) -> float:
    """How near a rule is to the question; one with an amount is nearer to a question for an amount."""
    amount = bool(_AMOUNT_ASKED.search(asked.text)) and bool(_AMOUNT.search(text))
    return asked.nearness(text) + (0.3 if amount else 0.0)


def _bundle(matter: Matter, asked: Asked) -> Part:
    del asked
    items = [CardItem(text=text) for text in matter.bundle]
    return Part("bundle", wording.BUNDLE.format(names="、".join(matter.bundle)), "text", items)


def _faqs(matter: Matter, asked: Asked) -> Part:
    del asked
    items = [CardItem(text=item.question, note=item.answer) for item in matter.faqs]
    lines = [
        wording.FAQ_LINE.format(question=item.question, answer=wording.bare(item.answer))
        for item in matter.faqs
    ]
    return Part("faqs", wording.FAQS, "text", items, lines)


_MAKERS = {
    "conditions": _conditions,
    "materials": _materials,
    "process": _process,
    "time_limit": _time_limit,
    "fee": _fee,
    "channel": _channel,
    "location": _location,
    "phone": _phone,
    "basis": _basis,
    "policy": _policy,
    "bundle": _bundle,
    "faqs": _faqs,
}


def known_aspects(matter: Matter) -> list[str]:
    """The aspects that can be answered: whom it is for is always known."""
    known = matter.aspects()
    return known if "conditions" in known else ["conditions", *known]


def part(matter: Matter, aspect: str, asked: Asked | None = None) -> Part:
    """What ``matter`` says on ``aspect``, which it must know."""
    return _MAKERS[aspect](matter, asked or Asked())


def section(made: Part, *, unfolded: bool) -> CardSection:
    """The card's section for one part."""
    return CardSection(
        heading=wording.HEADINGS[made.aspect], style=made.style, open=unfolded, items=made.items
    )


def source(matter: Matter) -> CardSource:
    """The matter's first source, and the unit that answers for it."""
    first = matter.source[0]
    return CardSource(
        title=first.title, address=first.address, checked=first.checked.isoformat(), unit=matter.unit
    )


def source_line(matter: Matter) -> str:
    """The same in one line."""
    first = matter.source[0]
    return wording.SOURCE.format(title=first.title, checked=first.checked.isoformat(), unit=matter.unit)
