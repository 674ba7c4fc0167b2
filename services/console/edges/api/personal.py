"""/v1/accounts/{id}/export, /v1/me/export, /v1/accounts/{id}/erase: personal data of staff."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.console.edges.api.accounts import AccountId
from services.console.edges.api.state import HeldOf, Means, OwnAccount, SteppedUp
from services.console.edges.api.texts import seen
from services.console.edges.api.views import Wish
from services.console.edges.held import Held
from services.console.handlers import accounts
from services.console.handlers.ports import By, Context
from shared.web.etags import IfMatch, versions_of
from shared.web.times import Time

router = APIRouter(prefix="/v1", tags=["personal data"])


class Export(BaseModel):
    """Everything console holds of one person; no secret of it."""

    account: str
    made_at: Time
    holds: dict[str, Any] = Field(description="Rows by what they are.")


class ErasureIn(Wish):
    """Why somebody is erased."""

    reason: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=3, max_length=200),
        AfterValidator(seen),
    ] = Field(
        description="A case number or a word. It is kept for good: it must not say who is meant.",
        examples=["request 2026-117"],
    )


class ErasureOut(BaseModel):
    """An erasure; it is complete with the answer."""

    account: str
    state: Literal["done"] = "done"
    asked_at: Time
    asked_by: str
    reason: str
    completed_at: Time


@router.get("/accounts/{account_id}/export", response_model=Export)
async def export_account(
    held: HeldOf, context: Means, by: SteppedUp, account_id: AccountId
) -> Response:
    """Everything console holds of an account, as one JSON file."""
    return await _file(held, context, account_id, by)


@router.get("/me/export", response_model=Export)
async def export_own_account(held: HeldOf, context: Means, own: OwnAccount) -> Response:
    """Everything console holds of the caller, as one JSON file."""
    return await _file(held, context, own.account.id, own.by)


@router.post("/accounts/{account_id}/erase")
async def erase_account(
    context: Means, by: SteppedUp, account_id: AccountId, wish: ErasureIn, if_match: IfMatch = None
) -> ErasureOut:
    """Forget a person: name, address, password, second factor, sessions, links, mails, provider.

    The id stays in the audit and is nobody's for good; the address may be invited as a new account.
    """
    await accounts.erase(context, account_id, wish.reason, by, versions_of(if_match))
    return ErasureOut(
        account=account_id,
        asked_at=by.now,
        asked_by=by.who.subject,
        reason=wish.reason,
        completed_at=by.now,
    )


async def _file(held: Held, context: Context, account: str, by: By) -> Response:
    """Noted before it is given."""
    holds = await held.of(account)
    await accounts.note_export(context, account, by)
    export = Export(account=account, made_at=by.now, holds=holds).model_dump(mode="json")
    headers = {
        "Content-Disposition": f'attachment; filename="account-{account}.json"',
        "Cache-Control": "no-store",
    }
    body = json.dumps(export, indent=2, ensure_ascii=False)
    return Response(body, media_type="application/json", headers=headers)
