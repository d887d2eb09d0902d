"""HTTP of the open interface: Open311 GeoReport v2 with FixMyStreet's updates, under ``/open311/v2``.

The format is the end of the address. Errors have the standard's own form, whatever goes wrong, so they are turned
into documents here and not by ``hotline/errors.py``. No cookie is set or read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import BaseModel
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from hotline.channels.web.limits import client_address
from hotline.open311 import mapping, texts
from hotline.open311.asking import read_query, read_updates_query
from hotline.open311.documents import BARE_MEDIA_TYPES, MEDIA_TYPES, Format, clean, render
from hotline.open311.errors import Open311Error
from hotline.open311.forms import Fields, read_addition, read_submission
from hotline.open311.models import ApiKey
from hotline.open311.service import Open311, check_scope
from hotline.open311.shapes import (
    CreatedOut,
    DefinitionOut,
    DiscoveryOut,
    ErrorOut,
    RequestOut,
    ServiceOut,
    TokenOut,
    UpdatedOut,
    UpdateOut,
)
from hotline.settings import Settings
from hotline.work_orders.errors import WorkOrderError

logger = structlog.get_logger(__name__)

PATH = "/open311/v2"
#: 4,000 characters take up to 48,000 bytes in a form; the rest is for the other fields.
MAX_BODY = 64 * 1024
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


class Rates:
    """How often a key, or an address without one, may call; counted in this process."""

    def __init__(self, address_rate: int) -> None:
        """
        Args:
            address_rate: calls a minute.
        """
        self._address_rate = address_rate
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, who: str, per_minute: int | None = None) -> None:
        """Count one call.

        Raises:
            Open311Error: 429, there were too many in the last minute.
        """
        item = RateLimitItemPerMinute(self._address_rate if per_minute is None else per_minute)
        if not self._limiter.hit(item, "open311", who):
            reset = self._limiter.get_window_stats(item, "open311", who).reset_time
            seconds = max(1, round(reset - time.time()))
            raise Open311Error(429, texts.TOO_FAST.format(seconds=seconds), retry_after=seconds)


class _Route(APIRoute):
    """Answers every error in the standard's form and in the format that was asked for."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except Exception as error:
                response = refusal(_refused(error, request), _wanted(request.url.path))
            # What everybody may read, a page of another site may read too.
            response.headers["Access-Control-Allow-Origin"] = "*"
            return response

        return answer


def _refused(error: Exception, request: Request) -> Open311Error:
    if isinstance(error, Open311Error):
        return error
    if isinstance(error, WorkOrderError):
        return Open311Error(404 if error.code == "not_found" else 400, error.message)
    if isinstance(error, RequestValidationError):
        return Open311Error(400, texts.INVALID)
    if isinstance(error, HTTPException):
        return Open311Error(error.status_code, texts.INVALID)
    if isinstance(error, DataError):
        logger.warning("the database refused a value", error=str(error.orig))
        return Open311Error(400, texts.UNSTORABLE)
    gone = isinstance(error, DBAPIError) and error.connection_invalidated
    if isinstance(error, OperationalError | InterfaceError) or gone:
        logger.warning("the database does not answer", path=request.url.path)
        return Open311Error(503, texts.RESTARTING, retry_after=1)
    logger.error("unexpected error", path=request.url.path, exc_info=error)
    return Open311Error(500, texts.BROKEN)


def refusal(error: Open311Error, form: Format) -> Response:
    """The document that says what was wrong."""
    reasons = [{"code": error.status, "description": reason} for reason in error.reasons]
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    return Response(render("errors", reasons, form), error.status, headers, MEDIA_TYPES[form])


def too_large(path: str) -> Response:
    """The document for a body above :data:`MAX_BODY`."""
    return refusal(Open311Error(413, texts.TOO_LARGE), _wanted(path))


def _wanted(path: str) -> Format:
    return "json" if path.endswith(".json") else "xml"


router = APIRouter(prefix="/open311", tags=["open311"], route_class=_Route)


def _form(fmt: str) -> Format:
    """The format at the end of the address."""
    if fmt == "xml":
        return "xml"
    if fmt == "json":
        return "json"
    raise Open311Error(404, texts.NO_PAGE)


def _service(request: Request) -> Open311:
    service: Open311 = request.app.state.open311
    return service


Service = Annotated[Open311, Depends(_service)]
Form = Annotated[Format, Depends(_form)]
_Optional = Annotated[str | None, Query()]


