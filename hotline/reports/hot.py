"""The hot issues of a period, as a 专报 tells of them: how many complained, and what was done about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.reports.indicators import Span
from hotline.similarity.models import HotIssueMember, HotIssueRow
from hotline.work_orders.masking import for_public
from hotline.work_orders.models import WorkOrder

_MOST = 5
#: Characters of what was done that are told.
_LONGEST = 140
#: How answers begin before they come to the matter, and how they end.
_POLITE = re.compile(r"^(您好|你好|尊敬的|感谢|谢谢|市民朋友|如有|如您|祝您)")
_OWN_PLACE = re.compile(r"^.{2,30}(局|办|中心|政府|委员会|公司|办事处)[，,]?\s*\d{4}\s*年")


@dataclass(frozen=True)
class Issue:
    """One hot issue; ``done`` is what a unit has answered, with the unit's code, None when nobody has yet."""

    title: str
    callers: int
    orders: int
    answered: int
    unit: str | None
    done: str | None


async def issues_of(session: AsyncSession, span: Span) -> list[Issue]:
    """The issues that most people complained of in the span; those that were ignored are left out.

    What has become confidential since is not told of, and what was withdrawn does not count.
    """
    who = func.coalesce(WorkOrder.phone, cast(WorkOrder.conversation_id, Text), WorkOrder.number)
    members = select(HotIssueMember.issue_id, HotIssueMember.number).distinct().subquery()
    callers = func.count(who.distinct())
    query = (
        select(
            HotIssueRow.id,
            HotIssueRow.title,
            callers,
            func.count(WorkOrder.id.distinct()),
            func.count(WorkOrder.id.distinct()).filter(WorkOrder.callback_at.is_not(None)),
        )
        .join(members, members.c.issue_id == HotIssueRow.id)
        .join(WorkOrder, WorkOrder.number == members.c.number)
        .where(
            HotIssueRow.decision != "已忽略",
            span.holds(WorkOrder.created_at),
            WorkOrder.confidential.is_(False),
            WorkOrder.content_confidential.is_(False),
            WorkOrder.status != "已撤回",
        )
        .group_by(HotIssueRow.id)
        .order_by((HotIssueRow.decision == "已确认").desc(), callers.desc(), HotIssueRow.id)
        .limit(_MOST)
    )
    found = []
    for issue, title, people, orders, answered in (await session.execute(query)).all():
        unit, done = await _done(session, issue, span)
        found.append(Issue(title, int(people), int(orders), int(answered), unit, done))
    return found


async def _done(session: AsyncSession, issue: int, span: Span) -> tuple[str | None, str | None]:
    """What was answered last to one of its orders that the citizen was told of."""
    numbers = select(HotIssueMember.number).where(HotIssueMember.issue_id == issue)
    query = (
        select(WorkOrder)
        .where(
            WorkOrder.number.in_(numbers),
            span.holds(WorkOrder.created_at),
            WorkOrder.confidential.is_(False),
            WorkOrder.content_confidential.is_(False),
            WorkOrder.callback_at.is_not(None),
            WorkOrder.answer.is_not(None),
        )
        .order_by(WorkOrder.answered_at.desc())
        .limit(1)
    )
    order: WorkOrder | None = await session.scalar(query)
    if order is None:
        return None, None
    return order.lead_unit, brief(for_public(order)(order.answer or ""))


def brief(answer: str) -> str:
    """Of an answer what was found and done, without greeting and signature."""
    said = [part.strip() for part in re.split(r"(?<=[。！；\n])", answer) if part.strip()]
    telling = [part for part in said if not _POLITE.match(part) and not _OWN_PLACE.match(part)] or said
    words = ""
    for part in telling:
        if words and len(words) + len(part) > _LONGEST:
            break
        words += part
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
