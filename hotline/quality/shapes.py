"""What the quality loop's routes take and give."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hotline.knowledge.answers import Answer
from hotline.knowledge.schema import Area
from hotline.quality.groups import Asked, Folder, Listed
from hotline.quality.intents import Intent
from hotline.quality.models import QualityGroup, QualityProposal, QualityRelease
from hotline.quality.releases import Judged
from hotline.quality.sandbox import Tried

Words = Annotated[str, Field(max_length=1000)]
Code = Annotated[str, Field(max_length=64)]
State = Literal["待处理", "处理中", "已处理", "不用处理"]
Note = Annotated[str, Field(max_length=500)]
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MarkIn(_In):
    """How it stands with a group; a note is needed when nothing more is to be done."""

    state: State
    note: Note = ""


class ExtendIn(_In):
    """What a matter gets."""

    code: Code
    samples: Annotated[list[Words], Field(max_length=20)] = []
    aliases: Annotated[list[Words], Field(max_length=20)] = []


class MatterIn(_In):
    """A new matter, as far as a group tells of it."""

    title: Annotated[str, Field(max_length=100)]
    area: Area
    unit: Annotated[str, Field(max_length=100)] = ""
    samples: Annotated[list[Words], Field(max_length=20)] = []


class OutsideIn(_In):
    """Questions that no matter answers."""

    texts: Annotated[list[Words], Field(min_length=1, max_length=20)]
    note: Note = ""


class CorrectionIn(_In):
    """A sentence and its right intent."""

    text: Words
    intent: Code
    found: Code | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    note: Note = ""
    conversation_id: uuid.UUID | None = None
    group_id: Id | None = None


class ReviewIn(_In):
    """``退回`` needs a reason."""

    verdict: Literal["通过", "退回"]
    reason: Note = ""


class AdditionIn(_In):
    """What a matter would have besides."""

    code: Code
    samples: Annotated[list[Words], Field(max_length=20)] = []
    aliases: Annotated[list[Words], Field(max_length=20)] = []


class TryIn(_In):
    """Questions, and what is to be tried with them."""

    questions: Annotated[list[Words], Field(min_length=1, max_length=60)]
    drafts: Annotated[list[Id], Field(max_length=20)] = []
    additions: Annotated[list[AdditionIn], Field(max_length=10)] = []
    outside: Annotated[list[Words], Field(max_length=20)] = []


class NamedOut(BaseModel):
    """A matter and how sure it is."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    title: str
    confidence: float


class GroupOut(BaseModel):
    """A group in the list."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    examples: list[str]
    state: State
    note: str
    decided_by: str | None
    decided_at: datetime | None
    recurred_at: datetime | None
    questions: int
    first_at: datetime
    last_at: datetime
    sources: dict[str, int]
    channels: dict[str, int]
    nearest: list[NamedOut]
    unit: str

    @classmethod
    def of(cls, listed: Listed) -> GroupOut:
        """A line of the list."""
        group: QualityGroup = listed.group
        names = set(cls.model_fields) - {"title", "examples", "nearest"}
        return cls(
            title=listed.title,
            examples=listed.speakers[1:],
            nearest=[NamedOut(**item) for item in group.nearest],
            **{name: getattr(group, name) for name in names},
        )


class GroupsOut(BaseModel):
    """A page of the list. ``at_work``: new questions are still being grouped."""

    groups: list[GroupOut]
    total: int
    states: dict[str, int]
    recurred: int
    channels: list[str]
    units: list[str]
    at_work: bool
    edits: bool


class QuestionOut(BaseModel):
    """A question, masked. ``conversation``: for those who may open it."""

    id: int
    text: str
    at: datetime
    channel: str
    sources: list[str]
    intent: str | None
    confidence: float | None
    matter: str | None
    corrected: str | None
    conversation: uuid.UUID | None

    @classmethod
    def of(cls, asked: Asked, opens: bool) -> QuestionOut:
        """One of a group's."""
        row = asked.question
        return cls(
            id=row.id,
            text=row.text,
            at=row.at,
            channel=row.channel,
            sources=asked.sources,
            intent=row.intent,
            confidence=row.confidence,
            matter=row.matter,
            corrected=asked.corrected,
            conversation=row.conversation_id if opens else None,
        )


class DraftOut(BaseModel):
    """What was done in the knowledge base, and how it stands there."""

    version: int
    code: str
    title: str
    number: int
    kind: str
    text: str
    by: str
    at: datetime
    state: str


