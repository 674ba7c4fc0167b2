"""Journey: plays, tasks, and why a customer got what they got."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found
from services.console.edges.services.client import Client

TaskAct = Literal["claim", "release", "done"]


class Task(msgspec.Struct, frozen=True):
    """A task; what may come of it in the order in which people are asked.

    `starts_at` was agreed with the customer, None: any time; `call` is what it is moved by.
    A partner is not told whose it is, nor by which play; of `owner` it is told `you` or `your organisation`.
    """

    id: str
    title: str
    says: str
    results: list[str]
    state: Literal["open", "claimed", "done", "cancelled"]
    owner: str | None
    opened_at: datetime
    due_at: datetime
    done_at: datetime | None
    result: str | None
    customer: str = ""
    play: str = ""
    team: str = ""
    csm: str | None = None
    note: str | None = None
    starts_at: datetime | None = None
    call: str | None = None


class Contact(msgspec.Struct, frozen=True):
    """Whom to call."""

    name: str
    email: str | None
    phone: str | None


class MessageTemplate(msgspec.Struct, frozen=True):
    """A message as it is written; `subject` is a template."""

    message: str
    subject: str
    topic: str
    purpose: str
    plays: list[str]
    has_html: bool
    sent: int = 0
    clicked: int = 0


class Link(msgspec.Struct, frozen=True):
    """A link of a message: mails in which a person opened it, and in which only programs did."""

    address: str
    clicked: int
    scanned: int


class Clicks(msgspec.Struct, frozen=True):
    """What customers made of a message."""

    sent: int
    seen: int
    clicked: int
    links: list[Link]


class Letter(msgspec.Struct, frozen=True):
    """A message as it would read."""

    to: str
    subject: str
    text: str
    html: str | None


class Step(msgspec.Struct, frozen=True):
    """One step of a play: outcomes with the steps that follow, and who stands here."""

    step: str
    says: str
    kind: str
    next: dict[str, str]
    standing: int
    sent: int = 0
    clicked: int = 0


class Lift(msgspec.Struct, frozen=True):
    """What a play adds to the share that reaches its goal within so many days, in parts of 1."""

    days: int
    treated: float
    control: float
    difference: float
    low: float
    high: float


class Curve(msgspec.Struct, frozen=True):
    """Shares that had reached the goal by the end of each day."""

    runs: int
    shares: list[float]


class VersionCame(msgspec.Struct, frozen=True):
    """What runs of a version came to."""

    version: int
    reached: int
    missed: int
    waiting: int


class TeamCame(msgspec.Struct, frozen=True):
    """What runs came to in which a team did a task."""

    team: str
    reached: int
    missed: int
    waiting: int


class StepCame(msgspec.Struct, frozen=True):
    """How often a step was begun, and what came of it."""

    step: str
    begun: int
    outcomes: dict[str, int]


class Outcome(msgspec.Struct, frozen=True):
    """How a play's goal is reached; `lift` None: too few, or nobody to compare with."""

    treated: Curve
    control: Curve
    lift: Lift | None
    versions: list[VersionCame]
    teams: list[TeamCame]
    steps: list[StepCame] = []


class Play(msgspec.Struct, frozen=True):
    """A play and how far it is played; `lift` None: too few, or nobody to compare with."""

    play: str
    says: str
    version: int
    state: Literal["live", "paused", "closing", "retired", "draft"]
    in_flight: int
    parked: int
    ended: dict[str, int]
    compared: int
    steps: list[Step]
    draft: Literal["draft", "asked", "approved"] | None = None
    why: str | None = None
    owner: str | None = None
    lift: Lift | None = None


class Line(msgspec.Struct, frozen=True):
    """One line of a trace."""

    what: Literal["entered", "begun", "call", "outcome", "parked", "ended"]
    step: str | None
    why: str
    at: datetime


class Run(msgspec.Struct, frozen=True):
    """A customer's way through a play."""

    play: str
    state: Literal["active", "parked", "ended"]
    step: str | None
    entered_at: datetime
    due_at: datetime | None
    ending: str | None
    control: bool
    lines: list[Line]


class Message(msgspec.Struct, frozen=True):
    """What was to be said, what was decided, and why."""

    play: str
    message: str
    planned_at: datetime
    verdict: str | None
    why: str | None
    decided_at: datetime | None
    clicked_at: datetime | None = None
    replied_at: datetime | None = None
    to_role: str | None = None
    contact: str | None = None


class LeftOut(msgspec.Struct, frozen=True):
    """What began no run."""

    play: str
    why: str
    at: datetime


class OfCustomer(msgspec.Struct, frozen=True):
    """All of it about one customer."""

    runs: list[Run]
    messages: list[Message]
    left_out: list[LeftOut]


class Plays(Client):
    """What pages ask journey about plays."""

    async def plays(self) -> list[Play]:
        """Which plays are there, and how far are they?"""
        return await self._read(list[Play], "/v1/plays")

    async def outcome(self, play: str) -> Outcome | None:
        """How is its goal reached, with it and without it? None: there is no such play."""
        return await self._known(Outcome, "/v1/plays/{}/outcome", play)

    async def of_customer(self, id_: str) -> OfCustomer | None:
        """Why did this customer get what they got? None: nobody has this id."""
        return await self._known(OfCustomer, "/v1/customers/{}/plays", id_)

    async def messages(self) -> list[MessageTemplate]:
        """What do plays write?"""
        return await self._read(list[MessageTemplate], "/v1/messages")

    async def letter(self, message: str, customer: str = "") -> Letter | None:
        """How would it read, for this customer or somebody made up? None: there is no such message."""
        if customer:
            path, named = "/v1/customers/{}/messages/{}", (customer, message)
            return await self._known(Letter, path, *named)
        return await self._known(Letter, "/v1/messages/{}", message)

    async def clicks(self, message: str) -> Clicks | None:
        """What do customers make of it? None: there is no such message."""
        return await self._known(Clicks, "/v1/messages/{}/clicks", message)

    async def send_test(self, message: str, customer: str = "") -> None:
        """Send it to whoever asks, as this customer or somebody made up would get it."""
        body = {"customer": customer} if customer else {}
        await self._post("/v1/messages/{}/tests", message, body=body)

    async def tasks(self, wanted: Mapping[str, str]) -> Found[Task]:
        """What is to be done by my teams, or by me?"""
        return await self._read(Found[Task], "/v1/tasks", params=wanted)

    async def task(self, id_: str) -> Task | None:
        """Which task is it? None: none of my teams'."""
        return await self._known(Task, "/v1/tasks/{}", id_)

    async def act(self, id_: str, act: TaskAct, body: Mapping[str, str | None] | None) -> None:
        """Do something with a task."""
        await self._post(f"/v1/tasks/{{}}/{act}", id_, body=body)

    async def reveal(self, id_: str) -> Contact:
        """Whom does who has this task call? Asks for a second factor of a moment ago; audited."""
        asked = self._post("/v1/tasks/{}/reveal", id_, body={"purpose": "call_back"})
        return (await asked).read(Contact)
