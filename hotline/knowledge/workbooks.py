"""Excel at the console: the published matters out, and changes in, which become drafts and are never published straight."""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotline.audit.service import record
from hotline.knowledge import editing_texts as texts
from hotline.knowledge.checking import troubles
from hotline.knowledge.differences import Change, difference
from hotline.knowledge.editing import Editing
from hotline.knowledge.errors import EditingError
from hotline.knowledge.excel import Fault, WorkbookError, read_workbook, write_workbook
from hotline.knowledge.looking import PUBLISHED, WITHDRAWN, Line, Looking
from hotline.knowledge.rights import Person
from hotline.knowledge.schema import Matter
from hotline.knowledge.sheets import SHEETS
from hotline.knowledge.versions import matter_of, plain

#: Bytes of a workbook that is brought.
MAX_BYTES = 5 * 1024 * 1024
_MOST_FAULTS = 200


@dataclass(frozen=True)
class Planned:
    """What a workbook would do to one matter. ``kind``: 新增, 修改, 不变 or 不能导入; then ``problem`` says why."""

    code: str
    title: str
    kind: str
    problem: str
    changes: list[Change]


@dataclass(frozen=True)
class Import:
    """A workbook, read. With faults nothing of it is taken in."""

    faults: list[Fault]
    planned: list[Planned]
    #: How many drafts were begun.
    drafts: int = 0


class Workbooks:
    """Excel in and out."""

    def __init__(self, editing: Editing, looking: Looking) -> None:
        self._editing = editing
        self._looking = looking

    async def export(self, person: Person, *, mine: bool = False) -> Path:
        """A workbook of all published matters, or those that the person edits; the caller removes the file.

        Raises:
            EditingError: the person edits nothing.
        """
        if not person.edits:
            raise EditingError("forbidden", texts.ONLY_EDITORS)
        lines = [one for one in await self._looking.lines(person) if one.state == PUBLISHED]
        chosen = [one for one in lines if person.owns(one.unit)] if mine else lines
        matters = [found for found in (matter_of(one.content) for one in chosen) if found is not None]
        handle, name = tempfile.mkstemp(suffix=".xlsx")
        os.close(handle)
        path = Path(name)
        try:
            await asyncio.to_thread(write_workbook, matters, path)
            await self._record(person, "导出知识", {"count": len(matters)})
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    async def do_import(self, person: Person, data: bytes, *, dry_run: bool) -> Import:
        """Take a workbook in as drafts of the person's, or only say what it would do.

        Raises:
            EditingError: the person edits nothing, or (not in a dry run) something in it is wrong.
        """
        if not person.edits:
            raise EditingError("forbidden", texts.ONLY_EDITORS)
        try:
            matters = await asyncio.to_thread(_read, data)
        except WorkbookError as error:
            if not dry_run:
                raise EditingError("bad_rows", "\n".join(map(str, error.faults[:50]))) from None
            return Import(error.faults[:_MOST_FAULTS], [])
        lines = {line.code: line for line in await self._looking.lines(person)}
        planned = [self._plan(person, matter, lines.get(matter.code)) for matter in matters]
        if dry_run:
            return Import([], planned)
        begun = 0
        for matter, plan in zip(matters, planned, strict=True):
            if plan.kind in ("新增", "修改"):
                await self._begin(person, matter, plan)
                begun += 1
        await self._record(person, "导入知识", {"drafts": begun, "rows": len(planned)})
        return Import([], planned, begun)

    def _plan(self, person: Person, matter: Matter, line: Line | None) -> Planned:
        content = plain(matter)
        before = line.content if line is not None and line.state in (PUBLISHED, WITHDRAWN) else {}
        changes = difference(before, content) if line is not None else []
        kind = "新增" if line is None else "修改" if changes else "不变"
        problem = ""
        if kind != "不变":
            # A title that is taken is told at the draft: another row may free it.
            found = troubles(content, self._editing.cautions)
            if not person.owns(matter.unit) or (line is not None and not person.owns(line.unit)):
                problem = texts.NOT_YOURS.format(unit=line.unit if line is not None else matter.unit)
            elif line is not None and any(draft.origin != "文件" for draft in line.drafts):
                draft = next(draft for draft in line.drafts if draft.origin != "文件")
                problem = texts.DRAFT_THERE.format(state=draft.state, number=draft.number, who=draft.author)
            elif found:
                problem = "；".join(map(str, found[:3]))
        return Planned(matter.code, matter.title, "不能导入" if problem else kind, problem, changes)

    async def _begin(self, person: Person, matter: Matter, plan: Planned) -> None:
        content, note = plain(matter), texts.FROM_WORKBOOK
        if plan.kind == "新增":
            await self._editing.do_new(person, content, code=matter.code, note=note, origin="Excel")
        else:
            await self._editing.do_begin(person, matter.code, content=content, note=note, origin="Excel")

    async def _record(self, person: Person, action: str, detail: dict[str, Any]) -> None:
        async with self._editing.database.transaction() as session:
            await record(
                session,
                actor=person.number,
                role=person.role,
                action=action,
                subject="知识库",
                detail=detail,
            )


def _read(data: bytes) -> list[Matter]:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(data)
        file.flush()
        return read_workbook(Path(file.name))


def form() -> list[dict[str, Any]]:
    """The sheets and columns as the console's form has them: the same names in both."""
    return [
        {
            "name": sheet.name,
            "field": sheet.field,
            "form": sheet.form,
            "columns": [
                {
                    "field": column.field,
                    "header": column.header,
                    "help": column.help,
                    "kind": column.kind,
                    "required": column.required,
                    "choices": [
                        {"value": value, "label": label} for value, label in (column.choices or {}).items()
                    ],
                }
                for column in sheet.columns
            ],
        }
        for sheet in SHEETS
    ]
