"""`/v1/claims`: many claims at once."""

from fastapi import APIRouter

from services.ingest.edges.api.units import Change
from services.ingest.edges.api.views import ClaimsIn, ClaimsOut, LeftOut
from services.ingest.handlers.sources import change_registry

router = APIRouter(prefix="/v1/claims", tags=["claims"])


@router.post("")
async def claim_many(change: Change, body: ClaimsIn) -> ClaimsOut:
    """Up to 5,000 claims in one transaction; those that are not possible are named."""
    claims = [(claim.source, claim.customer) for claim in body.claims]
    async with change([source for source, _ in claims]) as unit:
        done = await change_registry.claim(unit, claims)
    return ClaimsOut(
        claimed=len(done.changed),
        unchanged=len(claims) - len(done.changed) - len(done.refused),
        left_out=[
            LeftOut(source=claims[n][0], kind=error.kind, detail=str(error))
            for n, error in sorted(done.refused.items())
        ],
    )
