"""From a question, and what was spoken of before, to the answer. Pure: the base comes in, the answer goes out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path

from hotline.knowledge import answers, wording
from hotline.knowledge.answers import Answer, Named, Question
from hotline.knowledge.asking import AspectModel, aspect_model
from hotline.knowledge.cards import CLEARLY, Asked, nearness_of
from hotline.knowledge.decision import WORTH_CHOOSING, Outcome, judge
from hotline.knowledge.index import Index, Query, content_of
from hotline.knowledge.ranking import Candidate, Ranking, rank, weights_for
from hotline.knowledge.schema import AREA_NAMES, ASPECT_NAMES, Faq, Matter
from hotline.knowledge.sentences import corrected, questions
from hotline.language.aspects import detect_aspects, without_aspect_words
from hotline.language.patterns import lexicon_file, read_lexicon
from hotline.language.reading import read

#: Log odds for the matter spoken of before: a follow-up that fits it is about it.
_CONTEXT_PRIOR = 1.5
#: For the matters that were offered just now: a short answer in words chooses among them.
_OFFERED_PRIOR = 3.0
#: The share of one among those that were offered from which on it is chosen.
_PLAINLY = 0.7
#: Each of two matters in one message must be this sure.
_SURE_OF_EACH = 0.7
#: A common question is taken as asked when it shares this much of the characters (without those that ask) …
_FAQ_SAME = 0.8
#: … or this much, and is as near as this in meaning.
_FAQ_LIKE = 0.45
_FAQ_NEAR = 0.8
#: As near as this to a question outside the base, a follow-up is not about the matter of before.
_OUTSIDE_NEAR = 0.6
#: Up to this many characters of its own a message may still be a follow-up that the search cannot place.
_SHORT = 3
#: Up to this many that all stand in the matter, it is one, whatever the search says.
_FOLLOWS = 6
#: So few that name no matter ("可以代办吗" is in the samples of one) are asked back, however near a matter is.
_AMBIGUOUS = 4
#: … with as many others as are at least this likely ("社保" is much).
_MOST_NEAR, _NEAR = 4, 0.04
#: The confidence of what was not searched for: a pressed button, a bare follow-up.
_GIVEN = 1.0
_MENU_BUTTONS = 8

_CARRIES_ON = re.compile(r"^(那|还有|另外|换成|如果是|要是)|呢[？?。]?$")
#: Words that point to no matter: who it is for, and what is left of questions.
_NEUTRAL = re.compile(
    "老[婆公人]|爱人|堂客|[爸妈爷奶崽妹姐哥弟儿娃毛]+|父[母亲]|母亲|[儿妻孙]子|[女孙]儿|女婿|媳妇|小孩|孩子|宝宝|家人|朋友|"
    "亲戚|外公|外婆|打|谁|别人"
)
_BACK = re.compile(
    r"(?:回到|说回|再说|接着说|还是说)?(?:刚才|之前|前面|上面|一开始|开始|原来|最早|第一)(?:说|问|讲|那)?(?:的|那)?(?:个|件|问题|事情?)+"
)
_MORE = re.compile(r"详细|具体|全部|说说|介绍|讲讲|接着|继续|还有")


class Base:
    """The knowledge base as one process holds it: the index, and how often each matter is asked."""

    def __init__(
        self, index: Index, uses: Mapping[str, int] | None = None, asked: AspectModel | None = None
    ) -> None:
        self.index = index
        self.uses = dict(uses or {})
        self._asked = asked
        self.number = {matter.code: number for number, matter in enumerate(index.matters)}

    @property
    def asked(self) -> AspectModel:
        """What knows which side of a matter is asked for; made at the first question when none was given."""
        if self._asked is None:
            self._asked = aspect_model(self.index.encoder)
        return self._asked

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
    text = "" if question.text.startswith("/") else read(question.text)
    text, takes_back = corrected(text)
    if takes_back and question.aspect and not base.asked.aspects(text):
        # "不是身份证，是居住证" asks the same of another matter.
        return _one(base, replace(question, matter=None), text, [question.aspect])
    both = _both(base, question, questions(text))
    return both or _one(base, question, text, base.asked.aspects(text))


def _both(base: Base, question: Question, parts: list[str]) -> Answer | None:
    """The answers to two questions about two matters in one message; None when there are not two, surely."""
    found: list[Answer] = []
    for part in parts if len(parts) > 1 else ():
        answer = _one(base, question, part, base.asked.aspects(part))
        if answer.matter is None or answer.matter.confidence < _SURE_OF_EACH:
            continue
        if answer.matter.code not in {other.matter.code for other in found if other.matter}:
            found.append(answer)
    if len(found) < 2:
        return None
    first, second = found[:2]
    first.candidates += second.candidates
    first.also = second
    return first


def _one(base: Base, question: Question, text: str, aspects: list[str]) -> Answer:
    context = base.matter(question.matter)
    if _BACK.search(text) and base.matter(question.earlier) is not None:
        context = base.matter(question.earlier)
        question = replace(question, matter=question.earlier)
        text = _BACK.sub("", text)
    own = without_aspect_words(text).split()
    if question.aspect and _CARRIES_ON.search(text) and not detect_aspects(text):
        aspects = [question.aspect]  # "那居住证呢?" after the fee of another matter
    if not own:
        return _bare(base, question, text, context, aspects)
    return _searched(base, question, text, context, aspects, own)


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
        return _answer(base, question, number, _GIVEN, aspects, None)
    if question.area in AREA_NAMES:
        matters = base.popular(question.area, question.today)[:_MENU_BUTTONS]
        if not matters:
            return Answer("unknown", answers.unknown_reply())
        aspect = aspects[0] if aspects else None
        return Answer("menu", answers.area_menu(question.area, matters, aspect), aspect=aspect)
    if aspects and question.matter in base.number:
        return _answer(base, question, base.number[question.matter], _GIVEN, aspects, None)
    return None


def _bare(base: Base, question: Question, text: str, context: Matter | None, aspects: list[str]) -> Answer:
    """A message that names nothing: "那要多久", "怎么收费"."""
    offered = [Candidate(base.number[code], 0.0) for code in question.offered if code in base.number]
    if offered and aspects:
        # "那要多久" after "which of these?": still the same choice.
        return _choose(base, question, offered, _named(base.index, tuple(offered)), aspects)
    if context is None:
        if aspects:
            return Answer("menu", answers.which_matter(aspects[0]), aspect=aspects[0])
        return Answer("unknown", answers.unknown_reply())
    if aspects or _MORE.search(text):
        return _answer(base, question, base.number[context.code], _GIVEN, aspects, base.index.query(text))
    return Answer("menu", answers.matter_menu(context), aspect=question.aspect)


def _searched(
    base: Base, question: Question, text: str, context: Matter | None, aspects: list[str], own: list[str]
) -> Answer:
    index = base.index
    number = base.number[context.code] if context else None
    broad = [base.number[code] for code in _broad(own) if code in base.number]
    if len(broad) > 1 and number not in broad:
        offered = [Candidate(item, 0.0) for item in broad]
        return _choose(base, question, offered, _named(index, tuple(offered)), aspects)
    query = index.query(text)
    prior = {base.number[code]: _OFFERED_PRIOR for code in question.offered if code in base.number}
    if number is not None and number not in prior:
        prior[number] = _CONTEXT_PRIOR
    ranking = rank(index, query, prior=prior)
    verdict = judge(ranking, weights_for(index).sure)
    candidates = _named(index, ranking.candidates[:5])
    carries_on = bool(_CARRIES_ON.search(text))
    if number is not None and (aspects or carries_on):
        follow_up = _follow_up(base, question, query, ranking, number, aspects, own)
        if follow_up is not None:
            return follow_up
    best = verdict.candidates[0] if verdict.candidates else None
    if verdict.outcome is Outcome.ANSWER and best is not None:
        brief = len("".join(own)) <= _AMBIGUOUS and best.number not in (number, *prior)
        if brief and not index.is_named(query, best.number) and not index.is_sample(query):
            near = [item for item in ranking.candidates[:_MOST_NEAR] if item.confidence >= _NEAR]
            return _choose(base, question, near, candidates, aspects)
        answer = _answer(base, question, best.number, best.confidence, aspects, query)
        answer.candidates = candidates
        return answer
    if best is not None and _picks(ranking, question, base, own):
        answer = _answer(base, question, best.number, best.confidence, aspects or _same(question), query)
        answer.candidates = candidates
        return answer
    if verdict.outcome is Outcome.CHOOSE:
        return _choose(base, question, verdict.candidates, candidates, aspects)
    return _choose(base, question, [], candidates, aspects)


def _picks(ranking: Ranking, question: Question, base: Base, own: Sequence[str]) -> bool:
    """Whether a few words ("职工的") plainly choose one of the matters that were offered."""
    offered = {base.number[code] for code in question.offered if code in base.number}
    best = ranking.candidates[0]
    if len("".join(own)) > _FOLLOWS or best.number not in offered or best.confidence < WORTH_CHOOSING:
        return False
    among = sum(item.confidence for item in ranking.candidates if item.number in offered)
    return best.confidence >= _PLAINLY * among


def _same(question: Question) -> list[str]:
    return [question.aspect] if question.aspect else []


def _broad(own: Sequence[str]) -> Sequence[str]:
    """The codes among which a word that alone means too much ("社保") has to be made clear."""
    left = "".join(word for word in own if not _NEUTRAL.fullmatch(word))
    return _broad_words(lexicon_file("broad.yml")).get(left, ())


@lru_cache(maxsize=4)
def _broad_words(path: Path) -> dict[str, tuple[str, ...]]:
    content = read_lexicon(path)["broad"]
    return {str(word): tuple(item["matters"]) for item in content for word in item["words"]}


def _follow_up(
    base: Base,
    question: Question,
    query: Query,
    ranking: Ranking,
    number: int,
    aspects: list[str],
    own: list[str],
) -> Answer | None:
    """What a short message is answered that may go on about the matter of before; None when it speaks for itself."""
    index = base.index
    best, length = ranking.candidates[0], len("".join(own))
    outcome = judge(ranking, weights_for(index).sure).outcome
    if best.number == number and outcome is Outcome.ANSWER:
        return None
    if best.number != number and index.is_named(query, best.number):
        return None
    if length <= _FOLLOWS and _fits(index.matters[number], own):
        return _answer(base, question, number, _GIVEN, aspects, query)
    before = Candidate(number, ranking.confidence_of(number))
    candidates = _named(index, ranking.candidates[:5])
    if outcome is Outcome.ANSWER and length <= _AMBIGUOUS:
        return _choose(base, question, [before, best], candidates, aspects)
    if outcome is Outcome.UNKNOWN and length <= _SHORT and not _outside(index.outside(query)):
        return _choose(base, question, [before], candidates, aspects)
    return None


def _choose(
    base: Base,
    question: Question,
    offered: Sequence[Candidate],
    candidates: list[Named],
    aspects: Sequence[str],
) -> Answer:
    """Ask which of ``offered`` is meant, as far as they are in force; unknown when none is."""
    aspect = aspects[0] if aspects else None
    matters = [base.index.matters[item.number] for item in offered]
    matters = [matter for matter in matters if in_force(matter, question.today)]
    if not matters:
        return Answer("unknown", answers.unknown_reply(), candidates=candidates, aspect=aspect)
    offers = [matter.code for matter in matters]
    reply = answers.choose_reply(matters, aspect)
    return Answer("choose", reply, candidates=candidates, aspect=aspect, offered=offers)


def _outside(nearness: tuple[float, float]) -> bool:
    """Whether a question is plainly one of those that no matter answers."""
    return nearness[0] > _OUTSIDE_NEAR or nearness[1] > _OUTSIDE_NEAR


def _fits(context: Matter, own: Sequence[str]) -> bool:
    """Whether every word that a follow-up has of its own is a family member, or stands in the matter."""
    content = content_of(context)
    return all(word in content or _NEUTRAL.fullmatch(word) for word in own)


def _answer(
    base: Base, question: Question, number: int, confidence: float, aspects: list[str], query: Query | None
) -> Answer:
    matter = base.index.matters[number]
    named = Named(matter.code, matter.title, round(confidence, 3))
    if not in_force(matter, question.today):
        return Answer("unknown", answers.not_in_force_reply(matter, question.today), candidates=[named])
    faq, asked, named_aspect = None, Asked(), aspects[0] if aspects else None
    if query is not None:
        faq = _faq(base.index, number, query)
        asked = Asked(query.text, partial(base.index.nearness, query))
        aspects = _with_policy(matter, aspects, asked)
    reply, missing = answers.answer_reply(matter, aspects, asked, faq)
    return Answer(
        "answer",
        reply,
        matter=named,
        candidates=[named],
        aspect=named_aspect,
        missing=missing,
        office_notes=list(matter.to_confirm),
    )


def _faq(index: Index, number: int, query: Query) -> Faq | None:
    """The common question that was asked, when it is one: nearly the same words, or nearly the same meaning."""
    matter = index.matters[number]
    name = set("".join([matter.title, *matter.aliases]))
    own = _extra(query.text, name)
    meanings = index.faq_likeness(query, number) or [0.0] * len(matter.faqs)
    best: tuple[float, Faq] | None = None
    for faq, meaning in zip(matter.faqs, meanings, strict=True):
        words = _extra(faq.question, name)
        same = len(own & words) / max(1, len(own | words))
        if (same >= _FAQ_SAME or (meaning >= _FAQ_NEAR and same >= _FAQ_LIKE)) and (
            best is None or same + meaning > best[0]
        ):
            best = (same + meaning, faq)
    return best[1] if best else None


def _extra(text: str, name: set[str]) -> set[str]:
    """The characters of a question that neither ask nor name the matter."""
    return set(without_aspect_words(text).replace(" ", "")) - name


def _with_policy(matter: Matter, aspects: list[str], asked: Asked) -> list[str]:
    """Whether one is entitled often stands among the rules: add them when they speak of what was asked."""
    if aspects != ["conditions"] or not matter.policy:
        return aspects
    rules = max(nearness_of(item.text, asked) for item in matter.policy) - CLEARLY
    conditions = max((nearness_of(item, asked) for item in matter.conditions), default=0.0)
    return ["policy", "conditions"] if rules > conditions else aspects


def _named(index: Index, candidates: tuple[Candidate, ...]) -> list[Named]:
    return [
        Named(index.matters[item.number].code, index.matters[item.number].title, round(item.confidence, 3))
        for item in candidates
    ]
