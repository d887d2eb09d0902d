"""How errors leave the service: one form, Chinese words, never a stack trace."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from hotline.accounts.errors import AccountError
from hotline.attachments.errors import AttachmentError
from hotline.conversations.errors import ConversationError
from hotline.desk.errors import DeskError
from hotline.knowledge.errors import EditingError
from hotline.outside.errors import OutsideError
from hotline.quality.errors import QualityError
from hotline.similarity.errors import HotIssueError
from hotline.work_orders.errors import WorkOrderError

logger = structlog.get_logger(__name__)

_STATUS = {
    "token_invalid": 401,
    "signature": 401,
    "clock": 401,
    "replayed": 401,
    "empty": 422,
    "too_long": 413,
    "too_fast": 429,
    "no_such_button": 409,
    "not_found": 404,
    "not_waiting": 409,
    "not_yours": 409,
    "elsewhere": 409,
    "ended": 409,
    "too_many_codes": 429,
    "changed": 409,
    "forgotten": 409,
    "refused": 409,
    "forbidden": 403,
    "photo_too_large": 413,
    "photos_used_up": 409,
    "no_such_photo": 409,
    "sent_before": 409,
    "too_slow": 408,
    "broken_off": 400,
    "busy": 503,
    "no_space": 503,
    "not_logged_in": 401,
    "login_failed": 401,
    "temporary_over": 401,
    "challenge_over": 401,
    "code_wrong": 403,
    "wrong_password": 403,
    "must_change": 403,
    "csrf": 403,
    "other_site": 403,
    "link_over": 403,
    "locked": 429,
    "taken": 409,
    "full": 409,
    "not_there": 409,
    "off_duty": 409,
    "still_talking": 409,
    "last_admin": 409,
    "stale": 409,
    "gate": 409,
}
_WORDS = {
    400: "请求的格式不对。",
    401: "没有权限，请先登录。",
    403: "没有权限。",
    404: "没有这个地址。",
    405: "不能这样访问这个地址。",
    413: "内容太大了。",
    415: "请求的格式不对。",
    503: "服务正在启动，请稍等一下再试。",
}


class ErrorDetail(BaseModel):
    """``code`` is for programs, ``message`` for people."""

    code: str
    message: str


class ErrorOut(BaseModel):
    """Every error of the service."""

    error: ErrorDetail


#: What the OpenAPI document says of errors.
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorOut, "description": "It cannot be done; the message says why, in Chinese."},
    422: {"model": ErrorOut, "description": "What was sent is not good."},
    503: {"model": ErrorOut, "description": "The service is starting; try again."},
}


def error_response(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """An error in the form of docs/protocol.md."""
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


def status_of(code: str) -> int:
    """The HTTP status that belongs to an error's code."""
    return _STATUS.get(code, 422)


def install(app: FastAPI) -> None:
    """Give every error of ``app`` its form."""

    @app.exception_handler(AccountError)
    @app.exception_handler(AttachmentError)
    @app.exception_handler(ConversationError)
    @app.exception_handler(DeskError)
    @app.exception_handler(EditingError)
    @app.exception_handler(WorkOrderError)
    @app.exception_handler(OutsideError)
    @app.exception_handler(HotIssueError)
    @app.exception_handler(QualityError)
    async def _ours(
        _: Request,
        error: AccountError
        | AttachmentError
        | ConversationError
        | DeskError
        | EditingError
        | WorkOrderError
        | OutsideError
        | HotIssueError
        | QualityError,
    ) -> JSONResponse:
        wait = getattr(error, "retry_after", None)
        headers = {"Retry-After": str(wait)} if wait else None
        return error_response(status_of(error.code), error.code, error.message, headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        # Only names of ours are named: not the place in broken JSON, not a key that somebody made up.
        known = [item for item in error.errors() if item["type"] not in ("json_invalid", "extra_forbidden")]
        where = "、".join(".".join(str(part) for part in item["loc"][1:]) for item in known)
        return error_response(422, "invalid", f"内容不对，请检查：{where or '格式'}")

    @app.exception_handler(DataError)
    async def _unstorable(_: Request, error: DataError) -> JSONResponse:
        logger.warning("the database refused a value", error=str(error.orig))
        return error_response(422, "invalid", "内容里有不能保存的字符或数字，请改一下再试。")

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        # Words of ours are Chinese; a library's own are not shown.
        ours = not error.detail.isascii()
        words = error.detail if ours else _WORDS.get(error.status_code, "请求没有成功。")
        return error_response(error.status_code, "http_error", words, dict(error.headers or {}))

    @app.exception_handler(DBAPIError)
    async def _database(request: Request, error: DBAPIError) -> JSONResponse:
        if not isinstance(error, OperationalError | InterfaceError) and not error.connection_invalidated:
            raise error
        logger.warning("the database does not answer", path=request.url.path, error=str(error.orig).strip())
        return error_response(503, "restarting", _WORDS[503], {"Retry-After": "1"})

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        logger.error("unexpected error", path=request.url.path, exc_info=error)
        return error_response(500, "internal", "系统出了点问题，请稍后再试；急事请直接拨打 12345。")
