"""What the console sends and gets when the knowledge base is edited."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Note = Annotated[str, Field(max_length=500)]
Action = Literal[
    "save", "submit", "take_back", "send_back", "approve", "publish", "discard", "rebase", "copy"
]
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewIn(_In):
    """A matter that was not there. Without a code, one is made."""

    content: dict[str, Any]
    code: Annotated[str, Field(max_length=64)] | None = None
    note: Note = ""


class BeginIn(_In):
    """A draft of a matter: from what is published, or from the version ``number``."""

    number: Id | None = None
    withdraw: bool = False
    note: Note = ""


class RevisionIn(_In):
    """The revision that the person saw."""

    revision: Id


class SaveIn(RevisionIn):
    """A draft as it is now."""

    content: dict[str, Any]
    note: Note = ""


class SendBackIn(RevisionIn):
    """What has to be better."""

    reason: Note


class VersionRef(RevisionIn):
    """One version, as the person saw it."""

    id: Id


class PublishIn(_In):
    """Versions that go to citizens together: all or none."""

    versions: Annotated[list[VersionRef], Field(min_length=1, max_length=200)]


class ContentIn(_In):
    """A draft that is being written."""

    content: dict[str, Any]


class CompareIn(_In):
    """Two drafts."""

    before: dict[str, Any]
    after: dict[str, Any]


class MergeIn(_In):
    """A draft as it was, and what two people made of it."""

    base: dict[str, Any]
    theirs: dict[str, Any]
    mine: dict[str, Any]


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class WhoOut(BaseModel):
    """Somebody at work; ``name`` is empty when nobody has the number (any more)."""

    number: str
    name: str


class DraftOut(BaseModel):
    """A version that is being written or looked at, in a list."""

    id: int
    number: int
    state: str
    origin: str
    withdraws: bool
    author: WhoOut
    changed_at: datetime
    stale: bool


class LineOut(BaseModel):
    """A matter in a list."""

    code: str
    title: str
    area: str | None
    unit: str
    state: Literal["已发布", "已撤下", "未发布"]
    number: int | None = Field(description="Of the published version.")
    origin: str | None
    published_at: datetime | None
    valid_to: date | None
    review_on: date | None = Field(description="The day on which it is to be looked at again.")
    due: list[Literal["已失效", "待复核", "即将失效"]]
    to_confirm: list[str] = Field(description="What the office has to confirm; for editors.")
    drafts: list[DraftOut]
    editable: bool


class ListOut(BaseModel):
    """Matters of a filter, and how many there are of each kind without it."""

    total: int
    matters: list[LineOut]
    areas: dict[str, int]
    states: dict[str, int]
    due: dict[str, int]
    units: list[str]


class CountsOut(BaseModel):
    """For the menu."""

    due: int
    to_review: int
    returned: int
    of_files: int


class TroubleOut(_Out):
    """One thing that is wrong with a draft; ``path``: field, item (from 0), field of the item."""

    path: list[str | int]
    where: str
    message: str


class DiffLineOut(_Out):
    """One line of a difference."""

    sign: Literal["-", "+", "=", "…"]
    text: str


class ChangeOut(_Out):
    """What differs in one field."""

    field: str
    name: str
    lines: list[DiffLineOut]


class MergedOut(BaseModel):
    """Both together; ``clashes``: fields that both have changed in different ways, where one's own stays."""

    content: dict[str, Any]
    clashes: list[str]


class VersionOut(BaseModel):
    """A version without its content."""

    id: int
    code: str
    number: int
    state: str
    origin: str
    withdraws: bool
    base: int | None
    revision: int
    note: str
    reason: str
    author: WhoOut
    editors: list[WhoOut]
    changed_by: WhoOut
    reviewer: WhoOut | None
    publisher: WhoOut | None
    created_at: datetime
    changed_at: datetime
    submitted_at: datetime | None
    reviewed_at: datetime | None
    published_at: datetime | None


class WholeVersionOut(VersionOut):
    """A version with its content, what it changes, what is wrong with it, and what may be done."""

    content: dict[str, Any]
    troubles: list[TroubleOut]
    #: Against what is published now; of a published one, against the one before.
    changes: list[ChangeOut]
    #: What was published since it was begun.
    since: list[ChangeOut]
    stale: bool
    live_number: int | None
    verdict: dict[str, Any] | None
    actions: list[Action]
    clashes: list[str] = []


class MatterOut(LineOut):
    """A matter, what is published of it, and its versions."""

    content: dict[str, Any]
    versions: list[VersionOut]


class PlannedOut(_Out):
    """What a workbook does to one matter."""

    code: str
    title: str
    kind: Literal["新增", "修改", "不变", "不能导入"]
    problem: str
    changes: list[ChangeOut]


class FaultOut(_Out):
    """A mistake in a workbook."""

    sheet: str
    row: int
    message: str


class ImportOut(_Out):
    """A workbook, read."""

    faults: list[FaultOut]
    planned: list[PlannedOut]
    drafts: int


class ColumnOut(BaseModel):
    """A field of a form."""

    field: str
    header: str
    help: str
    kind: Literal["text", "texts", "number", "flag", "date", "choice"]
    required: bool
    choices: list[dict[str, str]]


class SheetOut(BaseModel):
    """A part of the form."""

    name: str
    field: str
    form: Literal["rows", "texts", "single", "matter"]
    columns: list[ColumnOut]


class FormOut(BaseModel):
    """The form, and what the office has laid down for reviews. ``unit``: the person's own unit, if any."""

    sheets: list[SheetOut]
    review_days: int
    review_confirm: bool
    unit: str | None


class ReplyOut(BaseModel):
    """What a citizen gets on the whole matter (``aspect`` None) or on one aspect."""

    aspect: str | None
    name: str
    reply: dict[str, Any]


class PreviewOut(BaseModel):
    """A draft as citizens would see it, and what is wrong with it."""

    replies: list[ReplyOut]
    left_out: bool
    in_force: bool
    troubles: list[TroubleOut]
