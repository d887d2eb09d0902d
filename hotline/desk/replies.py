"""Canned replies (快捷回复): everybody's, and each agent's own."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.service import record
from hotline.conversations import handover
from hotline.database import Database, now
from hotline.desk import texts
from hotline.desk.errors import DeskError
from hotline.desk.models import DeskReply
from hotline.desk.presence import CHANNEL
from hotline.desk.rights import Person

MOST_TEXT = 500
_CODE = re.compile(r"[0-9A-Za-z一-鿿-]{1,20}")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}?|\}")
NUMBER = "{工号}"


def filled(text: str, number: str) -> str:
    """The text as this agent says it."""
    return text.replace(NUMBER, number)


def check(code: str, text: str) -> tuple[str, str]:
    """Code and text without blanks around them.

    Raises:
        DeskError: with what is wrong.
    """
    code, text = code.strip(), text.replace("\x00", "").strip()
    if not _CODE.fullmatch(code):
        raise DeskError("invalid", texts.BAD_CODE)
    if not text or len(text) > MOST_TEXT:
        raise DeskError("invalid", texts.BAD_REPLY.format(most=MOST_TEXT))
    unknown = next((found for found in _PLACEHOLDER.findall(text) if found != NUMBER), None)
    if unknown is not None:
        raise DeskError("invalid", texts.BAD_PLACEHOLDER.format(found=unknown))
    return code, text


class Replies:
    """The canned replies of one hotline."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, person: Person) -> list[dict[str, Any]]:
        """What the person may use: shared ones first, each by its code.

        Raises:
            DeskError: it is not for this person.
        """
        person.role_for("presence")
        query = select(DeskReply).where(DeskReply.owner.in_(("", person.number)))
        async with self._database.transaction() as session:
            found = await session.scalars(query.order_by(DeskReply.owner != "", DeskReply.code))
            return [_out(reply, person) for reply in found]

    async def do_add(self, person: Person, *, shared: bool, code: str, text: str) -> dict[str, Any]:
        """Add one.

        Raises:
            DeskError: it is not allowed, not well written, or the code is used.
        """
        code, text = check(code, text)
        owner = "" if shared else person.number
        role = self._may(person, owner)
        reply = DeskReply(owner=owner, code=code, text=text, changed_by=person.number, changed_at=now())
        async with self._database.transaction() as session:
            session.add(reply)
            await self._keep(session, reply)
            await self._record(session, person, role, "添加快捷回复", reply)
        return _out(reply, person)

    async def do_change(self, person: Person, reply_id: int, *, code: str, text: str) -> dict[str, Any]:
        """Change one.

        Raises:
            DeskError: it is not there, not allowed, not well written, or the code is used.
        """
        code, text = check(code, text)
        async with self._database.transaction() as session:
            reply, role = await self._mine(session, person, reply_id)
            reply.code, reply.text = code, text
            reply.changed_by, reply.changed_at = person.number, now()
            await self._keep(session, reply)
            await self._record(session, person, role, "修改快捷回复", reply)
        return _out(reply, person)

    async def do_delete(self, person: Person, reply_id: int) -> None:
        """Delete one.

        Raises:
            DeskError: it is not there, or it is not allowed.
        """
        async with self._database.transaction() as session:
            reply, role = await self._mine(session, person, reply_id)
            await session.delete(reply)
            await self._record(session, person, role, "删除快捷回复", reply)

    async def _mine(self, session: AsyncSession, person: Person, reply_id: int) -> tuple[DeskReply, str]:
        reply = await session.get(DeskReply, reply_id, with_for_update=True)
        # Somebody else's own ones do not exist for anybody.
        if reply is None or reply.owner not in ("", person.number):
            raise DeskError("not_found", texts.NO_REPLY)
        return reply, self._may(person, reply.owner)

    @staticmethod
    def _may(person: Person, owner: str) -> str:
        return person.role_for("act" if owner else "manage")

    @staticmethod
    async def _keep(session: AsyncSession, reply: DeskReply) -> None:
        try:
            await session.flush()
        except IntegrityError:
            raise DeskError("taken", texts.CODE_TAKEN.format(code=reply.code)) from None

    @staticmethod
    async def _record(
        session: AsyncSession, person: Person, role: str, action: str, reply: DeskReply
    ) -> None:
        shared = not reply.owner
        await record(
            session,
            actor=person.number,
            role=role,
            action=action,
            subject=f"快捷回复-{reply.code}",
            detail={"shared": shared, "text": reply.text},
        )
        await handover.notify_id(session, CHANNEL, f"replies:{reply.owner}")


def _out(reply: DeskReply, person: Person) -> dict[str, Any]:
    return {
        "id": reply.id,
        "shared": not reply.owner,
        "code": reply.code,
        "text": reply.text,
        "filled": filled(reply.text, person.number),
    }
