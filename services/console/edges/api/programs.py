"""`/v1/keys` and `/v1/tokens`: API keys, and the tokens that every service takes."""

import json
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from services.console.edges.api.state import Beginnings, Means, PublicKeys, SteppedUp, TokenSigner
from services.console.edges.api.views import KeyIn, KeyView, NewKey, TokenView
from services.console.handlers import keys
from services.console.handlers.keys import WantedKey
from shared.clock import wall_now
from shared.web.guards.auth import Caller
from shared.web.guards.token import LIFETIME
from shared.web.pages import After, Limit, Page, by_id, page
from shared.web.who import Who

router = APIRouter(tags=["programs"])
KeyId = Annotated[str, Path(max_length=8, pattern=r"^[0-9a-f]+$")]


@router.post("/v1/tokens")
async def token(request: Request, signer: TokenSigner, who: Caller) -> TokenView:
    """A token for five minutes: for a session's cookie, or for an API key as bearer."""
    holder: Who = getattr(request.state, "holder", who)
    issued = signer.token(holder, wall_now())
    return TokenView(access_token=issued, expires_in=int(LIFETIME.total_seconds()))


@router.get("/.well-known/jwks.json")
async def jwks(public_keys: PublicKeys) -> dict[str, Any]:
    """The public keys, as every service has them (RFC 7517)."""
    document: dict[str, Any] = json.loads(public_keys.read_text("utf-8"))
    return document


@router.get("/v1/keys")
async def list_keys(begin: Beginnings, limit: Limit = 50, after: After = None) -> Page[KeyView]:
    """All keys, by id, those that are good no more among them."""
    position = by_id(after)
    async with begin() as store:
        listed = await store.keys.listed(position, limit + 1)
    return page(listed, limit, KeyView.of, lambda api_key: (api_key.id,))


@router.post("/v1/keys", status_code=201)
async def create_key(context: Means, by: SteppedUp, wish: KeyIn) -> NewKey:
    """A new key, shown once. The answer is stored nowhere, so there is no Idempotency-Key here."""
    wanted = WantedKey(
        wish.name, wish.roles, wish.organisation, wish.scopes, timedelta(days=wish.expires_in_days)
    )
    api_key, written = await keys.create(context, wanted, by)
    return NewKey(**KeyView.of(api_key).model_dump(), key=written)


@router.post("/v1/keys/{key_id}/revoke")
async def revoke_key(context: Means, by: SteppedUp, key_id: KeyId) -> KeyView:
    """No token for it from now on; those it has end within five minutes."""
    return KeyView.of(await keys.revoke(context, key_id, by))
