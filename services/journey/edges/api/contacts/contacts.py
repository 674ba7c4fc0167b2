"""/v1/customers/{id}/contacts: people of a business account, and what each wants to get."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import AfterValidator, BaseModel, Field

from services.journey.domain.contacts.contact import Channel, Consent, Contact, Reach, Role
from services.journey.domain.imports.import_lines import EMAIL
from services.journey.edges.api.models import Text
from services.journey.edges.api.units import Change, ChangeOnce, Read, Unit
from services.journey.handlers.contacts import contacts
from shared.web import etags
from shared.web.bodies import Body
from shared.web.etags import IfMatch
from shared.web.identities import KnownCustomer as Id
from shared.web.identities import Phone, Zone
from shared.web.times import Time

ContactId = Annotated[str, Path(alias="contact", pattern=r"^[0-9a-f-]{1,64}$")]
Topic = Annotated[str, Field(max_length=60, pattern=r"^([a-z0-9][a-z0-9 ?!'-]*)?$")]

router = APIRouter(prefix="/v1/customers/{id}/contacts", tags=["customers"])


def _once_each(topics: list[str]) -> list[str]:
    return sorted(set(topics))


class PersonIn(Body):
    """A person of an account: kept in one table, never in an event or a log."""

    name: Text
    role: Role = Field("other", description="What they decide there.")
    email: Annotated[Text, Field(pattern=f"^{EMAIL.pattern}$")] | None = None
    phone: Annotated[Text, Phone] | None = None
    zone: Zone | None = Field(None, description="null: the customer's.")
    channel: Channel = Field("email", description="How they want to be reached.")
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")] | None = (
        Field(None, description="null: the customer's.")
    )

    def made(self) -> Reach:
        """The domain's."""
        return Reach(**self.model_dump())


class WishIn(Body):
    """All that a contact said about what they get."""

    left: Annotated[list[Topic], Field(max_length=100), AfterValidator(_once_each)] = Field(
        [], description="Topics they want no more of; an empty one: all of them."
    )
    promotion: bool = Field(False, strict=True, description="Whether they agreed to promotions.")


class WishOut(BaseModel):
    """What a contact said about what they get; `at` null: nobody has asked yet."""

    left: list[str]
    promotion: bool
    at: Time | None
    who: str | None = Field(description="Who wrote it down.")


class PersonListed(BaseModel):
    """A person of an account, without address and number."""

    id: str
    name: str
    role: Role
    channel: Channel
    zone: str | None
    language: str | None
    has_email: bool
    has_phone: bool
    consent: WishOut


class PersonOut(BaseModel):
    """Personal data: all of one."""

    id: str
    name: str
    role: Role
    email: str | None
    phone: str | None
    zone: str | None
    channel: Channel
    language: str | None
    consent: WishOut


@router.get("")
async def list_contacts(read: Read, id_: Id) -> list[PersonListed]:
    """People of an account, the first that was added first; audited. A household has none."""
    async with read.audited() as unit:
        return [_listed(contact) for contact in await contacts.listed(unit, id_)]


@router.post("", status_code=201, response_model=PersonOut)
async def add_contact(once: ChangeOnce, id_: Id, told: PersonIn) -> Response:
    """One more. 409 `household_has_no_contacts`: only a business account has contacts."""

    async def work(unit: Unit) -> PersonOut:
        return _shown(await contacts.add(unit, id_, told.made()))

    async def again(unit: Unit) -> PersonOut:
        return _shown(await contacts.read(unit, id_, contacts.added_id(unit)))

    return await once(201, work, again=again)


@router.get("/{contact}")
async def read_account_contact(
    read: Read, response: Response, id_: Id, contact: ContactId
) -> PersonOut:
    """One with address and number, and the ETag a change names; audited."""
    async with read.audited() as unit:
        person = await contacts.read(unit, id_, contact)
    return _answer(response, person)


@router.put("/{contact}")
async def put_contact(
    change: Change, response: Response, id_: Id, contact: ContactId, told: PersonIn,
    if_match: IfMatch = None,
) -> PersonOut:  # fmt: skip
    """They are so now; what is left out is not known any more. What they want stays."""
    async with change() as unit:
        unchanged = etags.unchanged(if_match, _etag)
        person = await contacts.change(unit, id_, contact, told.made(), unchanged)
    return _answer(response, person)


@router.put("/{contact}/consent")
async def put_contact_consent(
    change: Change, response: Response, id_: Id, contact: ContactId, said: WishIn,
    if_match: IfMatch = None,
) -> WishOut:  # fmt: skip
    """Write down what they want to get: all of it, as they just said."""
    async with change() as unit:
        unchanged = etags.unchanged(if_match, _etag)
        consent = Consent(tuple(said.left), said.promotion)
        person = await contacts.want(unit, id_, contact, consent, unchanged)
    return _answer(response, person).consent


@router.delete("/{contact}", status_code=204)
async def remove_contact(
    change: Change, id_: Id, contact: ContactId, if_match: IfMatch = None
) -> None:
    """They are forgotten: the row is deleted."""
    async with change() as unit:
        await contacts.remove(unit, id_, contact, etags.unchanged(if_match, _etag))


def _listed(contact: Contact) -> PersonListed:
    reach = contact.reach
    return PersonListed(
        id=contact.id, name=reach.name, role=reach.role, channel=reach.channel, zone=reach.zone,
        language=reach.language, has_email=reach.email is not None,
        has_phone=reach.phone is not None, consent=_wish(contact.consent),
    )  # fmt: skip


def _wish(said: Consent) -> WishOut:
    return WishOut(left=list(said.left), promotion=said.promotion, at=said.at, who=said.who)


def _shown(contact: Contact) -> PersonOut:
    return PersonOut(id=contact.id, **asdict(contact.reach), consent=_wish(contact.consent))


def _answer(response: Response, contact: Contact) -> PersonOut:
    response.headers["ETag"] = _etag(contact)
    return _shown(contact)


def _etag(contact: Contact) -> str:
    return etags.of_text(_shown(contact).model_dump_json())
