"""`/v1/organisations`: the partners, and what is shared with them."""

from typing import Annotated, Self

from fastapi import APIRouter, Path, Request, Response
from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field

from services.support.domain.partners.organisation import Organisation
from services.support.domain.tickets.history import SERVICE
from services.support.edges.api.tickets.views import Name
from services.support.errors import (
    OrganisationChangedSince,
    OrganisationExists,
    OrganisationNotFound,
)
from services.support.store.store import Store
from shared.audited import difference, entry
from shared.stream.transaction import transaction
from shared.web import etags, pages
from shared.web.auth import Caller
from shared.web.etags import IfMatch
from shared.web.idempotency import Idempotent
from shared.web.pages import After, Limit, Page

router = APIRouter(prefix="/v1/organisations", tags=["organisations"])
KIND = "organisation"  # in the audit

OrganisationId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$", examples=["helpers-gmbh"])]
Id = Annotated[OrganisationId, Path(alias="id")]


class OrganisationIn(BaseModel):
    """A new partner."""

    model_config = ConfigDict(extra="forbid")

    id: OrganisationId
    name: Name


class OrganisationChange(BaseModel):
    """What is to change of a partner; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    active: bool | None = Field(
        None, strict=True, description="false: it sees nothing from this moment on."
    )


class OrganisationView(BaseModel):
    """A partner."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    active: bool
    version: int = Field(description="Also the ETag; give it as If-Match.")

    @classmethod
    def of(cls, one: Organisation) -> Self:
        """Show it."""
        return cls.model_validate(one)


@router.get("")
async def list_organisations(
    request: Request, limit: Limit = 50, after: After = None
) -> Page[OrganisationView]:
    """Partners by id."""
    begin = pages.by_id(after)
    async with request.app.state.engine.connect() as connection:
        found = await Store(connection).organisations.listed(begin, limit + 1)
    return pages.page(found, limit, OrganisationView.of, lambda one: (one.id,))


@router.post("", status_code=201, response_model=OrganisationView)
async def create_organisation(
    request: Request, once: Idempotent, who: Caller, new: OrganisationIn
) -> Response:
    """Add a partner; its people and keys get access at console."""
    state = request.app.state
    now = state.clock.now()
    async with transaction(state.engine, SERVICE, now) as tx:

        async def work() -> OrganisationView:
            made = Organisation(new.id, new.name)
            if not await Store(tx.connection).organisations.add(made, now):
                raise OrganisationExists(new.id)
            tx.audit(entry(who, "organisation.create", KIND, new.id, after=_audited(made)))
            return OrganisationView.of(made)

        return await once.run(tx.connection, 201, work)


@router.get("/{id}")
async def read_organisation(request: Request, response: Response, id_: Id) -> OrganisationView:
    """One partner."""
    async with request.app.state.engine.connect() as connection:
        found = await Store(connection).organisations.read(id_)
    if found is None:
        raise OrganisationNotFound(id_)
    response.headers["ETag"] = etags.of_version(found.version)
    return OrganisationView.of(found)


@router.patch("/{id}")
async def change_organisation(
    request: Request,
    response: Response,
    who: Caller,
    id_: Id,
    wish: OrganisationChange,
    if_match: IfMatch = None,
) -> OrganisationView:
    """Rename it, or take its access away, or give it back."""
    state = request.app.state
    async with transaction(state.engine, SERVICE, state.clock.now()) as tx:
        store = Store(tx.connection).organisations
        held = await store.hold(id_)
        if held is None:
            raise OrganisationNotFound(id_)
        read = etags.versions_of(if_match)
        if read is not None and held.version not in read:
            raise OrganisationChangedSince(id_, held.version)
        asked = {name: value for name, value in wish.model_dump().items() if value is not None}
        changed = replace(held, **asked)
        if changed != held:
            changed = replace(changed, version=held.version + 1)
            await store.write(changed)
            was, became = difference(_audited(held), _audited(changed))
            tx.audit(entry(who, "organisation.change", KIND, id_, before=was, after=became))
    response.headers["ETag"] = etags.of_version(changed.version)
    return OrganisationView.of(changed)


def _audited(one: Organisation) -> dict[str, str | bool]:
    return {"name": one.name, "active": one.active}
