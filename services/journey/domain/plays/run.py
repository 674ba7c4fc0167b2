"""One customer in one play: what is known of it, what comes in, and what comes out of a move."""

from dataclasses import dataclass
from typing import Literal

from services.journey.domain.customers.state import State
from services.journey.domain.facts.fact import Value

State_ = Literal[
    "active",
    "parked",  #: it could not be worked out; the next version of the play tries again
    "ended",
]
Ending = Literal[
    "reached",  #: the goal holds
    "done",  #: the last step is behind them
    "left",  #: what the play asks for to stay in it holds no longer
    "removed",  #: the step they stood at is gone, and all behind it
    "retired",  #: the play is not in the playbook any more
    "stuck",  #: more steps than anybody can want
    "compared",  #: of the control group, at a task: of an earlier release
    "stopped",  #: a step of another play has ended it
]


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Moments are epoch seconds.

    Attributes:
        subject: of several runs of a customer in one play at the same time, which; empty: the only.
        rotation: how many runs of this play the customer had before.
        cause: identity of what it was entered for, which happened at `entered`.
        version: of the play, when the run last moved.
        step: where it stands; visit: how many steps it has begun, this one included.
        since: what happened after this moment counts for the step.
        due: when it is looked at although nothing has happened.
        told: what somebody outside has said of the step: the outcome of a mail or of a task.
        lines: of its trace.
        control: it goes through the play as the others do, and nothing of it is done.
        paused_s: for so long the play was paused since the step began: its clocks are later by it.
    """

    id: str
    play: str
    customer: str
    subject: str
    rotation: int
    cause: str
    entered: int
    version: int
    state: State_ = "active"
    step: str | None = None
    visit: int = 0
    since: int = 0
    due: int | None = None
    told: str | None = None
    ending: str | None = None
    ended: int | None = None
    lines: int = 0
    control: bool = False
    paused_s: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the customer of a run.

    Attributes:
        zone: of their walls.
    """

    state: State
    stage: str | None
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a run's trace.

    Attributes:
        why: the outcome, or what it was decided by: words of ours and of the play.
        at: the moment it belongs to, epoch seconds; it may lie before it became known.
    """

    what: Literal["entered", "begun", "call", "outcome", "parked", "ended"]
    step: str | None
    visit: int
    why: str
    at: int


@dataclass(frozen=True, slots=True)
class SendMessage:
    """A step wants a message sent; whether it may be is decided when it is about to be.

    Attributes:
        asks: the fact that an answer to it becomes; None: it asks nothing.
        until: epoch seconds; what is answered later counts no more.
        channel: the way it goes; opens: what an app opens on a click.
        to: role of the contact of an account that it is for; None: the customer.
    """

    message: str
    step: str
    visit: int
    asks: str | None = None
    until: int | None = None
    channel: str = "email"
    opens: str | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A step wants a person to do something.

    Attributes:
        due: epoch seconds.
        results: what may come of it.
        linkage: by which it is offered to another team, `taker`, at once; None: to nobody.
        skill: what who does it has to be able to do; None: nothing in particular.
        at: epoch seconds: the time that was agreed with the customer; None: any up to `due`.
        n: tells several of one visit apart.
        reply_to: the mail that the customer has replied to; None: it is of a step.
    """

    team: str
    title: str
    says: str
    due: int
    results: tuple[str, ...]
    step: str
    visit: int
    linkage: str | None = None
    taker: str | None = None
    skill: str | None = None
    at: int | None = None
    n: int = 0
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class OfferCall:
    """A step has the customer choose when to be called; what was agreed on is told to the run.

    Attributes:
        results: of the task that it becomes.
        notice_s, within_s: the soonest and the furthest time, from when they look.
        remind_s: before it; again_s: for another time, if we take one back.
        confirm: the message that says when it is.
    """

    team: str
    title: str
    says: str
    results: tuple[str, ...]
    skill: str | None
    length_s: int
    notice_s: int
    within_s: int
    remind_s: int
    again_s: int
    confirm: str
    step: str
    visit: int


@dataclass(frozen=True, slots=True)
class NoteFact:
    """A step notes a fact of the customer, as of `at`, epoch seconds; the run itself knows it at once."""

    fact: str
    value: Value
    at: int
    step: str
    visit: int


@dataclass(frozen=True, slots=True)
class StartPlay:
    """A step has the customer enter another play, if that one lets them."""

    play: str
    at: int
    step: str
    visit: int


@dataclass(frozen=True, slots=True)
class StopPlay:
    """A step ends the customer's run of another play, if there is one."""

    play: str
    step: str
    visit: int


@dataclass(frozen=True, slots=True)
class CallWebhook:
    """A step tells a program of somebody else."""

    webhook: str
    step: str
    visit: int


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A step asks support for a ticket."""

    subject: str
    says: str
    priority: str
    step: str
    visit: int


@dataclass(frozen=True, slots=True)
class MakeOffer:
    """A step wants a product offered; what speaks against it is told to the run at once.

    Attributes:
        kind: of offers; discount: percent; price: in its place; valid_s: so long it is open.
    """

    kind: str
    product: str
    discount: int
    price: int | None
    valid_s: int
    step: str
    visit: int


@dataclass(frozen=True, slots=True)
class HandOutCode:
    """A step wants the customer to have their referral code; what speaks against it is told at once."""

    step: str
    visit: int


Act = (
    SendMessage
    | OpenTask
    | OfferCall
    | NoteFact
    | StartPlay
    | StopPlay
    | CallWebhook
    | OpenTicket
    | MakeOffer
    | HandOutCode
)


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of looking at a run."""

    run: Run
    lines: tuple[Line, ...] = ()
    acts: tuple[Act, ...] = ()
