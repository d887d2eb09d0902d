"""``hotline worker``: the process that does the jobs. Several may run; each thing is done once."""

from __future__ import annotations

import asyncio

import structlog
from procrastinate import jobs as procrastinate_jobs

import hotline.channels.wechat.tidying as wechat_tidying
from hotline import logs
from hotline.attachments.service import Attachments
from hotline.audit.chain import Chain
from hotline.calendar.service import CHANNEL as CALENDAR_CHANNEL
from hotline.calendar.service import CalendarService
from hotline.conversations.hub import Hub
from hotline.conversations.service import Conversations
from hotline.database import Database
from hotline.dispatch.proposals import load_judge
from hotline.jobs.app import Jobs, Work, build
from hotline.language.encoder import load_encoder
from hotline.outside.connected import Connected
from hotline.outside.service import Outside
from hotline.privacy.retention import Retention
from hotline.privacy.service import Privacy
from hotline.settings import Settings
from hotline.similarity.duplicates import Duplicates
from hotline.similarity.turns import Turns
from hotline.work_orders.casework import Casework
from hotline.work_orders.deliveries import Deliveries
from hotline.work_orders.office import Office
from hotline.work_orders.triage import Triage, Urgency

logger = structlog.get_logger(__name__)

_KEEP_HOURS = 24


async def work(settings: Settings) -> None:
    """Do jobs until the process is told to stop."""
    logs.configure()
    database = Database(settings.database_url, pool_size=4)
    office = Office.load(settings.data_dir, settings.city_dir)
    office.encoder = load_encoder(settings.encoder)
    calendar = CalendarService(database, office.city.calendar, changed=office.use_calendar)
    hub = Hub(settings.database_url, others={CALENDAR_CHANNEL: calendar.refresh})
    connected = Connected.load(settings, office)
    casework = Casework(database, office, observers=connected.observers)
    # A system that does not answer holds its connection; the other jobs have theirs.
    outside_database = Database(settings.database_url, pool_size=max(1, len(connected.systems)))
    sender = connected.sender(outside_database, office)
    outside = Outside(database, connected.systems, casework)
    conversations = Conversations(database, office.city, max_length=settings.max_message_length, rate=0)
    judge = await asyncio.to_thread(load_judge, settings, office.routing, office.units, office.topics)
    urgency = Urgency.load(settings.data_dir / "dispatch" / "urgency.yml")
    triage = Triage(database, casework, judge, Duplicates(office.encoder), urgency)
    hot_issues = Turns(database, office, office.encoder)
    deliveries = Deliveries(database, conversations)
    attachments = Attachments.of(settings, database)
    privacy = Privacy(database, casework, attachments)
    retention = Retention(database, privacy, office.process, Chain.of(database, settings))
    jobs: Jobs

    async def then_deliver(of: Work) -> None:
        if await of():
            for job in connected.then:
                await jobs.call(job)

    async def housekeeping() -> None:
        await tidy(jobs)
        await attachments.do_tidy()
        await outside.do_tidy()
        await wechat_tidying.do_tidy(database)

    works: dict[str, Work] = {
        "triage": lambda: then_deliver(triage.do_triage),
        "timers": lambda: then_deliver(casework.do_fire_timers),
        "deliver": deliveries.do_deliver,
        "outside": sender.do_send,
        "hot_issues": hot_issues.do_turn,
        "housekeeping": housekeeping,
        "retention": retention.do_retain,
    }
    await calendar.refresh()
    hub.start()
    jobs = build(settings.database_url, works, connections=4)
    async with jobs.app.open_async():
        logger.info("the worker is ready", jobs=sorted(works))
        await jobs.app.run_worker_async(
            concurrency=3, delete_jobs="successful", shutdown_graceful_timeout=10, name="worker"
        )
    await hub.close()
    await sender.close()
    await outside_database.close()
    await database.close()


async def tidy(jobs: Jobs) -> None:
    """End the jobs of workers that were killed, and forget the failed ones of yesterday."""
    manager = jobs.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.finish_job(job, status=procrastinate_jobs.Status.FAILED, delete_job=True)
    await manager.delete_old_jobs(nb_hours=_KEEP_HOURS, include_failed=True)
