"""Puts the slices of the service together, in the order in which they need each other, and takes them apart again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI

import hotline.channels.web.api as web_api
import hotline.open311.api as open311_api
from hotline.accounts.people import People
from hotline.attachments.service import Attachments
from hotline.attachments.uploads import Uploads
from hotline.audit.chain import Chain
from hotline.calendar.service import CHANNEL as CALENDAR_CHANNEL
from hotline.calendar.service import CalendarService
from hotline.channels.wechat.parts import Parts as WechatParts
from hotline.conversations.engine import Engine, RasaEngine
from hotline.conversations.fallback import answer_without_engine
from hotline.conversations.hub import Hub
from hotline.conversations.processor import Processor
from hotline.conversations.service import Conversations
from hotline.database import Database
from hotline.desk.parts import Parts as DeskParts
from hotline.jobs.app import build as build_jobs
from hotline.knowledge.editing_desk import EditingDesk
from hotline.knowledge.service import Knowledge, KnowledgeError, load_folder
from hotline.language.places import Gazetteer
from hotline.open311.catalogue import Catalogue
from hotline.open311.service import Open311
from hotline.outside.connected import Connected
from hotline.outside.progress import Inbound
from hotline.outside.service import Outside
from hotline.privacy.service import Privacy
from hotline.quality.gate import judge
from hotline.quality.parts import Quality
from hotline.reports.bulletins import Bulletins
from hotline.reports.service import Reports
from hotline.run.serving import one_at_a_time
from hotline.settings import Settings
from hotline.similarity.service import HotIssues
from hotline.work_orders.casework import Casework
from hotline.work_orders.deliveries import Deliveries
from hotline.work_orders.followers import Followers
from hotline.work_orders.lists import Lists
from hotline.work_orders.office import Office
from hotline.work_orders.photos import OrderPhotos
from hotline.work_orders.service import WorkOrders

logger = structlog.get_logger(__name__)


@asynccontextmanager
async def assembled(app: FastAPI, settings: Settings, engine: Engine | None) -> AsyncIterator[None]:
    """Everything that ``app.state`` holds, as long as the service runs.

    Args:
        engine: another dialogue engine than the Rasa that ``settings`` names.
    """
    database = Database(settings.database_url, pool_size=settings.database_pool)
    office = Office.load(settings.data_dir, settings.city_dir)
    city = office.city
    connected = Connected.load(settings, office)
    knowledge = Knowledge(database, encoder=settings.encoder, cache=settings.cache)
    async with one_at_a_time(settings.cache):
        try:
            await load_folder(database, settings.data_dir / "knowledge")
        except KnowledgeError as error:
            # What was loaded before stays in force: better than no hotline.
            logger.error("the knowledge files have mistakes; the old content stays", problems=str(error))
        await knowledge.refresh()
    conversations = Conversations(
        database, city, max_length=settings.max_message_length, rate=settings.conversation_rate
    )
    rasa = engine or RasaEngine(
        settings.rasa_url, settings.secret("internal_token"), timeout=settings.engine_timeout
    )
    processor = Processor(
        database,
        conversations,
        rasa,
        answer_without_engine(knowledge),
        patience=settings.engine_patience,
        queue_timeout=settings.queue_timeout,
        # Rasa takes one at a time; each that waits for it holds a connection of the database.
        concurrency=max(2, 8 // settings.workers),
    )
    calendar = CalendarService(database, city.calendar, changed=office.use_calendar)
    await calendar.refresh()
    app.state.calendar = calendar
    app.state.audit = Chain.of(database, settings)
    app.state.people = People.of(settings, database, office.units, hotline=city.hotline_name)
    others = {"knowledge_changed": knowledge.refresh, CALENDAR_CHANNEL: calendar.refresh}
    hub = Hub(settings.database_url, others=others)
    app.state.settings, app.state.database, app.state.city = settings, database, city
    app.state.knowledge, app.state.conversations = knowledge, conversations
    app.state.processor, app.state.hub, app.state.engine = processor, hub, rasa
    app.state.knowledge_editing = EditingDesk.of(
        settings, database, knowledge, office.units, judge, city=city.name
    )
    app.state.quality = Quality.of(settings, database, knowledge, app.state.knowledge_editing)
    office.encoder = knowledge.encoder
    jobs = build_jobs(settings.database_url)
    await jobs.open()
    casework = Casework(database, office, call=jobs.call, observers=connected.observers, then=connected.then)
    app.state.outside = Outside(database, connected.systems, casework)
    app.state.outside_inbound = Inbound(database, connected.systems, connected.keys, casework)
    app.state.work_orders = WorkOrders(database, casework)
    app.state.order_lists = Lists(database, casework)
    app.state.hot_issues = HotIssues(database)
    app.state.reports = Reports.of(settings, database, office)
    app.state.bulletins = Bulletins(database, app.state.reports)
    app.state.open311 = Open311(
        database,
        app.state.work_orders,
        Catalogue.load(settings.data_dir, settings.city_dir),
        Gazetteer.load(settings.city_dir),
    )
    app.state.open311_rates = open311_api.Rates(settings.open311_rate)
    app.state.deliveries = Deliveries(database, conversations)
    app.state.attachments = Attachments.of(settings, database)
    app.state.privacy = Privacy(database, casework, app.state.attachments)
    app.state.uploads = Uploads(settings.photo_max_bytes)
    app.state.order_photos = OrderPhotos(database, casework, app.state.attachments)
    conversations.photos = app.state.order_photos
    conversations.following = Followers()
    app.state.web = web_api.Web(settings, conversations, processor, hub)
    desk = DeskParts.of(settings, database, conversations, app.state.work_orders, hub)
    app.state.desk = desk
    wechat = WechatParts.of(settings, app.state)
    app.state.wechat = wechat and wechat.door
    app.state.wechat_kf = wechat and wechat.kf_door
    hub.start()
    processor.start()
    desk.live.start()
    if wechat:
        wechat.start()
    yield
    if wechat:
        await wechat.close()
    await desk.live.close()
    await app.state.quality.grouper.close()
    await processor.close()
    await hub.close()
    await jobs.close()
    if isinstance(rasa, RasaEngine):
        await rasa.close()
    await database.close()
