"""Taking demo data out: whatever refers to a demo order, conversation or account goes with it, in any table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.models import Account
from hotline.attachments.service import Attachments
from hotline.conversations.forgetting import do_forget_trackers
from hotline.conversations.models import Conversation
from hotline.database import SCHEMA
from hotline.demo.models import DemoFill
from hotline.desk.models import DeskAgent, DeskReply
from hotline.knowledge.models import UnansweredQuestion
from hotline.quality import forgetting as quality
from hotline.quality.grouping import drop_demo
from hotline.reports.models import DRAFT
from hotline.similarity.models import HotIssueMember, HotIssueRow, HotIssueWindow
from hotline.work_orders.models import DEMO, WorkOrder

#: A table's name → those that refer to it: their name, their columns, and the columns referred to.
References = Mapping[str, Sequence[tuple[str, str, str]]]

_REFERENCES = """
SELECT f.relname, c.relname,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.n) FROM unnest(o.conkey) WITH ORDINALITY k(num, n)
          JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.num),
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.n) FROM unnest(o.confkey) WITH ORDINALITY k(num, n)
          JOIN pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = k.num)
  FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_class f ON f.oid = o.confrelid
 WHERE o.contype = 'f' AND o.connamespace = CAST(:schema AS regnamespace)
"""


@dataclass(frozen=True, kw_only=True)
class Removed:
    """How much was taken out."""

    orders: int
    conversations: int
    people: int


async def do_remove(session: AsyncSession, fill: DemoFill, attachments: Attachments) -> Removed:
    """Take everything out, in the caller's transaction; photographs' files follow by ``do_tidy``."""
    talks = list(await session.scalars(select(Conversation.id).where(Conversation.demo)))
    found = select(WorkOrder.id, WorkOrder.number).where(
        WorkOrder.demo | WorkOrder.conversation_id.in_(talks)
    )
    orders: dict[int, str] = {order: number for order, number in await session.execute(found)}  # noqa: C416
    await attachments.do_forget_orders(session, list(orders))
    await attachments.do_forget_conversations(session, talks)
    await do_forget_trackers(session, talks)
    unanswered = UnansweredQuestion.conversation_id.in_([str(one) for one in talks])
    questions = list(await session.scalars(select(UnansweredQuestion.id).where(unanswered)))
    await quality.do_remove(session, talks, questions)
    await session.execute(delete(UnansweredQuestion).where(unanswered))
    await _hot_issues(session, list(orders.values()))
    references = await _references(session)
    await _delete(session, references, "work_order", f"draft LIKE '{DEMO}%'")
    await _delete(session, references, "conversation", "demo")
    await drop_demo(session)
    await _bulletins(session, references, fill)
    numbers = list(fill.people)
    await session.execute(delete(DeskAgent).where(DeskAgent.number.in_(numbers)))
    await session.execute(delete(DeskReply).where(DeskReply.owner.in_(numbers)))
    people = list(await session.scalars(select(Account.id).where(Account.number.in_(numbers))))
    if people:
        await _delete(session, references, "account", f"id IN ({', '.join(map(str, people))})")
    return Removed(orders=len(orders), conversations=len(talks), people=len(people))


async def _hot_issues(session: AsyncSession, numbers: Sequence[str]) -> None:
    """An issue of demo orders alone is no issue."""
    touched = select(HotIssueMember.issue_id).where(HotIssueMember.number.in_(numbers)).distinct()
    issues = list(await session.scalars(touched))
    await session.execute(delete(HotIssueMember).where(HotIssueMember.number.in_(numbers)))
    left = exists().where(HotIssueMember.issue_id == HotIssueRow.id)
    empty = list(await session.scalars(select(HotIssueRow.id).where(HotIssueRow.id.in_(issues), ~left)))
    await session.execute(delete(HotIssueWindow).where(HotIssueWindow.issue_id.in_(empty)))
    await session.execute(delete(HotIssueRow).where(HotIssueRow.id.in_(empty)))


async def _bulletins(session: AsyncSession, references: References, fill: DemoFill) -> None:
    """What was reported of demo data is no report; where there are real data, one that is released stays."""
    real = await session.scalar(select(WorkOrder.id).limit(1)) is not None
    released = f" AND state = '{DRAFT}'" if real else ""
    since = f"made_at >= '{fill.filled_at.isoformat()}'"
    await _delete(session, references, "bulletin", since + released)


async def _references(session: AsyncSession) -> References:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for parent, child, columns, referred in await session.execute(text(_REFERENCES), {"schema": SCHEMA}):
        found.setdefault(parent, []).append((child, columns, referred))
    return found


async def _delete(session: AsyncSession, references: References, table: str, which: str) -> None:
    """Delete rows, and before them all that refer to them. No condition holds words from outside."""
    for child, columns, referred in references.get(table, ()):
        if child != table:
            chosen = f"({columns}) IN (SELECT {referred} FROM {SCHEMA}.{table} WHERE {which})"
            await _delete(session, references, child, chosen)
    await session.execute(text(f"DELETE FROM {SCHEMA}.{table} WHERE {which}"))