class ProposalOut(BaseModel):
    """A proposal. ``mine``: made by the one who asks."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: str
    text: str
    found: str | None
    confidence: float | None
    intent: str | None
    note: str
    state: str
    group_id: int | None
    by: str
    at: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    reason: str
    released_at: datetime | None
    mine: bool = False

    @classmethod
    def of(cls, row: QualityProposal, person: str) -> ProposalOut:
        """One for this person."""
        return cls.model_validate(row).model_copy(update={"mine": row.by == person})


class FolderOut(GroupOut):
    """A group with its questions and what was done."""

    asked: list[QuestionOut]
    more: int
    drafts: list[DraftOut]
    outside: list[ProposalOut]
    near: list[NamedOut] = Field(description="The nearest matters as the base is now.")
    edits: bool

    @classmethod
    def whole(
        cls,
        folder: Folder,
        near: list[Any],
        *,
        titles: Mapping[str, str],
        person: str,
        opens: bool,
        edits: bool,
    ) -> FolderOut:
        """The group's page."""
        drafts = [
            DraftOut(
                version=draft.version_id,
                code=draft.code,
                title=titles.get(draft.code, draft.text if draft.kind == "新事项" else draft.code),
                number=draft.number,
                kind=draft.kind,
                text=draft.text,
                by=draft.by,
                at=draft.at,
                state=state,
            )
            for draft, state in folder.drafts
        ]
        return cls(
            **GroupOut.of(folder.listed).model_dump(),
            asked=[QuestionOut.of(one, opens) for one in folder.questions],
            more=folder.more,
            drafts=drafts,
            outside=[ProposalOut.of(row, person) for row in folder.outside],
            near=[NamedOut.model_validate(one) for one in near],
            edits=edits,
        )


class AnswerOut(BaseModel):
    """What a citizen gets."""

    outcome: str
    matter: NamedOut | None
    candidates: list[NamedOut]
    aspect: str | None
    reply: dict[str, Any]

    @classmethod
    def of(cls, answer: Answer) -> AnswerOut:
        """The same of an answer."""
        return cls(
            outcome=answer.outcome,
            matter=NamedOut.model_validate(answer.matter) if answer.matter else None,
            candidates=[NamedOut.model_validate(one) for one in answer.candidates],
            aspect=answer.aspect,
            reply=answer.reply,
        )


class TriedOut(BaseModel):
    """A question with the answer now and the one with what is tried."""

    text: str
    live: AnswerOut
    candidate: AnswerOut | None
    changes: bool

    @classmethod
    def of(cls, tried: Tried) -> TriedOut:
        """One line of the sandbox."""
        return cls(
            text=tried.text,
            live=AnswerOut.of(tried.live),
            candidate=AnswerOut.of(tried.candidate) if tried.candidate else None,
            changes=tried.changes,
        )


class MadeOut(BaseModel):
    """The draft that was made."""

    version: int
    code: str
    number: int


class IntentOut(BaseModel):
    """An intent by its name."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    name: str
    says: str

    @classmethod
    def of(cls, intent: Intent) -> IntentOut:
        """The same."""
        return cls.model_validate(intent)


class ProposalsOut(BaseModel):
    """Proposals, how many there are in each state, and the intents there are to choose from."""

    proposals: list[ProposalOut]
    states: dict[str, int]
    intents: list[IntentOut]
    edits: bool


class LineOut(BaseModel):
    """What a citizen typed, masked, and how it was understood."""

    text: str
    at: datetime
    channel: str
    intent: str | None
    confidence: float | None
    conversation_id: uuid.UUID


class ReleaseOut(BaseModel):
    """One try to train with corrections."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    by: str
    passed: bool
    corrections: int
    figures: dict[str, float]
    fallen: list[str]

    @classmethod
    def of(cls, row: QualityRelease) -> ReleaseOut:
        """The same."""
        return cls.model_validate(row)


class JudgedOut(BaseModel):
    """A version with the gate's verdict."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    number: int
    title: str
    state: str
    at: datetime
    verdict: dict[str, Any]

    @classmethod
    def of(cls, judged: Judged) -> JudgedOut:
        """The same."""
        return cls.model_validate(judged)


class FigureOut(BaseModel):
    """A figure by its name, with its floor."""

    name: str
    label: str
    floor: float
    is_ceiling: bool


class StateOut(BaseModel):
    """How it stands with releases."""

    floors: list[FigureOut]
    releases: list[ReleaseOut]
    verdicts: list[JudgedOut]
    waiting: int
    edits: bool


class OpenDraft(BaseModel):
    """A draft that can be tried."""

    version: int
    code: str
    number: int
    title: str
    state: str
    by: str


class MatterChoice(BaseModel):
    """A matter to choose."""

    code: str
    title: str
