"""/v1/customers/{id}/consent: what a customer said about what they get, and when."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from services.journey.domain.messages.purpose import Channel, Purpose
from services.journey.edges.api.units import Change, Read
from services.journey.handlers.messages import consent
from shared.web import etags
from shared.web.bodies import Body, View
from shared.web.etags import IfMatch
from shared.web.identities import KnownCustomer as Id
from shared.web.times import Time

Topic = Annotated[str, Path(max_length=60, pattern=r"^[a-z0-9][a-z0-9 ?!'-]*$")]
OptIn = Annotated[Literal["promotion"], Path(description="Such messages need an agreement.")]

router = APIRouter(prefix="/v1/customers/{id}/consent", tags=["plays"])


class LeftTopicOut(View):
    """A topic a customer left; no mail about it goes out, but for what is owed."""

    topic: str = Field(description="Empty: all of them.")
    channel: str = Field(description="email, app; empty: all of them.")
    at: Time
    how: str = Field(description="one_click, asked")
    who: str | None = Field(description="Who wrote it down; null: the customer by a link.")


class AgreementOut(View):
    """What a customer agreed to get."""

    purpose: str
    at: Time
    how: str
    who: str | None


class SuppressedOut(View):
    """Why nothing is sent to an address."""

    id: str = Field(validation_alias="hash")
    at: Time
    why: str = Field(description="bounced, complained, asked")
    who: str | None


class ConsentOut(BaseModel):
    """All of it."""

    left: list[LeftTopicOut]
    agreed: list[AgreementOut]
    suppressed: SuppressedOut | None = Field(description="null: mails go to their address.")
    topics: list[str] = Field(description="All that messages of plays belong to.")


class AgreedBody(Body):
    """What they said."""

    agreed: bool = Field(strict=True)


class WantedBody(Body):
    """What they said."""

    wanted: bool = Field(strict=True)
    channel: Channel | None = Field(None, description="null: on every one.")


@router.get("")
async def read_consent(read: Read, response: Response, id_: Id) -> ConsentOut:
    """Topics left, agreements, each with when and how it was said."""
    async with read() as store:
        return _answer(response, await consent.read(store, read.rules, id_))


@router.put("/agreements/{purpose}")
async def put_agreement(
    change: Change,
    response: Response,
    id_: Id,
    purpose: OptIn,
    said: AgreedBody,
    if_match: IfMatch = None,
) -> ConsentOut:
    """Write down that a customer agrees to such messages, or not any more."""
    async with change() as unit:
        await consent.agree(
            unit, id_, Purpose(purpose), etags.unchanged(if_match, _etag), agreed=said.agreed
        )
        return _answer(response, await consent.said(unit, id_))


@router.put("/topics/{topic}")
async def put_topic(
    change: Change,
    response: Response,
    id_: Id,
    topic: Topic,
    said: WantedBody,
    if_match: IfMatch = None,
) -> ConsentOut:
    """Write down that a customer wants no more of a topic, or wants it again."""
    async with change() as unit:
        await consent.want(
            unit, id_, topic, said.channel, etags.unchanged(if_match, _etag), wanted=said.wanted
        )
        return _answer(response, await consent.said(unit, id_))


def _answer(response: Response, said: consent.Said) -> ConsentOut:
    response.headers["ETag"] = _etag(said)
    return _shown(said)


def _etag(said: consent.Said) -> str:
    return etags.of_text(_shown(said).model_dump_json(exclude={"topics"}))


def _shown(said: consent.Said) -> ConsentOut:
    return ConsentOut(
        left=[LeftTopicOut.model_validate(topic) for topic in said.left],
        agreed=[AgreementOut.model_validate(agreement) for agreement in said.agreed],
        suppressed=None
        if said.suppressed is None
        else SuppressedOut.model_validate(said.suppressed),
        topics=list(said.topics),
    )
