"""What is known of messages as they are about to go: read for a whole batch, judged one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.journey.domain.contacts.contact import Contact, whom
from services.journey.domain.customers.customer import Customer
from services.journey.domain.customers.state import State
from services.journey.domain.days import seconds
from services.journey.domain.messages.caps import Sent
from services.journey.domain.messages.left import Left
from services.journey.domain.messages.letter import is_address
from services.journey.domain.messages.of_runs import (
    LOOKED_BACK,
    NOT_WANTED,
    USEFUL,
    ended_without,
    has_app,
    replied,
    trouble,
)
from services.journey.domain.messages.purpose import Channel, Purpose
from services.journey.domain.messages.verdict import (
    Message,
    Outcome,
    Reason,
    Recipient,
    Verdict,
    verdict,
)
from services.journey.domain.messages.wanted_by import agreed_by, left_by
from services.journey.domain.messages.words import Person
from services.journey.domain.plays.run import Run
from services.journey.handlers.plays.holdout import held_out_of_all
from services.journey.handlers.ports import Unit
from shared.identity import zone_or_utc


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of a message as it is about to go.

    Attributes:
        others: messages of the same customer within the longest window of the caps.
        left, agreed: what the customer said about topics and purposes.
        suppressed: nothing is to be sent to the address any more.
        offer: of its run, the newest that is open.
        call: that its step offers.
        code: theirs for friends; empty: they have got none yet.
        contact: of an account, who gets it; None: the customer.
    """

    row: Any
    customer: Customer
    state: State
    run: Run
    profile: Any
    others: Sequence[Any]
    left: Sequence[Left]
    agreed: Sequence[Purpose]
    suppressed: bool
    held_out_of_all: bool = False
    offer: Any | None = None
    call: Any | None = None
    code: str = ""
    contact: Contact | None = None

    @property
    def address(self) -> str | None:
        """Where it would go."""
        return _address(self.profile) if self.contact is None else self.contact.reach.email

    @property
    def zone(self) -> str:
        """Of whoever gets it."""
        own = None if self.contact is None else self.contact.reach.zone
        return zone_or_utc(own or self.customer.zone)

    @property
    def person(self) -> Person:
        """Who is spoken to."""
        if self.contact is not None:
            reach = self.contact.reach
            return Person(reach.name, reach.language or _language(self.profile))
        return Person("" if self.profile is None else self.profile.name, _language(self.profile))

    @property
    def channel(self) -> Channel:
        """The way it would go."""
        return Channel(self.row.channel)

    @property
    def until(self) -> datetime:
        """It is of no use after that."""
        end: datetime = self.row.planned_at + USEFUL
        return end if self.row.until is None else min(end, self.row.until)

    @property
    def had_turn(self) -> bool:
        """Whether its domain has a place for it."""
        return bool(self.row.verdict == Outcome.SEND or self.row.why == Reason.RATE)

    @property
    def waits(self) -> bool:
        """Whether the run still stands at this message's step."""
        at = self.run.state, self.run.step, self.run.visit, self.run.told
        return at == ("active", self.row.step, self.row.visit, None)

    def judged(self, unit: Unit, turn: datetime | None = None) -> Verdict:
        """Whether it may go now.

        Args:
            turn: when its domain takes another mail.
        """
        # what was agreed with the customer is told whatever becomes of the run
        of_call = self.row.news is not None
        if ended_without(self.run) and self.row.verdict != Outcome.SEND and not of_call:
            return NOT_WANTED
        return verdict(self._message(), self._recipient(unit, turn), unit.rules.sending, unit.now)

    def _message(self) -> Message:
        row = self.row
        return Message(
            key=row.id, purpose=Purpose(row.purpose), channel=self.channel, topic=row.topic,
            priority=row.priority, planned=row.planned_at,
            useful=self.until - row.planned_at,
        )  # fmt: skip

    def _recipient(self, unit: Unit, turn: datetime | None) -> Recipient:
        mail = self.channel is Channel.EMAIL
        return Recipient(
            zone=self.zone,
            reachable=is_address(self.address) if mail else has_app(self.state, seconds(unit.now)),
            suppressed=self.suppressed and mail,
            left=self.left,
            agreed=self.agreed,
            trouble=trouble(self.state, seconds(unit.now)),
            replied=replied(self.state, seconds(unit.now)),
            held_out=self.run.control,
            held_out_of_all=self.held_out_of_all,
            turn=None if self.had_turn else turn,
            paused=unit.rules.lives.halts(self.row.play) and self.row.news is None,
            sent=[
                Sent(other.decided_at, Channel(other.channel), Purpose(other.purpose))
                for other in self.others
                if other.verdict == Outcome.SEND
            ],
            rivals=[
                other.priority
                for other in self.others
                if other.verdict not in {Outcome.SEND, Outcome.SKIP}
                and other.play != self.row.play
                and other.channel == self.row.channel
            ],
        )


async def read_cases(unit: Unit, rows: Sequence[Any]) -> dict[str, Case]:
    """Each message's case by its id; none of those whose customer or run is gone. Holds the customers.

    Args:
        rows: of messages, no two of one customer.
    """
    store = unit.store
    held = await store.customers.hold_existing(row.customer for row in rows)
    runs = await store.runs.several(row.run for row in rows)
    states = await store.customers.states(list(held.values()))
    profiles = await store.reader.profiles(held)
    others = await store.messages.newer(held, unit.now - LOOKED_BACK)
    left, agreed = await store.consents.of(held)
    to = await _contacts(unit, rows)
    asked = [_goes_to(profiles.get(row.customer), to[row.id]) for row in rows]
    suppressed = await store.suppressions.among({address for address in asked if address})
    out = await held_out_of_all(unit, held)
    offered = await store.offers.of_runs({row.run for row in rows})
    codes = await store.referrals.codes_of(held.keys())
    calls = await store.calls.of_runs({row.run for row in rows})
    return {
        row.id: Case(
            row,
            held[row.customer],
            states[row.customer],
            runs[row.run],
            profiles.get(row.customer),
            [other for other in others.get(row.customer, ()) if other.id != row.id],
            left_by((Left(*said) for said in left.get(row.customer, ())), to[row.id]),
            agreed_by(map(Purpose, agreed.get(row.customer, ())), to[row.id]),
            _goes_to(profiles.get(row.customer), to[row.id]) in suppressed,
            row.customer in out,
            offered.get(row.run),
            calls.get((row.run, row.visit)),
            codes.get(row.customer, ""),
            to[row.id],
        )
        for row in rows
        if row.customer in held and row.run in runs
    }


async def _contacts(unit: Unit, rows: Sequence[Any]) -> Mapping[str, Contact | None]:
    """By message, the contact who gets it; None: the customer."""
    accounts = {row.customer for row in rows if row.to_role is not None}
    people = await unit.store.contacts.of_accounts(accounts) if accounts else {}
    return {
        row.id: None
        if row.to_role is None
        else whom(people.get(row.customer, ()), row.to_role, _chosen(row))
        for row in rows
    }


def _chosen(row: Any) -> str | None:
    """Whom it went to, or is about to: nobody else gets the same mail."""
    contact: str | None = row.contact if row.verdict == Outcome.SEND else None
    return contact


def _goes_to(profile: Any, contact: Contact | None) -> str | None:
    return _address(profile) if contact is None else contact.reach.email


def _language(profile: Any) -> str:
    return "" if profile is None else profile.locale or ""


def _address(profile: Any) -> str | None:
    return None if profile is None else profile.email
