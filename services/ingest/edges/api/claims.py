"""`/v1/claims`: many claims at once."""

from fastapi import APIRouter

from services.ingest.edges.api.audited import audit
from services.ingest.edges.api.ports import Change
from services.ingest.edges.api.views import ClaimsIn, ClaimsOut, LeftOut
from services.ingest.handlers import change_registry
from shared.web.auth import Caller


def router(change: Change) -> APIRouter:
    """POST /v1/claims."""
    made = APIRouter(prefix="/v1/claims", tags=["claims"])

    @made.post("")
    async def claim_many(body: ClaimsIn, who: Caller) -> ClaimsOut:
        """Up to 5,000 claims in one transaction; those that are not possible are named."""
        claims = [(each.source, each.customer) for each in body.claims]
        async with change([source for source, _ in claims]) as tx:
            done = await change_registry.claim(claims, tx.registry, tx.emitter, tx.now)
            audit(tx, who, "claim", done)
        return ClaimsOut(
            claimed=len(done.changed),
            unchanged=len(claims) - len(done.changed) - len(done.refused),
            left_out=[
                LeftOut(source=claims[n][0], kind=error_kind(error), detail=str(error))
                for n, error in sorted(done.refused.items())
            ],
        )

    return made


def error_kind(error: Exception) -> str:
    """The word by which programs know a refusal."""
    return str(getattr(error, "kind", type(error).__name__))
