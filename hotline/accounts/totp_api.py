"""One's own authenticator: ``/console-api/totp``."""

from __future__ import annotations

from fastapi import APIRouter

from hotline.accounts.api import CodeIn, ConfirmIn, RecoveryOut, TotpOut
from hotline.accounts.door import AccountDep, CurrentDep, PeopleDep

router = APIRouter(prefix="/totp", tags=["accounts"])


@router.post("")
async def offer(body: ConfirmIn, people: PeopleDep, current: CurrentDep, _: AccountDep) -> TotpOut:
    """Make a secret; it counts when it is confirmed."""
    secret, uri = await people.second_factor.do_offer(current, body.password)
    return TotpOut(secret=secret, uri=uri)


@router.post("/confirm")
async def confirm(body: CodeIn, people: PeopleDep, current: CurrentDep, _: AccountDep) -> RecoveryOut:
    """Use the authenticator from now on; gives the recovery codes, once."""
    return RecoveryOut(recovery_codes=await people.second_factor.do_confirm(current, body.code))


@router.post("/remove", status_code=204)
async def remove(body: ConfirmIn, people: PeopleDep, current: CurrentDep, _: AccountDep) -> None:
    """Log in without authenticator again."""
    await people.second_factor.do_remove(current, body.password)
