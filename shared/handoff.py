"""A hand-off between two teams: offered, then accepted, declined, expired or withdrawn. Pure.

Journey uses it for tasks, support for tickets, so both tell the same story and are measured alike: until
it is accepted the owner is who offers, and so is the clock; they move at that moment, or never.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from shared.errors import Refusal

State = Literal[
    "offered",  #: the other team has not answered; who offers it still owns it
    "accepted",  #: the other team owns it, and its clock runs
    "declined",  #: the other team said no, and why
    "expired",  #: nobody answered in time
    "withdrawn",  #: who offered it took it back
]


class HandOffRefused(Refusal):
    """It is not offered, or not to them; or it could not be offered at all."""


@dataclass(frozen=True, slots=True)
class HandOff:
    """One use of a linkage.

    Attributes:
        subject: what is handed over, e.g. `ticket:...`, `task:...`.
        giver, taker: teams.
        reason: a word of the linkage. summary, next_step: what the taker has to know.
        expires_at: nobody accepts it from then on.
        settled_at, settled_by: when it was answered, and by whom; nobody when it has expired.
        why: of declining.
    """

    id: str
    subject: str
    giver: str
    taker: str
    reason: str
    summary: str
    next_step: str
    offered_at: datetime
    offered_by: str
    expires_at: datetime
    state: State = "offered"
    settled_at: datetime | None = None
    settled_by: str | None = None
    why: str | None = None

    @property
    def owner(self) -> str:
        """Which team owns the subject as far as this hand-off goes."""
        return self.taker if self.state == "accepted" else self.giver

    @property
    def due_at(self) -> datetime | None:
        """When time alone changes it; None: never."""
        return self.expires_at if self.state == "offered" else None

    @property
    def waited(self) -> timedelta | None:
        """How long the giver waited for an answer; None: there is none yet."""
        return None if self.settled_at is None else self.settled_at - self.offered_at


def offer(wanted: HandOff, owner: str, before: Iterable[HandOff]) -> HandOff:
    """Offer it.

    Args:
        owner: the team that owns the subject now.
        before: all hand-offs of the same subject; of expired ones that is known.
    Raises: HandOffRefused: something is missing, it is offered to somebody already, or the giver
        does not own it.
    """
    for name in ("reason", "summary", "next_step"):
        if not getattr(wanted, name).strip():
            raise HandOffRefused(f"{name}: expected some text, so that the other team can go on")
    if wanted.giver == wanted.taker:
        raise HandOffRefused("taker: expected another team than the one that gives")
    if wanted.expires_at <= wanted.offered_at:
        raise HandOffRefused("expires_at: expected a time after the offer")
    if any(hand_off.state == "offered" for hand_off in before):
        raise HandOffRefused(f"{wanted.subject} is offered already; withdraw that first")
    if wanted.giver != owner:
        raise HandOffRefused(f"{wanted.subject} is not {wanted.giver}'s to give")
    return replace(wanted, state="offered", settled_at=None, settled_by=None, why=None)


def accept(hand_off: HandOff, team: str, by: str, now: datetime) -> HandOff:
    """The taker takes it: owner and clock move now. Raises: HandOffRefused."""
    _open(hand_off, team, hand_off.taker, now)
    return replace(hand_off, state="accepted", settled_at=now, settled_by=by)


def decline(hand_off: HandOff, team: str, by: str, why: str, now: datetime) -> HandOff:
    """The taker does not take it. Raises: HandOffRefused."""
    _open(hand_off, team, hand_off.taker, now)
    if not why.strip():
        raise HandOffRefused("why: expected some text, so that the giver can act on it")
    return replace(hand_off, state="declined", settled_at=now, settled_by=by, why=why)


def withdraw(hand_off: HandOff, team: str, by: str, now: datetime) -> HandOff:
    """The giver takes it back. Raises: HandOffRefused."""
    _open(hand_off, team, hand_off.giver, now)
    return replace(hand_off, state="withdrawn", settled_at=now, settled_by=by)


def expire(hand_off: HandOff, now: datetime) -> HandOff:
    """What time alone makes of it: expired at `expires_at`, whenever somebody looks."""
    if hand_off.due_at is None or now < hand_off.due_at:
        return hand_off
    return replace(hand_off, state="expired", settled_at=hand_off.expires_at)


class Held(NamedTuple):
    """A team owned a subject from `start` to `end`: what its owner clock counts."""

    team: str
    start: datetime
    end: datetime


def held(first: str, start: datetime, end: datetime, handed: Iterable[HandOff]) -> Iterator[Held]:
    """Who owned a subject when: one definition for all teams, internal or a partner's.

    Args:
        first: the team that owned it at `start`.
        handed: all hand-offs of the subject, in any order.
    """
    team, since = first, start
    for hand_off in sorted(
        (accepted for accepted in handed if accepted.state == "accepted"), key=_moment
    ):
        at = min(max(_moment(hand_off), start), end)
        if since < at:
            yield Held(team, since, at)
        team, since = hand_off.taker, at
    if since < end:
        yield Held(team, since, end)


def _open(hand_off: HandOff, team: str, whose: str, now: datetime) -> None:
    if team != whose:
        raise HandOffRefused(f"this is for {whose} to say")
    state = expire(hand_off, now).state
    if state != "offered":
        raise HandOffRefused(f"it is {state}")
    if now < hand_off.offered_at:
        raise HandOffRefused("it is not offered yet")


def _moment(hand_off: HandOff) -> datetime:
    return hand_off.settled_at or hand_off.offered_at
