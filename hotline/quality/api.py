"""The quality loop at the console. Needs ``app.state.quality``, a :class:`hotline.quality.parts.Quality`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import PlainTextResponse

from hotline.accounts.door import AccountDep
from hotline.evaluation.questions import NAMES, is_ceiling, read_floors
from hotline.knowledge.rights import Person
from hotline.language.identifiers import mask
from hotline.quality.groups import Wanted
from hotline.quality.models import INTENT
from hotline.quality.parts import Quality
from hotline.quality.proposals import Correction
from hotline.quality.rights import check_edits, check_reads, sees_conversations
from hotline.quality.sandbox import Addition
from hotline.quality.shapes import (
    CorrectionIn,
    ExtendIn,
    FigureOut,
    FolderOut,
    GroupOut,
    GroupsOut,
    IntentOut,
    JudgedOut,
    LineOut,
    MadeOut,
    MarkIn,
    MatterChoice,
    MatterIn,
    OpenDraft,
    OutsideIn,
    ProposalOut,
    ProposalsOut,
    ReleaseOut,
    ReviewIn,
    State,
    StateOut,
    TriedOut,
    TryIn,
)
from hotline.quality.training_file import corrections_text

router = APIRouter(prefix="/quality", tags=["quality"])

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Kind = Literal["意图", "库外"]
ProposalState = Literal["待复核", "已通过", "已退回", "已撤回"]


def _quality(request: Request) -> Quality:
    quality: Quality = request.app.state.quality
    return quality


QualityDep = Annotated[Quality, Depends(_quality)]


def _person(account: AccountDep, quality: QualityDep) -> Person:
    person = quality.desk.person(account)
    check_reads(person)
    return person


PersonDep = Annotated[Person, Depends(_person)]


def _wanted(
    state: State | None = None,
    source: Annotated[str | None, Query(max_length=20)] = None,
    channel: Annotated[str | None, Query(max_length=20)] = None,
    unit: Annotated[str | None, Query(max_length=100)] = None,
    q: Annotated[str, Query(max_length=50)] = "",
    recurred: bool = False,
    sort: Literal["count", "last"] = "count",
) -> Wanted:
    words = q.replace("\0", "").strip() or None
    return Wanted(
        state=state, source=source, channel=channel, unit=unit, words=words, recurred=recurred, sort=sort
    )


@router.get("/groups")
async def groups(
    quality: QualityDep,
    person: PersonDep,
    wanted: Annotated[Wanted, Depends(_wanted)],
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> GroupsOut:
    """Questions that were not answered well, grouped by meaning; what is new is grouped first."""
    done = await quality.grouper.look()
    page = await quality.groups.page(person, wanted, limit=limit, offset=offset)
    return GroupsOut(
        groups=[GroupOut.of(listed) for listed in page.groups],
        total=page.total,
        states=page.states,
        recurred=page.recurred,
        channels=page.channels,
        units=page.units,
        at_work=not done,
        edits=person.edits,
    )


@router.get("/groups/{number}")
async def group(number: Number, quality: QualityDep, person: PersonDep) -> FolderOut:
    """One group with its questions, masked, and what was done about it."""
    await quality.grouper.look()
    folder = await quality.groups.folder(person, number)
    near = await quality.knowledge.search(folder.listed.title, limit=5)
    return FolderOut.whole(
        folder,
        list(near),
        titles={matter.code: matter.title for matter in quality.knowledge.matters()},
        person=person.number,
        opens=sees_conversations(person),
        edits=person.edits,
    )


@router.post("/groups/{number}/state", status_code=204)
async def mark(number: Number, given: MarkIn, quality: QualityDep, person: PersonDep) -> None:
    """Say how it stands with a group."""
    await quality.groups.do_mark(person, number, given.state, given.note)


@router.post("/groups/{number}/extend")
async def extend(number: Number, given: ExtendIn, quality: QualityDep, person: PersonDep) -> MadeOut:
    """Add ways of asking or names to a matter's draft."""
    version = await quality.acting.do_extend(
        person, number, given.code, samples=given.samples, aliases=given.aliases
    )
    return MadeOut(version=version.id, code=version.code, number=version.number)


@router.post("/groups/{number}/matter")
async def new_matter(number: Number, given: MatterIn, quality: QualityDep, person: PersonDep) -> MadeOut:
    """Begin a new matter with what the group asks."""
    version = await quality.acting.do_new_matter(
        person, number, title=given.title, area=given.area, unit=given.unit, samples=given.samples
    )
    return MadeOut(version=version.id, code=version.code, number=version.number)


@router.post("/groups/{number}/outside")
async def outside(
    number: Number, given: OutsideIn, quality: QualityDep, person: PersonDep
) -> list[ProposalOut]:
    """Propose that no matter answers these questions."""
    rows = await quality.proposals.do_propose_outside(person, number, given.texts, given.note)
    return [ProposalOut.of(row, person.number) for row in rows]


