"""What a playbook says: plays with their steps, messages, teams. Frozen; nothing is read here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from services.journey.domain.deliveries.shop import Shop
from services.journey.domain.facts.fact import Fact
from services.journey.domain.facts.said import said
from services.journey.domain.messages.purpose import Purpose
from services.journey.domain.messages.scale import MOST
from services.journey.domain.plays.condition import Condition
from services.journey.domain.plays.team import Linkage, Team
from services.journey.domain.steps.step import Does

END: Final = "end"  # where `then` leads to no other step
HOUR, DAY = 3_600, 86_400
MAX_AGE_S = 48 * HOUR


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a play.

    Attributes:
        key: its name within the play: it stays when the play is changed.
        says: what it is for, for people.
        does: what it does; each kind is a file in domain/steps.
        then: by outcome, the step that follows; an outcome that is not named leads to the next one
            in the list.
    """

    key: str
    says: str
    does: Does
    then: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Starts:
    """When a customer enters a play: one of `stage` and `happens`.

    Attributes:
        stage: on entering it.
        happens: a fact; on every event that belongs to it.
        when: and only if this holds then.
    """

    stage: str | None = None
    happens: str | None = None
    when: Condition = field(default_factory=Condition)


@dataclass(frozen=True, slots=True)
class Play:
    """One play.

    Attributes:
        priority: of two plays that want the same customer, the higher one is first.
        again_s: a customer enters it once more so long after the last run ended; None: never.
        max_age_s: what lies further back than this when it becomes known starts nothing.
        goal: reached: the run ends. leave: without having reached it, the run ends too.
        stages: the run ends when the customer is in none of these; empty: wherever they are.
        control: share of customers who get nothing of it, to compare with; 0 to 0.5.
        everybody: nobody is held out of it, as of no answer to trouble.
        mails: the messages it sends, as this version of it says them.
        moved: by step that an earlier version had, the one that those who stood there go on with.
        checksum: of everything it says, messages included.
    """

    name: str
    says: str
    starts: Starts
    steps: tuple[Step, ...]
    priority: int = 50
    again_s: int | None = None
    max_age_s: int = MAX_AGE_S
    goal: Condition = field(default_factory=Condition)
    leave: Condition = field(default_factory=Condition)
    stages: frozenset[str] = frozenset()
    control: float = 0.0
    everybody: bool = False
    mails: Mapping[str, "Message"] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    checksum: str = ""

    @property
    def messages(self) -> frozenset[str]:
        """The names of the messages it sends."""
        named = {
            getattr(step.does, field_, "")
            for step in self.steps
            for field_ in ("message", "confirm")
        }
        return frozenset(named - {""})

    def step(self, key: str | None) -> Step | None:
        """The step of this key; None: there is none any more."""
        return next((step for step in self.steps if step.key == key), None)

    def after(self, key: str, outcome: str) -> Step | None:
        """The step that follows an outcome of a step; None: the play is over."""
        keys = [step.key for step in self.steps]
        at = keys.index(key)
        follows = self.steps[at].then.get(outcome)
        if follows is None:
            return self.steps[at + 1] if at + 1 < len(keys) else None
        return None if follows == END else self.step(follows)


@dataclass(frozen=True, slots=True)
class Message:
    """What is written to customers.

    Attributes:
        subject, text, html: templates; `html` may be missing.
    """

    name: str
    topic: str
    purpose: Purpose
    subject: str
    text: str
    html: str | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """A fact that the playbook declares: steps note it, customers answer it.

    Attributes:
        question: what customers are asked; None: only steps note it.
        values: it may have; with a `scale` (csat, nps) its numbers.
    """

    name: str
    says: str
    question: str | None
    values: tuple[str, ...]
    scale: str | None = None

    @property
    def fact(self) -> Fact:
        """The fact it is."""
        if self.scale is not None:
            return said(self.name, self.says, (), MOST[self.scale])
        return said(self.name, self.says, self.values)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a program of somebody else is told of steps.

    Attributes:
        url: public, https.
        facts: told of the customer besides their id.
    """

    name: str
    says: str
    url: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Playbook:
    """All of it, by name.

    Attributes:
        files: by play its file and those of its messages; base: all files but those of plays.
    """

    plays: Mapping[str, Play] = field(default_factory=dict)
    messages: Mapping[str, Message] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    linkages: Mapping[str, Linkage] = field(default_factory=dict)
    facts: Mapping[str, Declared] = field(default_factory=dict)
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    shops: Mapping[str, Shop] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    base: Mapping[str, str] = field(default_factory=dict)


def with_html(playbook: Playbook, html: Mapping[str, str | None]) -> Playbook:
    """The playbook with the HTML that its messages' MJML was made to."""
    messages = {
        name: replace(message, html=html[name]) if name in html else message
        for name, message in playbook.messages.items()
    }
    plays = {
        name: replace(play, mails={mail: messages[mail] for mail in play.mails})
        for name, play in playbook.plays.items()
    }
    return replace(playbook, plays=plays, messages=messages)
