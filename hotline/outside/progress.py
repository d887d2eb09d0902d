"""What other systems report back: who they are, and what becomes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from sqlalchemy.dialects.postgresql import insert

from hotline.database import Database, now
from hotline.outside.errors import OutsideError
from hotline.outside.messages import moment
from hotline.outside.models import OutsideNonce
from hotline.outside.signature import (
    NONCE_HEADER,
    SIGNATURE_HEADER,
    SKEW,
    SYSTEM_HEADER,
    TIMESTAMP_HEADER,
    Stamp,
    verify,
)
from hotline.outside.systems import Keys, System, Systems
from hotline.work_orders.casework import Casework
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.models import WorkOrder

#: Refusals that mean that the request itself is not good.
_BAD = ("missing", "unknown", "invalid")

_NUMBER = re.compile(r"[0-9]{8}-[0-9]{5,9}")

Words = Annotated[str, Field(min_length=1, max_length=8000, pattern=r"\S")]


class _Report(BaseModel):
    """What all reports have: an ``id`` of the other side's own that is never used again, and who did it there."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(pattern=r"^[\w.:-]{1,64}$")]
    #: A name or number at the other side; stands in the timeline.
    by: Annotated[str, Field(max_length=40, pattern=r"^[^\x00-\x1f]*$")] = ""
    #: One of the system's units, when the order is at several of them.
    unit: Annotated[str, Field(max_length=40)] | None = None


class Plain(_Report):
    """签收 and 恢复 need nothing else."""

    kind: Literal["签收", "恢复"]


class Question(_Report):
    """What the citizen is to be asked."""

    kind: Literal["挂起"]
    question: Words


class Answer(_Report):
    """The answer, in the words that the citizen reads."""

    kind: Literal["答复"]
    answer: Words


class Returned(_Report):
    """The order is not this unit's."""

    kind: Literal["申请退单"]
    reason: Words


class Extension(_Report):
    """It takes some working days longer."""

    kind: Literal["申请延期"]
    reason: Words
    days: Annotated[int, Field(strict=True, ge=1, le=365)]


class Note(_Report):
    """An assisting unit's opinion, or a remark."""

    kind: Literal["会办意见", "备注"]
    note: Words


Report = Annotated[Plain | Question | Answer | Returned | Extension | Note, Field(discriminator="kind")]
#: Reads a report from JSON.
REPORT: TypeAdapter[Report] = TypeAdapter(Report)


class Inbound:
    """The door for other systems."""

    def __init__(
        self,
        database: Database,
        systems: Systems,
        keys: Mapping[str, Keys],
        casework: Casework,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._systems = systems
        self._keys = keys
        self._casework = casework
        self._clock = clock

    async def authenticate(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> System:
        """Which system has signed this request; each request is good once.

        Args:
            path: as it stands in the request line, with the query.

        Raises:
            OutsideError: it was not signed well, it is too old, or it was here before.
        """
        system = self._systems.get(headers.get(SYSTEM_HEADER, ""))
        stamp = Stamp(timestamp=headers.get(TIMESTAMP_HEADER, ""), nonce=headers.get(NONCE_HEADER, ""))
        signature = headers.get(SIGNATURE_HEADER, "")
        keys = self._keys[system.code].receive if system else ()
        if system is None or not verify(keys, signature, method, path, stamp, body):
            raise OutsideError(
                "signature", "签名不对：请核对系统代码、密钥，以及参加签名的方法、路径、时间、随机数和正文。"
            )
        at = self._clock()
        if not stamp.in_time(at):
            minutes = int(SKEW.total_seconds() // 60)
            raise OutsideError(
                "clock", f"请求的时间和我们的钟相差超过 {minutes} 分钟，我们现在是 {moment(at)}，请校准时钟。"
            )
        once = (
            insert(OutsideNonce)
            .values(system=system.code, nonce=stamp.nonce, seen_at=at)
            .on_conflict_do_nothing()
            .returning(OutsideNonce.nonce)
        )
        async with self._database.transaction() as session:
            fresh = await session.scalar(once)
        if fresh is None:
            raise OutsideError("replayed", "这个请求已经来过；重发请换新的时间和随机数，正文里的 id 不变。")
        return system

    async def do_report(self, system: System, number: str, report: Report) -> WorkOrder:
        """Do what the report says, as the system's unit; the same ``id`` does it once.

        Raises:
            OutsideError: the order is not the system's, the report is not good, or it may not be done now.
        """
        unit = await self._unit(system, number, report)
        actor = Actor(id=f"{system.code}/{report.by}", role=Role.UNIT, unit=unit)
        fields = report.model_dump(exclude={"id", "kind", "by", "unit"})
        request = f"outside:{system.code}:{report.id}"
        try:
            return await self._casework.do_act(number, actor, report.kind, fields, request=request)
        except WorkOrderError as error:
            if error.code == "not_found":
                raise _no_such_order() from None
            code = "invalid" if error.code in _BAD else "refused"
            raise OutsideError(code, error.message) from None

    async def reader(self, system: System, number: str) -> Actor:
        """As whom the system looks at an order.

        Raises:
            OutsideError: it is not the system's.
        """
        units, _ = await self._units(system, number)
        return Actor(id=f"{system.code}/", role=Role.UNIT, unit=units[0])

    async def _units(self, system: System, number: str) -> tuple[list[str], list[str]]:
        """The system's units that the order is at, the lead first; and those of them that assist."""
        if not _NUMBER.fullmatch(number):
            raise _no_such_order()
        try:
            lead, assisting = await self._casework.units_of(number)
        except WorkOrderError:
            raise _no_such_order() from None
        units = [unit for unit in (lead, *sorted(assisting)) if unit in system.units and unit is not None]
        if not units:
            raise _no_such_order()
        return units, [unit for unit in units if unit != lead]

    async def _unit(self, system: System, number: str, report: Report) -> str:
        """Which of the system's units reports."""
        units, helpers = await self._units(system, number)
        if report.unit is not None:
            if report.unit not in units:
                raise OutsideError(
                    "invalid", f"这张工单不在贵方的单位“{report.unit}”，可以填：{'、'.join(units)}。"
                )
            return report.unit
        if report.kind != "会办意见":
            return units[0]
        if len(helpers) > 1:
            raise OutsideError("invalid", f"贵方有几个协办单位，请填 unit：{'、'.join(helpers)}。")
        return helpers[0] if helpers else units[0]


def _no_such_order() -> OutsideError:
    """The same words for an order that is not there and one that is not the system's."""
    return OutsideError("not_found", "没有这张工单，或者它不在贵方的单位。")


def parse(body: bytes) -> Any:
    """The body as JSON, to be validated.

    Raises:
        OutsideError: it is none.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise OutsideError("invalid", "正文不是 JSON（要用 UTF-8）。") from None
