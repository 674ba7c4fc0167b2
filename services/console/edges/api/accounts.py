"""`/v1/accounts`: what admins do with other people's accounts."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.console.domain.accounts import link
from services.console.edges.api.state import (
    Means,
    SteppedUp,
    Wisher,
)
from services.console.edges.api.views import (
    AccountIn,
    AccountView,
    AddressView,
    Ended,
    Invited,
    LinkView,
    RolesIn,
)
from services.console.handlers import accounts
from services.console.handlers.accounts import Wanted
from shared.errors import NotFound
from shared.web.etags import IfMatch, of_version, versions_of
from shared.web.pages import After, Limit, Page, by_id, page

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])
AccountId = Annotated[str, Path(max_length=64, pattern=r"^[0-9a-f-]+$")]


@router.get("")
async def list_accounts(
    context: Means, by: Wisher, limit: Limit = 50, after: After = None
) -> Page[AccountView]:
    """All accounts, by id."""
    several = await accounts.listed(context, by_id(after), limit, by)
    return page(several, limit, AccountView.of, lambda account: (account.id,))


@router.post("", status_code=201)
async def invite(context: Means, by: SteppedUp, wish: AccountIn) -> Invited:
    """Make an account and invite its owner by mail; 409 where the address has one.

    The answer holds a secret and is stored nowhere, so there is no Idempotency-Key here.
    """
    wanted = Wanted(wish.email, wish.name, wish.roles, wish.organisation)
    account, secret = await accounts.invite(context, wanted, by)
    shown = AccountView.of(account).model_dump()
    return Invited(**shown, link=link.address(context.rules.url, secret))


@router.get("/{account_id}")
async def read_account(
    response: Response, context: Means, by: Wisher, account_id: AccountId
) -> AccountView:
    """One account."""
    account = await accounts.read(context, account_id, by)
    response.headers["ETag"] = of_version(account.version)
    return AccountView.of(account)


@router.get("/{account_id}/address")
async def read_address(context: Means, by: Wisher, account_id: AccountId) -> AddressView:
    """Where an active account has its mail; for services, audited."""
    account = await accounts.read(context, account_id, by)
    if account.state != "active":
        raise NotFound("account", account_id)
    return AddressView(email=account.email)


@router.put("/{account_id}/roles")
async def change_roles(
    response: Response,
    context: Means,
    by: SteppedUp,
    account_id: AccountId,
    wish: RolesIn,
    if_match: IfMatch = None,
) -> AccountView:
    """Other roles; all sessions of the account end."""
    changed = await accounts.change_roles(
        context, account_id, wish.roles, wish.organisation, by, versions_of(if_match)
    )
    response.headers["ETag"] = of_version(changed.version)
    return AccountView.of(changed)


@router.post("/{account_id}/invite")
async def invite_again(context: Means, by: SteppedUp, account_id: AccountId) -> LinkView:
    """A new link for somebody who has not accepted yet."""
    secret = await accounts.invite_again(context, account_id, by)
    return LinkView(link=link.address(context.rules.url, secret))


@router.post("/{account_id}/deactivate")
async def deactivate(
    context: Means, by: SteppedUp, account_id: AccountId, if_match: IfMatch = None
) -> AccountView:
    """Out at once, sessions and links included."""
    return AccountView.of(await accounts.deactivate(context, account_id, by, versions_of(if_match)))


@router.post("/{account_id}/activate")
async def activate(
    context: Means, by: SteppedUp, account_id: AccountId, if_match: IfMatch = None
) -> AccountView:
    """In again, by a new invitation."""
    return AccountView.of(await accounts.activate(context, account_id, by, versions_of(if_match)))


@router.post("/{account_id}/sign-out")
async def sign_out(context: Means, by: SteppedUp, account_id: AccountId) -> Ended:
    """End all sessions of an account."""
    return Ended(sessions=await accounts.sign_out(context, account_id, by))


@router.post("/{account_id}/reset-second-factor")
async def reset_second_factor(context: Means, by: SteppedUp, account_id: AccountId) -> AccountView:
    """For somebody who has lost the telephone and the recovery codes."""
    return AccountView.of(await accounts.reset_second_factor(context, account_id, by))
