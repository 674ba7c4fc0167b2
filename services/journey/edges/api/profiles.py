"""/v1/customers/{id}/profile: who a customer is and how to reach them."""

from typing import Any

from fastapi import APIRouter, Response

from services.journey.domain.customers.customer import Profile
from services.journey.edges.api.models import ProfileIn, ProfileOut
from services.journey.edges.api.units import Change, Read
from services.journey.handlers.customers import change_profile as handle
from shared import ids
from shared.web import etags
from shared.web.etags import IfMatch
from shared.web.identities import KnownCustomer as Id

router = APIRouter(prefix="/v1/customers", tags=["customers"])


@router.get("/{id}/profile")
async def read_profile(read: Read, response: Response, id_: Id) -> ProfileOut:
    """Personal data, with the ETag a change of it names; audited."""
    async with read.audited() as unit:
        row = await handle.read_profile(unit, id_)
    response.headers["ETag"] = _etag(row)
    return _shown(row)


@router.put("/{id}/profile")
async def put_profile(
    change: Change, response: Response, id_: Id, wish: ProfileIn, if_match: IfMatch = None
) -> ProfileOut:
    """All of it as it is now; what is left out is not known any more."""
    told = Profile(**wish.model_dump())
    async with change(f"http:profile#{ids.random_id()}") as unit:
        await handle.change_profile(unit, id_, told, etags.unchanged(if_match, _etag))
    response.headers["ETag"] = _etag(told)
    return _shown(told)


def _shown(profile: Any) -> ProfileOut:
    return ProfileOut.model_validate(profile, from_attributes=True)


def _etag(profile: Any) -> str:
    return etags.of_text(_shown(profile).model_dump_json())
