"""What the agents' console reaches, ``/console-api``: the accounts, and the work's own routes behind the session.

The routers of the work are the same as at ``/internal``; here ``acting_account`` comes before them and says who acts. A
router whose routes do not all ask who acts does not belong here as it is: see ``_part``.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

import hotline.accounts.api as own_api
import hotline.accounts.totp_api as totp_api
import hotline.accounts.users_api as users_api
import hotline.attachments.api as attachments_api
import hotline.audit.api as audit_api
import hotline.beginning.api as beginning_api
import hotline.calendar.api as calendar_api
import hotline.knowledge.editing_api as editing_api
import hotline.outside.api as outside_api
import hotline.privacy.api as privacy_api
import hotline.quality.api as quality_api
import hotline.reports.api as reports_api
import hotline.reports.bulletin_api as bulletin_api
import hotline.similarity.api as hot_issues_api
import hotline.work_orders.catalogue_api as catalogue_api
import hotline.work_orders.excel.api as excel_api
import hotline.work_orders.saved_api as saved_api
import hotline.work_orders.staff_api as staff_api
from hotline.accounts.door import AccountDep, acting_account, current_account, guard, require
from hotline.accounts.models import Account
from hotline.accounts.roles import ADMIN

PREFIX = "/console-api"


async def _keeps_calendar(connection: HTTPConnection, account: AccountDep) -> Account:
    """Everybody reads it, an administrator changes it."""
    return account if connection.scope.get("method") == "GET" else await require(ADMIN)(account)


def _part(whole: APIRouter, prefix: str) -> APIRouter:
    """Only the routes whose path begins so."""
    chosen = [
        route for route in whole.routes if isinstance(route, APIRoute) and route.path.startswith(prefix)
    ]
    return APIRouter(routes=list(chosen))


def router() -> APIRouter:
    """All of it."""
    console = APIRouter(prefix=PREFIX, dependencies=[Depends(guard)])
    for accounts in (own_api, totp_api, users_api, beginning_api):
        console.include_router(accounts.router)
    work = APIRouter(dependencies=[Depends(acting_account)])
    for part in (
        catalogue_api.router,
        excel_api.router,
        staff_api.router,
        hot_issues_api.router,
        reports_api.router,
        bulletin_api.router,
        audit_api.router,
        privacy_api.router,
        outside_api.inside,
        _part(attachments_api.inside, "/orders/"),
    ):
        work.include_router(part)
    console.include_router(work)
    # Also of somebody who only looks on: it is no work.
    console.include_router(saved_api.router, dependencies=[Depends(current_account)])
    console.include_router(editing_api.router)
    console.include_router(quality_api.router)
    console.include_router(calendar_api.router, dependencies=[Depends(_keeps_calendar)])
    return console
