"""`/v1/me`: one's own sessions, password and second factor."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.console.domain.sealed.digest import csrf_token
from services.console.edges import cookies
from services.console.edges.api.login import enter
from services.console.edges.api.state import Beginnings, Means, OwnAccount
from services.console.edges.api.views import (
    CodeIn,
    Ended,
    Factor,
    FactorIn,
    PasswordChange,
    Progress,
    RecoveryCodes,
    SessionView,
)
from services.console.handlers import own_account

router = APIRouter(prefix="/v1/me", tags=["own account"])
SessionId = Annotated[str, Path(max_length=64, pattern=r"^[0-9a-f-]+$")]


@router.get("/sessions")
async def list_sessions(begin: Beginnings, own: OwnAccount) -> list[SessionView]:
    """All sessions of the caller, the newest first."""
    async with begin() as store:
        sessions = await store.sessions.of(own.account.id)
    return [SessionView.of(session, own.session.id) for session in sessions]


@router.delete("/sessions")
async def end_other_sessions(context: Means, own: OwnAccount) -> Ended:
    """End all sessions but this one."""
    return Ended(sessions=await own_account.end_other_sessions(context, own))


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(context: Means, own: OwnAccount, session_id: SessionId) -> None:
    """End one session of the caller."""
    await own_account.end_session(context, own, session_id)


@router.post("/password")
async def change_password(
    response: Response, context: Means, own: OwnAccount, wish: PasswordChange
) -> Progress:
    """Another password; all other sessions end."""
    secret = await own_account.change_password(context, own, wish.present, wish.wanted)
    return enter(response, secret)


@router.post("/second-factor")
async def begin_second_factor(context: Means, own: OwnAccount, wish: FactorIn) -> Factor:
    """Draw a secret for the telephone; a code confirms it at the next route."""
    secret, uri = await own_account.begin_second_factor(context, own, wish.password)
    return Factor(secret=secret, uri=uri)


@router.post("/second-factor/confirm")
async def confirm_second_factor(
    response: Response, context: Means, own: OwnAccount, wish: CodeIn
) -> RecoveryCodes:
    """The telephone's code; all other sessions end, and recovery codes are shown once."""
    done = await own_account.confirm_second_factor(context, own, wish.code)
    cookies.put(response, cookies.SESSION, done.session_secret)
    return RecoveryCodes(
        recovery_codes=list(done.recovery_codes), csrf_token=csrf_token(done.session_secret)
    )


@router.delete("/second-factor", status_code=204)
async def remove_second_factor(context: Means, own: OwnAccount) -> None:
    """Sign in with the password alone again; not where the roles want a second factor."""
    await own_account.remove_second_factor(context, own)


@router.post("/recovery-codes")
async def renew_recovery_codes(context: Means, own: OwnAccount) -> RecoveryCodes:
    """Ten new recovery codes; the old ones are good no more."""
    return RecoveryCodes(recovery_codes=list(await own_account.renew_recovery_codes(context, own)))


@router.post("/step-up")
async def step_up(response: Response, context: Means, own: OwnAccount, wish: CodeIn) -> Progress:
    """A code before a sensitive act; it counts for ten minutes."""
    return enter(response, await own_account.step_up(context, own, wish.code))
