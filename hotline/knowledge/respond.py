"""From a question, and what was spoken of before, to the answer. Pure: the base comes in, the answer goes out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from hotline.knowledge import answers, wording
from hotline.knowledge.answers import Answer, Named, Question
from hotline.knowledge.cards import likeness
from hotline.knowledge.decision import Outcome, judge
from hotline.knowledge.index import Index, Query
from hotline.knowledge.ranking import Candidate, Ranking, rank, weights_for
from hotline.knowledge.schema import AREA_NAMES, ASPECT_NAMES, Faq, Matter
from hotline.language.aspects import detect_aspects, without_aspect_words

#: Log odds for the matter spoken of before: a follow-up that fits it is about it.
_CONTEXT_PRIOR = 1.5
#: From this likeness in meaning on a common question is taken as the one that was asked.
_FAQ_NEAR = 0.72
#: Up to this many characters of its own a message may still be a follow-up that the search cannot place.
_SHORT = 4
_MENU_BUTTONS = 8
_ASPECTS_AT_ONCE = 2

_CARRIES_ON = re.compile(r"^(那|还有|另外|换成|如果是|要是)|呢[？?。]?$")
_MORE = re.compile(r"详细|具体|全部|说说|介绍|讲讲|接着|继续|还有")


class Base:
    """The knowledge base as one process holds it: the index, and how often each matter is asked."""

    def __init__(self, index: Index, uses: Mapping[str, int] | None = None) -> None:
        self.index = index
        self.uses = dict(uses or {})
        self.number = {matter.code: number for number, matter in enumerate(index.matters)}

    def matter(self, code: str | None) -> Matter | None:
        """The matter of that code, when there is one."""
        number = self.number.get(code or "")
        return None if number is None else self.index.matters[number]

    def popular(self, area: str, today: date) -> list[Matter]:
        """The matters of an area in force, the most asked first, then those that do many things at once."""
        found = [matter for matter in self.index.matters if matter.area == area and in_force(matter, today)]
        return sorted(
            found, key=lambda item: (-self.uses.get(item.code, 0), not item.title.endswith("一件事"))
        )


def in_force(matter: Matter, today: date) -> bool:
    """Whether what the base says of the matter holds today."""
    return matter.valid_from <= today and (matter.valid_to is None or today <= matter.valid_to)


def respond(base: Base, question: Question) -> Answer:
    """Answer a question, ask back, or say that there is no sure answer."""
    pressed = _pressed(base, question)
    if pressed is not None:
        return pressed
    text = "" if question.text.startswith("/") else question.text.strip()
    context = base.matter(question.matter)
    aspects = detect_aspects(text)[:_ASPECTS_AT_ONCE]
    if not without_aspect_words(text).strip():
        return _bare(base, question, text, context, aspects)
    return _searched(base, question, text, context, aspects)


def _pressed(base: Base, question: Question) -> Answer | None:
    """The answer to a button; None when nothing was pressed."""
    aspects = [question.command_aspect] if question.command_aspect in ASPECT_NAMES else []
    if question.command_matter == answers.NONE:
        return Answer("unknown", answers.unknown_reply(wording.NONE_RIGHT), aspect=question.aspect)
    if question.command_matter == answers.AGAIN:
        return Answer("menu", answers.say_again(), aspect=question.aspect)
    if question.command_matter:
        number = base.number.get(question.command_matter)
        if number is None:
            return Answer("unknown", answers.unknown_reply(wording.WITHDRAWN))
        return _answer(base, question, number, 1.0, aspects, None)
    if question.area in AREA_NAMES:
        matters = base.popular(question.area, question.today)[:_MENU_BUTTONS]
        if not matters:
            return Answer("unknown", answers.unknown_reply())
        aspect = aspects[0] if aspects else None
        return Answer("menu", answers.area_menu(question.area, matters, aspect), aspect=aspect)
    if aspects and question.matter in base.number:
        return _answer(base, question, base.number[question.matter], 1.0, aspects, None)
    return None


def _bare(
    base: Base, question: Question, text: str, context: Matter | None, aspects: list[str]
) -> Answer:
    """A message that names nothing: "那要多久", "怎么收费"."""
    if context is None:
        if aspects:
            return Answer("menu", answers.which_matter(aspects[0]), aspect=aspects[0])
        return Answer("unknown", answers.unknown_reply())
    if aspects or _MORE.search(text):
        return _answer(base, question, base.number[context.code], 1.0, aspects, base.index.query(text))
    return Answer("menu", answers.matter_menu(context), aspect=question.aspect)


def _searched(
    base: Base, question: Question, text: str, context: Matter | None, aspects: list[str]
) -> Answer:
    index = base.index
    query = index.query(text)
    number = base.number[context.code] if context else None
    ranking = rank(index, query, prior={number: _CONTEXT_PRIOR} if number is not None else None)
    verdict = judge(ranking, weights_for(index).sure)
    candidates = _named(index, ranking.candidates[:5])
    if not aspects and question.aspect and _CARRIES_ON.search(text):
        aspects = [question.aspect]  # "那居住证呢?" after the fee of another matter
    if verdict.outcome is Outcome.ANSWER:
        best = verdict.candidates[0]
        answer = _answer(base, question, best.number, best.confidence, aspects, query)
        answer.candidates = candidates
        return answer
    offered = [item for item in verdict.candidates if in_force(index.matters[item.number], question.today)]
    if verdict.outcome is not Outcome.CHOOSE:
        offered = _perhaps_context(ranking, number, text, aspects)
    aspect = aspects[0] if aspects else None
    if offered:
        reply = answers.choose_reply([index.matters[item.number] for item in offered], aspect)
        return Answer("choose", reply, candidates=candidates, aspect=aspect)
    return Answer("unknown", answers.unknown_reply(), candidates=candidates, aspect=aspect)


def _perhaps_context(
    ranking: Ranking, number: int | None, text: str, aspects: list[str]
) -> list[Candidate]:
    """A short follow-up that the search cannot place: ask whether it is about the matter of before."""
    own = without_aspect_words(text).replace(" ", "")
    if number is None or not aspects or len(own) > _SHORT or ranking.covered < 0.02:
        return []
    return [Candidate(number, ranking.confidence_of(number))]


def _answer(
    base: Base, question: Question, number: int, confidence: float, aspects: list[str], query: Query | None
) -> Answer:
    matter = base.index.matters[number]
    named = Named(matter.code, matter.title, round(confidence, 3))
    if not in_force(matter, question.today):
        return Answer("unknown", answers.not_in_force_reply(matter, question.today), candidates=[named])
    faq = _faq(base.index, number, query)
    asked = _with_policy(matter, aspects, query.text if query else "")
    reply, missing = answers.answer_reply(matter, asked, query.text if query else "", faq)
    return Answer(
        "answer",
        reply,
        matter=named,
        candidates=[named],
        aspect=aspects[0] if aspects else None,
        missing=missing,
        office_notes=list(matter.to_confirm),
    )


def _faq(index: Index, number: int, query: Query | None) -> Faq | None:
    found = index.nearest_faq(query, number) if query else None
    if found is None or found[1] < _FAQ_NEAR:
        return None
    return index.matters[number].faqs[found[0]]


def _with_policy(matter: Matter, aspects: list[str], text: str) -> list[str]:
    """Whether one is entitled often stands among the rules: add them when they speak of what was asked."""
    if aspects != ["conditions"] or not matter.policy:
        return aspects
    rules = max(likeness(item.text, text) for item in matter.policy)
    conditions = max((likeness(item, text) for item in matter.conditions), default=0.0)
    return ["policy", "conditions"] if rules > conditions else aspects


def _named(index: Index, candidates: tuple[Candidate, ...]) -> list[Named]:
    return [
        Named(index.matters[item.number].code, index.matters[item.number].title, round(item.confidence, 3))
        for item in candidates
    ]
