"""What filling in needs, put together from the settings: the same parts as the service and the worker have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from hotline.accounts.people import People
from hotline.attachments.service import Attachments
from hotline.calendar.service import CalendarService
from hotline.database import Database
from hotline.dispatch.proposals import Judge, load_judge
from hotline.knowledge.service import Knowledge, load_folder
from hotline.settings import Settings
from hotline.similarity.duplicates import Duplicates
from hotline.work_orders.office import Office
from hotline.work_orders.triage import Urgency


@dataclass(frozen=True, kw_only=True)
class House:
    """What taking demo data out needs: there in a second."""

    database: Database
    office: Office
    attachments: Attachments


@dataclass(frozen=True, kw_only=True)
class Parts(House):
    """All of them."""

    data_dir: Path
    city_dir: Path
    knowledge: Knowledge
    judge: Judge
    duplicates: Duplicates
    urgency: Urgency
    people: People


@asynccontextmanager
async def house(settings: Settings, url: str) -> AsyncIterator[House]:
    """The few, as long as they are needed."""
    database = Database(url, pool_size=3)
    try:
        office = Office.load(settings.data_dir, settings.city_dir)
        yield House(database=database, office=office, attachments=Attachments.of(settings, database))
    finally:
        await database.close()


@asynccontextmanager
async def opened(settings: Settings, url: str) -> AsyncIterator[Parts]:
    """All parts, as long as they are needed."""
    async with house(settings, url) as few:
        database, office = few.database, few.office
        await CalendarService(database, office.city.calendar, changed=office.use_calendar).refresh()
        knowledge = Knowledge(database, encoder=settings.encoder, cache=settings.cache)
        office.encoder = knowledge.encoder
        await load_folder(database, settings.data_dir / "knowledge")
        await knowledge.refresh()
        judge = await asyncio.to_thread(load_judge, settings, office.routing, office.units, office.topics)
        yield Parts(
            database=database,
            office=office,
            attachments=few.attachments,
            data_dir=settings.data_dir,
            city_dir=settings.city_dir,
            knowledge=knowledge,
            judge=judge,
            duplicates=Duplicates(office.encoder),
            urgency=Urgency.load(settings.data_dir / "dispatch" / "urgency.yml"),
            people=People.of(settings, database, office.units, hotline=office.city.hotline_name),
        )