@router.get("/matters")
async def matters(
    quality: QualityDep, person: PersonDep, q: Annotated[str, Query(max_length=50)] = ""
) -> list[MatterChoice]:
    """The matters that the person edits: those with the words in their names, then those that are meant by them."""
    check_edits(person)
    words = q.replace("\0", "").strip()
    mine = {matter.code: matter for matter in quality.knowledge.matters() if person.owns(matter.unit)}
    found = [matter.code for matter in mine.values() if words in matter.title or words in matter.aliases]
    if words:
        found += [one.code for one in await quality.knowledge.search(words, limit=8) if one.code in mine]
    return [MatterChoice(code=code, title=mine[code].title) for code in dict.fromkeys(found)][:100]


@router.get("/drafts")
async def drafts(quality: QualityDep, person: PersonDep) -> list[OpenDraft]:
    """The drafts that can be tried in the sandbox."""
    check_edits(person)
    found = []
    for line in await quality.desk.looking.lines(person):
        for version in line.drafts:
            found.append(
                OpenDraft(
                    version=version.id,
                    code=version.code,
                    number=version.number,
                    title=str(version.content.get("title") or version.code),
                    state=version.state,
                    by=version.author,
                )
            )
    return found


@router.post("/sandbox")
async def sandbox(given: TryIn, quality: QualityDep, person: PersonDep) -> list[TriedOut]:
    """What citizens get now, and what they would get with what is tried. Nothing is counted or kept."""
    additions = [Addition(one.code, tuple(one.samples), tuple(one.aliases)) for one in given.additions]
    tried = await quality.sandbox.do_try(
        person, given.questions, drafts=given.drafts, additions=additions, outside=given.outside
    )
    return [TriedOut.of(one) for one in tried]


@router.get("/proposals")
async def proposals(
    quality: QualityDep, person: PersonDep, kind: Kind | None = None, state: ProposalState | None = None
) -> ProposalsOut:
    """What editors have proposed."""
    rows, states = await quality.proposals.page(person, kind=kind, state=state)
    return ProposalsOut(
        proposals=[ProposalOut.of(row, person.number) for row in rows],
        states=states,
        intents=[IntentOut.of(intent) for intent in quality.proposals.intents.values()],
        edits=person.edits,
    )


@router.post("/corrections")
async def correct(given: CorrectionIn, quality: QualityDep, person: PersonDep) -> ProposalOut:
    """Propose the right intent of a sentence."""
    row = await quality.proposals.do_correct(person, Correction(**given.model_dump()))
    return ProposalOut.of(row, person.number)


@router.get("/corrections.yml", response_class=PlainTextResponse)
async def corrections_file(quality: QualityDep, person: PersonDep) -> PlainTextResponse:
    """The approved corrections as Rasa's training file."""
    check_edits(person)
    rows = await quality.proposals.approved(INTENT)
    headers = {"Content-Disposition": 'attachment; filename="corrections.yml"'}
    return PlainTextResponse(
        corrections_text([(str(row.intent), row.text) for row in rows]),
        media_type="application/yaml",
        headers=headers,
    )


@router.post("/proposals/{number}/review")
async def review(number: Number, given: ReviewIn, quality: QualityDep, person: PersonDep) -> ProposalOut:
    """Approve what somebody else has proposed, or send it back."""
    row = await quality.proposals.do_review(person, number, given.verdict == "通过", given.reason)
    return ProposalOut.of(row, person.number)


@router.post("/proposals/{number}/take-back")
async def take_back(number: Number, quality: QualityDep, person: PersonDep) -> ProposalOut:
    """Take back what one has proposed."""
    return ProposalOut.of(await quality.proposals.do_take_back(person, number), person.number)


@router.get("/lines")
async def lines(
    quality: QualityDep,
    person: PersonDep,
    intent: Annotated[str | None, Query(max_length=64)] = None,
    q: Annotated[str, Query(max_length=50)] = "",
    unsure_below: Annotated[float | None, Query(ge=0, le=1)] = None,
    before: datetime | None = None,
) -> list[LineOut]:
    """What citizens typed lately and how it was understood, newest first."""
    found = await quality.proposals.lines(
        person, intent=intent, words=q.replace("\0", "").strip(), unsure_below=unsure_below, before=before
    )
    return [
        LineOut(
            text=mask(line.text),
            at=line.at,
            channel=line.channel,
            intent=(line.evidence or {}).get("intent"),
            confidence=(line.evidence or {}).get("confidence"),
            conversation_id=line.conversation_id,
        )
        for line in found
    ]


@router.get("/release")
async def release(quality: QualityDep, person: PersonDep) -> StateOut:
    """What was measured before the last publications and trainings."""
    state = await quality.releases.state(person)
    floors = [
        FigureOut(name=name, label=NAMES.get(name, name), floor=floor, is_ceiling=is_ceiling(name))
        for name, floor in read_floors().items()
    ]
    return StateOut(
        floors=floors,
        releases=[ReleaseOut.of(row) for row in state.releases],
        verdicts=[JudgedOut.of(one) for one in state.verdicts],
        waiting=state.waiting,
        edits=person.edits,
    )