def _check_jurisdiction(service: Open311, given: str | None) -> None:
    if given and given != service.catalogue.jurisdiction:
        raise Open311Error(404, texts.NO_JURISDICTION.format(value=clean(given)[:64]))


async def _key(request: Request, service: Open311, given: str | None) -> ApiKey | None:
    """The key that was given, counted against its rate; without one, or with a wrong one, the address counts."""
    rates: Rates = request.app.state.open311_rates
    settings: Settings = request.app.state.settings
    address = f"address {client_address(request, settings.trusted_proxies)}"
    if not given:
        rates.count(address)
        return None
    try:
        key = await service.keys.check(given)
    except Open311Error:
        rates.count(address)
        raise
    rates.count(f"key {key.id}", key.rate)
    return key


async def _reader(
    request: Request, service: Service, api_key: _Optional = None, jurisdiction_id: _Optional = None
) -> ApiKey | None:
    """Who reads: a key is needed only for what is not published."""
    key = await _key(request, service, api_key)
    _check_jurisdiction(service, jurisdiction_id)
    return key


Reader = Annotated[ApiKey | None, Depends(_reader)]


async def _sent(request: Request, service: Open311) -> tuple[ApiKey, Fields]:
    """The key and the fields of a form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _FORM_TYPES:
        raise Open311Error(400, texts.NOT_A_FORM)
    form: FormData = await request.form()
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    given = next((value for name, value in fields if name == "api_key"), "")
    key = await _key(request, service, given)
    if key is None:
        raise Open311Error(403, texts.KEY_MISSING)
    asked = next((value for name, value in fields if name == "jurisdiction_id"), None)
    _check_jurisdiction(service, asked or request.query_params.get("jurisdiction_id"))
    if len(fields) < len(form.multi_items()):
        raise Open311Error(400, texts.NO_FILES)
    return key, fields


def _document(root: str, content: BaseModel | list[Any], form: Format, *, unset: bool = False) -> Response:
    """A document; with ``unset`` the fields that were not set are left out."""
    given: Any
    if isinstance(content, BaseModel):
        given = content.model_dump()
    else:
        given = [item.model_dump(exclude_unset=unset) for item in content]
    return Response(render(root, given, form), media_type=MEDIA_TYPES[form])


def _described(shape: Any) -> dict[int | str, dict[str, Any]]:
    """What a route answers, for the description of the interface."""
    answers: dict[int | str, dict[str, Any]] = {200: {"model": shape, "content": {"text/xml": {}}}}
    return answers | {status: {"model": list[ErrorOut]} for status in (400, 403, 404, 429)}


def _takes(*required: str, optional: tuple[str, ...]) -> dict[str, Any]:
    """The form a route takes, for the description of the interface."""
    properties = {name: {"type": "string"} for name in (*required, *optional)}
    schema = {"type": "object", "required": list(required), "properties": properties}
    return {"requestBody": {"required": True, "content": {_FORM_TYPES[0]: {"schema": schema}}}}


def _discover(request: Request, service: Open311, form: Format) -> Response:
    settings: Settings = request.app.state.settings
    base = settings.public_url or str(request.base_url)
    found = mapping.discovery(service.catalogue, base.rstrip("/") + PATH)
    document = render("discovery", found.model_dump(), form)
    return Response(document, headers={"Content-Type": BARE_MEDIA_TYPES[form]})


@router.get("/discovery.{fmt}", responses=_described(DiscoveryOut))
@router.get("/v2/discovery.{fmt}", responses=_described(DiscoveryOut))
async def discovery(request: Request, form: Form, service: Service) -> Response:
    """Where the interface is, in which formats, and whom to ask for a key."""
    return _discover(request, service, form)


@router.get("/discovery", include_in_schema=False)
@router.get("/v2/discovery", include_in_schema=False)
async def discovery_without_format(request: Request, service: Service) -> Response:
    """The same for who names no format."""
    return _discover(request, service, "xml")


@router.get("/v2/services.{fmt}", responses=_described(list[ServiceOut]))
async def services(form: Form, service: Service, reader: Reader) -> Response:
    """The services that requests can be handed in for."""
    found = [mapping.service(item) for item in service.catalogue.services.values()]
    return _document("services", found, form)


@router.get("/v2/services/{service_code}.{fmt}", responses=_described(DefinitionOut))
async def definition(service_code: str, form: Form, service: Service, reader: Reader) -> Response:
    """What else has to be said with a request for a service."""
    found = service.catalogue.services.get(service_code)
    if found is None:
        raise Open311Error(404, texts.NO_SERVICE.format(value=clean(service_code)[:64]))
    if not found.attributes:
        raise Open311Error(404, texts.NO_DEFINITION.format(value=service_code))
    return _document("service_definition", mapping.definition(found), form)


@router.post(
    "/v2/requests.{fmt}",
    responses=_described(list[CreatedOut]),
    openapi_extra=_takes(
        *("api_key", "service_code"),
        optional=(
            *("jurisdiction_id", "lat", "long", "address_string", "address_id", "description", "media_url"),
            *("first_name", "last_name", "phone", "email", "account_id", "device_id"),
        ),
    ),
)
async def submit(request: Request, form: Form, service: Service) -> Response:
    """Hand in a request; ``attribute[code]`` answers the service's questions."""
    key, fields = await _sent(request, service)
    check_scope(key, "create")
    submission = read_submission(fields, service.catalogue, service.places)
    return _document("service_requests", [await service.do_submit(submission, key)], form, unset=True)


