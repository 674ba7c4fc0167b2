"""/v1/messages: what plays write to customers, and how it would read."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.journey.domain.days import seconds
from services.journey.domain.messages.fill import BadTemplate
from services.journey.domain.messages.letter import Letter
from services.journey.edges.api.units import Change, Read
from services.journey.edges.drafted import drafted
from services.journey.errors import TemplateFailed
from services.journey.handlers.messages import preview
from services.journey.handlers.messages.mail_to_try import plan_test
from services.journey.handlers.plays.as_played import as_played, now_played
from shared.web.bodies import Body, View
from shared.web.counted import Counting
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
    sent: int = Field(description="How often it was let through; those compared with not counted.")
    clicked: int = Field(description="Of these, where a person opened what it leads to.")


class LinkOut(View):
    """A link of a message."""

    address: str
    clicked: int = Field(description="Mails in which a person opened it.")
    scanned: int = Field(description="Mails in which only programs did, as far as we can tell.")


class ClicksOut(BaseModel):
    """What customers made of a message."""

    sent: int
    seen: int = Field(description="In the app; of mails nobody knows.")
    clicked: int
    links: list[LinkOut] = Field(description="Those that were opened, by address.")


class LetterOut(View):
    """A message as it would read; links of its own lead nowhere."""

    to: str = Field(description="The address; empty: none is known.")
    subject: str
    text: str
    html: str | None


class TestIn(Body):
    """To whom, and as whom it is shown."""

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
async def list_messages(read: Read, counting: Counting) -> list[MessageTemplate]:
    """All messages of what is played, by name."""
    async with read() as store:
        rules = await now_played(store.plays, read.rules)
    sent_by = preview.senders(rules)
    counts = await counted(read, counting)
    came = {name: _came(row for row in counts if row.message == name) for name in sent_by}
    return [
        MessageTemplate(
            message=name,
            subject=message.subject,
            topic=message.topic,
            purpose=message.purpose,
            plays=sent_by[name],
            has_html=message.html is not None,
            sent=came[name]["sent"],
            clicked=came[name]["clicked"],
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


@router.get("/messages/{message}/clicks")
async def read_clicks(read: Read, counting: Counting, message: Name) -> ClicksOut:
    """How often it went out and was opened, and which of its links; a mail that is only read tells nothing."""

    async def count() -> Sequence[Any]:
        async with read() as store:
            return await store.clicks.by_link(message)

    async with read() as store:
        preview.message_of(await now_played(store.plays, read.rules), message)
    rows = [row for row in await counted(read, counting) if row.message == message]
    links = await counting.get(
        ("links", message), count, lambda rows: sum(row.clicked + row.scanned for row in rows)
    )
    shown = [LinkOut.model_validate(row) for row in links]
    return ClicksOut(**_came(rows), links=shown)


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


async def counted(read: Read, counting: Counting) -> Sequence[Any]:
    """Messages that were let through, by message, channel, play and step."""

    async def count() -> Sequence[Any]:
        async with read() as store:
            return await store.clicks.by_message()

    return await counting.get("messages", count, lambda rows: sum(row.sent for row in rows))


def _came(rows: Iterable[Any]) -> dict[str, int]:
    all_ = list(rows)
    return {name: sum(getattr(row, name) for row in all_) for name in ("sent", "seen", "clicked")}


def _shown(letter: Letter) -> LetterOut:
    return LetterOut.model_validate(letter)
