"""The service: puts the slices together, and is the only process that the public reaches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.middleware.base import RequestResponseEndpoint

import hotline.accounts.console as console
import hotline.attachments.api as attachments_api
import hotline.audit.api as audit_api
import hotline.calendar.api as calendar_api
import hotline.channels.web.api as web_api
import hotline.desk.api as desk_api
import hotline.desk.inside as desk_inside
import hotline.desk.socket as desk_socket
import hotline.internal as internal
import hotline.knowledge.api as knowledge_api
import hotline.open311.api as open311_api
import hotline.outside.api as outside_api
import hotline.privacy.api as privacy_api
import hotline.similarity.api as hot_issues_api
import hotline.work_orders.api as work_orders_api
import hotline.work_orders.catalogue_api as catalogue_api
import hotline.work_orders.excel.api as excel_api
import hotline.work_orders.staff_api as staff_api
from hotline import errors, logs
from hotline.accounts.people import People
from hotline.attachments.service import Attachments
from hotline.attachments.uploads import Uploads
from hotline.audit.chain import Chain
from hotline.calendar.service import CHANNEL as CALENDAR_CHANNEL
from hotline.calendar.service import CalendarService
from hotline.channels.web.limits import BodyLimit
from hotline.console_files import add_console
from hotline.conversations.engine import Engine, RasaEngine
from hotline.conversations.fallback import answer_without_engine
from hotline.conversations.hub import Hub
from hotline.conversations.processor import Processor
from hotline.conversations.service import Conversations
from hotline.database import Database
from hotline.desk.parts import Parts as DeskParts
from hotline.jobs.app import build as build_jobs
from hotline.jobs.app import workers_alive
from hotline.knowledge.service import Knowledge, KnowledgeError, load_folder
from hotline.language.places import Gazetteer
from hotline.open311.catalogue import Catalogue
from hotline.open311.service import Open311
from hotline.outside.connected import Connected
from hotline.outside.progress import Inbound
from hotline.outside.service import Outside
from hotline.privacy.service import Privacy
from hotline.settings import Settings, get_settings
from hotline.similarity.service import HotIssues
from hotline.work_orders.acting import told_apart
from hotline.work_orders.casework import Casework
from hotline.work_orders.deliveries import Deliveries
from hotline.work_orders.desk import Desk
from hotline.work_orders.office import Office
from hotline.work_orders.photos import OrderPhotos
from hotline.work_orders.service import WorkOrders

logger = structlog.get_logger(__name__)

#: The page and its own files only; nothing from elsewhere. Other sites may show the page in a frame.
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def create_app(settings: Settings | None = None, *, engine: Engine | None = None) -> FastAPI:
    """The application.

    Args:
        settings: where everything is; the environment's by default.
        engine: another dialogue engine than the Rasa that ``settings`` names.
    """
    settings = settings or get_settings()
    logs.configure()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings.database_url, pool_size=settings.database_pool)
        office = Office.load(settings.data_dir, settings.city_dir)
        city = office.city
        connected = Connected.load(settings, office)
        knowledge = Knowledge(database, encoder=settings.encoder, cache=settings.var_dir / "cache")
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
        office.encoder = knowledge.encoder
        jobs = build_jobs(settings.database_url)
        await jobs.open()
        casework = Casework(
            database, office, call=jobs.call, observers=connected.observers, then=connected.then
        )
        app.state.outside = Outside(database, connected.systems, casework)
        app.state.outside_inbound = Inbound(database, connected.systems, connected.keys, casework)
        app.state.work_orders = WorkOrders(database, casework)
        app.state.desk = Desk(database, casework)
        app.state.hot_issues = HotIssues(database)
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
        app.state.web = web_api.Web(settings, conversations, processor, hub)
        desk = DeskParts.of(settings, database, conversations, app.state.work_orders, hub)
        app.state.agent_desk = desk
        hub.start()
        processor.start()
        desk.live.start()
        yield
        await desk.live.close()
        await processor.close()
        await hub.close()
        await jobs.close()
        if isinstance(rasa, RasaEngine):
            await rasa.close()
        await database.close()

    app = FastAPI(
        title="12345 热线",
        version=version("hotline"),
        lifespan=lifespan,
        responses=errors.DOCUMENTED,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    errors.install(app)
    app.add_middleware(
        BodyLimit,
        max_bytes=settings.max_body_bytes,
        streamed=lambda path: attachments_api.body_limit(path, settings),
        doors={
            "/open311/": (open311_api.MAX_BODY, open311_api.too_large),
            "/internal/orders/import": (excel_api.MAX_BODY, excel_api.too_large),
            f"{console.PREFIX}/orders/import": (excel_api.MAX_BODY, excel_api.too_large),
        },
    )
    app.middleware("http")(_add_headers)

    inside = APIRouter(prefix="/internal", dependencies=[Depends(internal.authorized)])
    inside.include_router(internal.router)
    inside.include_router(desk_inside.router)
    inside.include_router(knowledge_api.router)
    inside.include_router(work_orders_api.router)
    inside.include_router(excel_api.router)
    inside.include_router(catalogue_api.router)
    inside.include_router(staff_api.router)
    inside.include_router(hot_issues_api.router)
    inside.include_router(calendar_api.router)
    inside.include_router(audit_api.router)
    inside.include_router(privacy_api.router)
    inside.include_router(attachments_api.inside)
    inside.include_router(outside_api.inside)
    app.include_router(inside)
    app.include_router(console.router())
    app.include_router(desk_api.router)
    app.include_router(desk_socket.router)
    app.include_router(outside_api.router)
    app.include_router(web_api.router)
    app.include_router(open311_api.router)
    app.include_router(attachments_api.router)
    _add_operation(app)
    _add_widget(app, settings)
    add_console(app, settings.console_dir)
    documented = app.openapi
    app.openapi = lambda: told_apart(documented())  # type: ignore[method-assign]
    return app


async def _add_headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
    response = await call_next(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.url.path.startswith(console.PREFIX):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _add_operation(app: FastAPI) -> None:
    @app.get("/healthz", tags=["operation"])
    async def healthz() -> PlainTextResponse:
        """The process is alive."""
        return PlainTextResponse("ok")

    @app.get("/readyz", tags=["operation"])
    async def readyz(request: Request) -> JSONResponse:
        """All parts answer: database, Rasa with the actions, and the knowledge base; and whether jobs are done.

        Without a worker citizens are served all the same: it does not make the service unready.
        """
        parts: dict[str, Any] = {"database": False, "engine": False, "knowledge": False}
        jobs = False
        try:
            async with request.app.state.database.transaction() as session:
                await session.execute(text("SELECT 1"))
                parts["database"] = True
                jobs = await workers_alive(session)
        except Exception as error:
            logger.warning("the database does not answer", error=str(error))
        parts["engine"] = await request.app.state.engine.ready()
        parts["knowledge"] = request.app.state.knowledge.size > 0
        return JSONResponse(parts | {"jobs": jobs}, 200 if all(parts.values()) else 503)

    @app.get("/openapi.json", include_in_schema=False, dependencies=[Depends(internal.authorized)])
    async def openapi() -> JSONResponse:
        """What may be asked of the service, for those who may know."""
        return JSONResponse(app.openapi())

    @app.get("/metrics", tags=["operation"], dependencies=[Depends(internal.authorized)])
    async def metrics() -> Response:
        """Figures for Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _add_widget(app: FastAPI, settings: Settings) -> None:
    folder = settings.widget_dir

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        index = folder / "index.html"
        if not index.exists():
            return PlainTextResponse("网页还没有生成，请先运行 make run。", 503)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    if folder.is_dir():
        app.mount("/widget", StaticFiles(directory=folder), name="widget")
