"""Versions from hand to hand: given to somebody else, sent back, found good, given up.

Who wrote or changed a version never finds it good, nor sends it back.
"""

from __future__ import annotations

from hotline.knowledge import editing_texts as texts
from hotline.knowledge import versions
from hotline.knowledge.drafts import WRITABLE, Drafts, note_of, units_of
from hotline.knowledge.errors import EditingError
from hotline.knowledge.models import FILE, OPEN, MatterVersion
from hotline.knowledge.rights import Person


class Reviewing(Drafts):
    """What happens to a draft that is written."""

    async def do_submit(self, person: Person, version_id: int, revision: int) -> MatterVersion:
        """Give a draft to somebody else to be looked at.

        Raises:
            EditingError: it is not whole, says nothing new, or was begun before what is published now.
        """
        async with self.database.transaction() as session:
            version, live = await self.get(session, version_id)
            person.check_owns(*units_of(version, live))
            self.check_state(version, WRITABLE, "提交")
            self.check_revision(version, revision)
            if not version.note:
                raise EditingError("missing", texts.NOTE_NEEDED)
            await self.check_ready(session, version, live)
            version.state, version.submitted_at, version.reason = "待审核", self.clock(), ""
            self.step(version, person)
            await self.record(session, person, "提交审核", version)
            return version

    async def do_take_back(self, person: Person, version_id: int, revision: int) -> MatterVersion:
        """Go on writing what was given to be looked at.

        Raises:
            EditingError: it is not the person's, or was decided about already.
        """
        async with self.database.transaction() as session:
            version, live = await self.get(session, version_id)
            person.check_owns(*units_of(version, live))
            self.check_state(version, ("待审核", "待发布"), "撤回")
            self.check_revision(version, revision)
            if version.origin == FILE:
                raise EditingError("refused", texts.FROM_FILE)
            version.state, version.reviewer, version.reviewed_at = "草稿", None, None
            self.step(version, person)
            await self.record(session, person, "撤回修改", version)
            return version

    async def do_send_back(
        self, person: Person, version_id: int, revision: int, reason: str
    ) -> MatterVersion:
        """Say what has to be better. What came from a file is dropped: it is mended in the file.

        Raises:
            EditingError: no reason is given, or the person has written it.
        """
        reason = note_of(reason)
        if not reason:
            raise EditingError("missing", texts.REASON_NEEDED)
        async with self.database.transaction() as session:
            version = await self.judged(session, person, version_id, revision, ("待审核", "待发布"), "退回")
            version.state = "已作废" if version.origin == FILE else "已退回"
            version.reason = reason
            version.reviewer, version.reviewed_at = person.number, self.clock()
            await self.record(session, person, "退回草稿", version, reason=reason)
            return version

    async def do_approve(self, person: Person, version_id: int, revision: int) -> MatterVersion:
        """Find a version good.

        Raises:
            EditingError: the person has written it, or it cannot be published as it is.
        """
        async with self.database.transaction() as session:
            version = await self.judged(session, person, version_id, revision, ("待审核",), "审核")
            await self.check_ready(session, version, await versions.live(session, version.code))
            version.state, version.reviewer, version.reviewed_at = "待发布", person.number, self.clock()
            await self.record(session, person, "审核通过", version)
            return version

    async def do_discard(self, person: Person, version_id: int, revision: int) -> MatterVersion:
        """Give a draft up; it stays to be read.

        Raises:
            EditingError: it is not the person's, or was published.
        """
        async with self.database.transaction() as session:
            version, live = await self.get(session, version_id)
            person.check_owns(*units_of(version, live))
            self.check_state(version, OPEN, "作废")
            self.check_revision(version, revision)
            version.state = "已作废"
            self.step(version, person)
            await self.record(session, person, "作废草稿", version)
            return version