@router.get("/v2/tokens/{token}.{fmt}", responses=_described(list[TokenOut]))
async def token(token: str, form: Form, service: Service, reader: Reader) -> Response:
    """The number that a token stands for."""
    return _document("service_requests", [await service.token(clean(token))], form)


@router.get("/v2/requests.{fmt}", responses=_described(list[RequestOut]))
async def requests(
    form: Form,
    service: Service,
    reader: Reader,
    service_request_id: _Optional = None,
    service_code: _Optional = None,
    start_date: _Optional = None,
    end_date: _Optional = None,
    status: _Optional = None,
    updated_after: _Optional = None,
    updated_before: _Optional = None,
    page: _Optional = None,
    page_size: _Optional = None,
) -> Response:
    """The requests of the last 90 days, or those that are asked for; newest first, at most 1,000."""
    asked = {
        "service_request_id": service_request_id,
        "service_code": service_code,
        "start_date": start_date,
        "end_date": end_date,
        "status": status,
        "updated_after": updated_after,
        "updated_before": updated_before,
        "page": page,
        "page_size": page_size,
    }
    wanted, part = read_query(asked, service.catalogue, service.clock())
    return _document("service_requests", await service.requests(wanted, part, reader), form)


@router.get("/v2/requests/{service_request_id}.{fmt}", responses=_described(list[RequestOut]))
async def request(service_request_id: str, form: Form, service: Service, reader: Reader) -> Response:
    """One request, in a list."""
    found = await service.request(clean(service_request_id), reader)
    return _document("service_requests", found, form)


@router.get("/v2/servicerequestupdates.{fmt}", responses=_described(list[UpdateOut]))
async def updates(
    form: Form,
    service: Service,
    reader: Reader,
    start_date: _Optional = None,
    end_date: _Optional = None,
    page: _Optional = None,
    page_size: _Optional = None,
) -> Response:
    """What happened to requests in the last day, or between two times; oldest first, at most 1,000."""
    asked = {"start_date": start_date, "end_date": end_date, "page": page, "page_size": page_size}
    span, part = read_updates_query(asked, service.clock())
    return _document("service_request_updates", await service.updates(span, part, reader), form)


@router.post(
    "/v2/servicerequestupdates.{fmt}",
    responses=_described(list[UpdatedOut]),
    openapi_extra=_takes(
        *("api_key", "service_request_id", "update_id", "status", "updated_datetime", "description"),
        optional=("jurisdiction_id", "media_url"),
    ),
)
async def add(request: Request, form: Form, service: Service) -> Response:
    """Add to a request; ``attribute[action]=urge`` urges it."""
    key, fields = await _sent(request, service)
    return _document("service_request_updates", [await service.do_add(read_addition(fields), key)], form)


@router.api_route("/{rest:path}", methods=_METHODS, include_in_schema=False)
async def nothing(request: Request) -> Response:
    """No such address, or not in this way."""
    for route in router.routes:
        if isinstance(route, APIRoute) and route.matches(request.scope)[0] is Match.PARTIAL:
            raise Open311Error(405, texts.NO_METHOD)
    raise Open311Error(404, texts.NO_PAGE)
