"""/v1/messages: what plays write to customers, and how it would read."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from services.journey.domain.days import seconds
from services.journey.domain.messages.fill import BadTemplate
from services.journey.domain.messages.letter import Letter
from services.journey.edges.api.units import Change, Read
from services.journey.edges.drafted import drafted
from services.journey.errors import TemplateFailed
from services.journey.handlers.messages import preview
from services.journey.handlers.messages.mail_to_try import plan_test
from services.journey.handlers.plays.as_played import as_played, now_played
from shared.web.identities import KnownCustomer as Id
from shared.web.identities import StoredCustomer
from shared.web.problems import Problem

router = APIRouter(prefix="/v1", tags=["plays"])
ACCOUNT = "account:"
SEE_PEOPLE = frozenset({"csm", "agent", "lead", "admin"})
Name = Annotated[str, Path(alias="message", max_length=60, pattern=r"^[^\x00]*$")]


class MessageTemplate(BaseModel):
    """A message as it is written."""

    message: str
    subject: str = Field(description="A template, as it is written.")
    topic: str = Field(description="What customers can leave.")
    purpose: str
    plays: list[str] = Field(description="Those that send it.")
    has_html: bool = Field(description="Beside the plain text.")


class LetterOut(BaseModel):
    """A message as it would read; links of its own lead nowhere."""

    model_config = ConfigDict(from_attributes=True)

    to: str = Field(description="The address; empty: none is known.")
    subject: str
    text: str
    html: str | None


class TestIn(BaseModel):
    """To whom, and as whom it is shown."""

    model_config = ConfigDict(extra="forbid")

    account: str | None = Field(
        None, pattern=r"^[0-9a-f-]{1,64}$", description="A colleague's; left out: your own."
    )
    customer: StoredCustomer | None = Field(
        None, description="As this one would get it; left out: somebody made up."
    )
    draft: str | None = Field(
        None, max_length=60, pattern=r"^[^\x00]+$", description="The play whose draft it is of."
    )


class TestOut(BaseModel):
    """It is on its way."""

    effect: str


@router.get("/messages")
async def list_messages(read: Read) -> list[MessageTemplate]:
    """All messages of what is played, by name."""
    async with read() as store:
        rules = await now_played(store.plays, read.rules)
    sent_by = preview.senders(rules)
    return [
        MessageTemplate(
            message=name,
            subject=message.subject,
            topic=message.topic,
            purpose=message.purpose,
            plays=sent_by[name],
            has_html=message.html is not None,
        )
        for name, message in sorted(rules.playbook.messages.items())
    ]


@router.get("/messages/{message}")
async def read_message(read: Read, message: Name) -> LetterOut:
    """As somebody of whom only a name is known would get it."""
    async with read() as store:
        rules = await now_played(store.plays, read.rules)
    try:
        letter = preview.to_sample(rules, message, seconds(read.now()))
    except BadTemplate as error:
        raise TemplateFailed(message, error) from error
    return _shown(letter)


@router.get("/customers/{id}/messages/{message}")
async def read_message_to_customer(read: Read, id_: Id, message: Name) -> LetterOut:
    """As this customer would get it now; audited, as it holds personal data."""
    async with read.audited() as unit:
        played = await as_played(unit)
        try:
            letter = await preview.to_customer(played, message, id_, seconds(read.now()))
        except BadTemplate as error:
            raise TemplateFailed(message, error) from error
    return _shown(letter)


@router.post("/messages/{message}/tests", status_code=202)
async def send_test(
    read: Read, change: Change, message: Name, wish: TestIn
) -> TestOut:  # fmt: skip
    """Send it to yourself or a colleague, marked as a test; it counts as nothing sent to customers."""
    to = wish.account or change.who.subject.removeprefix(ACCOUNT)
    if not change.who.subject.startswith(ACCOUNT):
        raise Problem(403, "not_permitted", "Tests are for people with an account")
    if wish.customer is not None and not change.who.roles & SEE_PEOPLE:
        raise Problem(
            403, "not_permitted", "Your roles do not see names", "Leave out body.customer."
        )
    async with read() as store:
        rules = await now_played(store.plays, read.rules)
        draft = None if wish.draft is None else await store.drafts.one(wish.draft)
    if wish.draft is not None:
        rules = await asyncio.to_thread(drafted, rules, wish.draft, draft)
    async with change() as unit:
        return TestOut(effect=await plan_test(unit, rules, message, to, wish.customer, wish.draft))


def _shown(letter: Letter) -> LetterOut:
    return LetterOut.model_validate(letter)
