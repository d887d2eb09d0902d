"""The service: the doors of all slices. It is the only process that the public reaches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version
from typing import Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.middleware.base import RequestResponseEndpoint
from starlette.routing import BaseRoute

import hotline.accounts.console as console
import hotline.attachments.api as attachments_api
import hotline.audit.api as audit_api
import hotline.calendar.api as calendar_api
import hotline.channels.web.api as web_api
import hotline.channels.wechat.kf.api as wechat_kf_api
import hotline.channels.wechat.official.api as wechat_api
import hotline.desk.api as desk_api
import hotline.desk.inside as desk_inside
import hotline.desk.socket as desk_socket
import hotline.internal as internal
import hotline.knowledge.api as knowledge_api
import hotline.knowledge.editing_api as editing_api
import hotline.open311.api as open311_api
import hotline.outside.api as outside_api
import hotline.privacy.api as privacy_api
import hotline.reports.api as reports_api
import hotline.reports.bulletin_api as bulletin_api
import hotline.similarity.api as hot_issues_api
import hotline.work_orders.api as work_orders_api
import hotline.work_orders.catalogue_api as catalogue_api
import hotline.work_orders.excel.api as excel_api
import hotline.work_orders.staff_api as staff_api
from hotline import errors, logs, metrics
from hotline.accounts.first_look import SessionFirst
from hotline.assembly import assembled
from hotline.channels.web.limits import BodyLimit
from hotline.console_files import add_console
from hotline.conversations.engine import Engine
from hotline.jobs.app import workers_alive
from hotline.settings import Settings, get_settings
from hotline.work_orders.acting import told_apart

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
        async with assembled(app, settings, engine):
            yield

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
            f"{console.PREFIX}/knowledge/": (editing_api.MAX_BODY, editing_api.too_large),
            f"{console.PREFIX}/knowledge/import": (editing_api.MAX_IMPORT, editing_api.too_large),
        },
    )
    app.add_middleware(SessionFirst, prefix=f"{console.PREFIX}/", above=settings.max_body_bytes)
    app.middleware("http")(_add_headers)

    app.router.routes.extend(_doors())
    _add_operation(app)
    _add_widget(app, settings)
    add_console(app, settings.console_dir)
    documented = app.openapi
    app.openapi = lambda: told_apart(documented())  # type: ignore[method-assign]
    return app


@cache
def _doors() -> list[BaseRoute]:
    """The routes of all slices. They hold no state, and what FastAPI works out of them takes most of a second: once a process."""
    doors = APIRouter(responses=errors.DOCUMENTED)
    inside = APIRouter(prefix="/internal", dependencies=[Depends(internal.authorized)])
    inside.include_router(internal.router)
    inside.include_router(desk_inside.router)
    inside.include_router(knowledge_api.router)
    inside.include_router(work_orders_api.router)
    inside.include_router(excel_api.router)
    inside.include_router(catalogue_api.router)
    inside.include_router(staff_api.router)
    inside.include_router(hot_issues_api.router)
    inside.include_router(reports_api.router)
    inside.include_router(bulletin_api.router)
    inside.include_router(calendar_api.router)
    inside.include_router(audit_api.router)
    inside.include_router(privacy_api.router)
    inside.include_router(attachments_api.inside)
    inside.include_router(outside_api.inside)
    doors.include_router(inside)
    doors.include_router(console.router())
    doors.include_router(desk_api.router)
    doors.include_router(desk_socket.router)
    doors.include_router(outside_api.router)
    doors.include_router(web_api.router)
    doors.include_router(wechat_api.router)
    doors.include_router(wechat_kf_api.router)
    doors.include_router(open311_api.router)
    doors.include_router(attachments_api.router)
    return doors.routes


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
    async def figures() -> Response:
        """Figures for Prometheus."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)


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
