"""`/v1/organisations`: the partners, and what is shared with them."""

from typing import Annotated, Self

from fastapi import APIRouter, Path, Response
from pydantic import Field

from services.support.domain.partners.organisation import Organisation
from services.support.edges.api.tickets.views import Name
from services.support.edges.api.units import Change, ChangeOnce, Read, Unit
from services.support.handlers.partners.organisations import (
    KIND,
    add_organisation,
    change_organisation,
)
from shared.errors import NotFound
from shared.web import etags, pages
from shared.web.bodies import Body, View
from shared.web.etags import IfMatch
from shared.web.pages import After, Limit, Page

router = APIRouter(prefix="/v1/organisations", tags=["organisations"])

OrganisationId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$", examples=["helpers-gmbh"])]
Id = Annotated[OrganisationId, Path(alias="id")]


class OrganisationIn(Body):
    """A new partner."""

    id: OrganisationId
    name: Name


class OrganisationChange(Body):
    """What is to change of a partner; what is left out stays."""

    name: Name | None = None
    active: bool | None = Field(
        None, strict=True, description="false: it sees nothing from this moment on."
    )


class OrganisationView(View):
    """A partner."""

    id: str
    name: str
    active: bool
    version: int = Field(description="Also the ETag; give it as If-Match.")

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        """Show it."""
        return cls.model_validate(organisation)


@router.get("")
async def list_organisations(
    read: Read, limit: Limit = 50, after: After = None
) -> Page[OrganisationView]:
    """Partners by id."""
    begin = pages.by_id(after)
    async with read() as store:
        listed = await store.organisations.listed(begin, limit + 1)
    return pages.page(listed, limit, OrganisationView.of, lambda partner: (partner.id,))


@router.post("", status_code=201, response_model=OrganisationView)
async def create_organisation(once: ChangeOnce, new: OrganisationIn) -> Response:
    """Add a partner; its people and keys get access at console."""
    partner = Organisation(new.id, new.name)

    async def work(unit: Unit) -> OrganisationView:
        await add_organisation(unit, partner)
        return OrganisationView.of(partner)

    return await once(201, work)


@router.get("/{id}")
async def read_organisation(response: Response, read: Read, id_: Id) -> OrganisationView:
    """One partner."""
    async with read() as store:
        partner = await store.organisations.read(id_)
    if partner is None:
        raise NotFound(KIND, id_)
    response.headers["ETag"] = etags.of_version(partner.version)
    return OrganisationView.of(partner)


@router.patch("/{id}")
async def patch_organisation(
    response: Response, change: Change, id_: Id, wish: OrganisationChange, if_match: IfMatch = None
) -> OrganisationView:
    """Rename it, or take its access away, or give it back."""
    wanted = {name: value for name, value in wish.model_dump().items() if value is not None}
    async with change() as unit:
        changed = await change_organisation(unit, id_, wanted, etags.versions_of(if_match))
    response.headers["ETag"] = etags.of_version(changed.version)
    return OrganisationView.of(changed)
