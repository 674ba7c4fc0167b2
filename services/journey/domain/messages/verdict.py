"""May this be sent to this customer now? One place, one answer with its reason.

The order is of what weighs more, so that the reason named is the one that matters: what the customer
said, trouble they are in, who is compared, how much they got, who has more to say, the hour, and last
how much their mail server takes (research/journey.md, section 5 [11-15]).
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.journey.domain.messages.caps import Cap, Sent, first_full
from services.journey.domain.messages.left import Left
from services.journey.domain.messages.purpose import (
    HELD_IN_TROUBLE,
    OPT_IN,
    OWED,
    Channel,
    Purpose,
)
from services.journey.domain.messages.rate import Rate
from shared.calendars.calendar import Span, every_day

RETRY = timedelta(hours=1)  # what is held until something closes is looked at again this often


class Outcome(StrEnum):
    """What is done about a message."""

    #: it goes out now
    SEND = "send"
    #: it is asked about again at a moment that is known
    DEFER = "defer"
    #: it waits for something to end, which is not known when
    HOLD = "hold"
    #: it will never go out: the run goes on without it
    SKIP = "skip"


class Reason(StrEnum):
    """Why a message goes out or does not; each stored, counted and shown."""

    #: nothing spoke against it
    NOTHING_AGAINST = "nothing_against"
    #: there is no address to send it to
    NO_ADDRESS = "no_address"
    #: the address bounced or complained
    SUPPRESSED = "suppressed"
    #: the customer left this topic or channel
    LEFT = "left"
    #: the customer was never asked for such messages
    NEVER_ASKED = "never_asked"
    #: its play is paused
    PLAY_PAUSED = "play_paused"
    #: a fault or a ticket is open
    TROUBLE_OPEN = "trouble_open"
    #: one was open until the message was of no use: a person speaks of it instead
    TROUBLE_LASTED = "trouble_lasted"
    #: the customer has replied to one, and nobody has seen to it yet
    REPLY_WAITS = "reply_waits"
    #: the customer is in the group that others are compared with
    HELD_OUT = "held_out"
    #: the customer is in the group that no play does anything for
    HELD_OUT_OF_ALL = "held_out_of_all"
    #: they have been sent enough within that time
    CAP_REACHED = "cap_reached"
    #: another play has something to say that matters more
    OTHER_PLAY_FIRST = "other_play_first"
    #: it is night where the customer is
    QUIET_HOURS = "quiet_hours"
    #: so many mails go to that domain just now
    RATE = "rate"
    #: it waited until it was no longer of use
    TOO_LATE = "too_late"


#: The run goes on as if it had gone out: others are compared with it.
COMPARED = frozenset({Reason.HELD_OUT, Reason.HELD_OUT_OF_ALL})


@dataclass(frozen=True, slots=True)
class Message:
    """What would be sent.

    Attributes:
        key: of its effect: what is released after a night is spread by it.
        topic: what a customer can leave, e.g. `set-up`; None: belongs to no topic.
        priority: of its play; more is first.
        planned: when its step began.
        useful: how long it is of use; None: for ever.
    """

    key: str
    purpose: Purpose
    channel: Channel
    topic: str | None
    priority: int
    planned: datetime
    useful: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """What is known of a customer as a message is about to go.

    Attributes:
        zone: IANA zone, of the customer, the account or the installation.
        reachable: there is an address on this channel.
        suppressed: that address bounced or complained.
        left: topics and channels that they took themselves out of.
        agreed: purposes they were asked about and said yes to.
        trouble: since when a fault or ticket is open; None: none is.
        replied: since when a reply of theirs waits for a person; None: none does.
        held_out: of this play or of all; held_out_of_all: of all.
        paused: the play that sends it.
        sent: what went out within the longest window of the caps.
        rivals: priorities of other plays' messages that wait for the same channel.
        turn: when the mail's domain takes another one; None: it has had its turn.
    """

    zone: str
    reachable: bool = True
    suppressed: bool = False
    left: Collection[Left] = ()
    agreed: Collection[Purpose] = ()
    trouble: datetime | None = None
    replied: datetime | None = None
    held_out: bool = False
    held_out_of_all: bool = False
    paused: bool = False
    sent: Collection[Sent] = ()
    rivals: Collection[int] = ()
    turn: datetime | None = None


NIGHT = (Span(21 * 60, 8 * 60),)
CAPS = (
    Cap(1, 1, rolling=False, purposes=HELD_IN_TROUBLE),
    Cap(2, 7, rolling=True, purposes=HELD_IN_TROUBLE),
    Cap(3, 1, rolling=False, purposes=HELD_IN_TROUBLE | {Purpose.HELP}),
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What an installation has decided.

    Attributes:
        quiet: spans of the customer's day in which a channel is silent.
        caps: how much is too much.
        spread: what a night held goes out within so long after it.
        arbitration: how long a message waits for one that matters more.
        holdout: share of customers that no play does anything for, to compare all of them with.
        rate: of mails to one domain; None: as fast as the server takes them.
    """

    quiet: Mapping[Channel, Sequence[Span]] = field(
        default_factory=lambda: {Channel.EMAIL: NIGHT, Channel.APP: NIGHT}
    )
    caps: Sequence[Cap] = CAPS
    spread: timedelta = timedelta(hours=1)
    arbitration: timedelta = timedelta(minutes=10)
    holdout: float = 0.0
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer.

    Attributes:
        until: when it is asked again; None: it goes out, or never will.
        said: what a person should know besides, e.g. the cap.
    """

    outcome: Outcome
    reason: Reason
    until: datetime | None = None
    said: str = ""


def verdict(message: Message, recipient: Recipient, rules: Rules, now: datetime) -> Verdict:
    """Whether a message may go out now. Pure; whoever asks holds the customer's row.

    A message that waited until it was of no use is skipped by the next question after that: what is
    too late is said before what else speaks against it, and after what the customer said.
    """
    for rule in (_consent, _too_late, _paused, _trouble, _held_out, _caps, _rivals, _night, _rate):
        ruling = rule(message, recipient, rules, now)
        if ruling is not None:
            return ruling
    return Verdict(Outcome.SEND, Reason.NOTHING_AGAINST)


def _consent(message: Message, recipient: Recipient, rules: Rules, now: datetime) -> Verdict | None:
    del rules, now
    if not recipient.reachable:
        return Verdict(Outcome.SKIP, Reason.NO_ADDRESS)
    if recipient.suppressed:
        return Verdict(Outcome.SKIP, Reason.SUPPRESSED)
    if message.purpose in OWED:
        return None
    for left in recipient.left:
        if left.covers(message.topic, message.channel):
            said = " on ".join(word for word in left if word is not None)
            return Verdict(Outcome.SKIP, Reason.LEFT, said=said or "everything")
    if message.purpose in OPT_IN and message.purpose not in recipient.agreed:
        return Verdict(Outcome.SKIP, Reason.NEVER_ASKED)
    return None


def _too_late(
    message: Message, recipient: Recipient, rules: Rules, now: datetime
) -> Verdict | None:
    del rules
    if message.useful is None or now <= message.planned + message.useful:
        return None
    lasted = recipient.trouble is not None and message.purpose is Purpose.RENEWAL
    return Verdict(Outcome.SKIP, Reason.TROUBLE_LASTED if lasted else Reason.TOO_LATE)


def _paused(message: Message, recipient: Recipient, rules: Rules, now: datetime) -> Verdict | None:
    del message, rules
    return Verdict(Outcome.HOLD, Reason.PLAY_PAUSED, now + RETRY) if recipient.paused else None


def _trouble(message: Message, recipient: Recipient, rules: Rules, now: datetime) -> Verdict | None:
    """Who waits for us is not written to as if they did not."""
    del rules
    if recipient.trouble is not None and message.purpose in HELD_IN_TROUBLE:
        return Verdict(Outcome.HOLD, Reason.TROUBLE_OPEN, now + RETRY)
    if recipient.replied is not None and message.purpose not in OWED:
        return Verdict(Outcome.HOLD, Reason.REPLY_WAITS, now + RETRY)
    return None


def _held_out(
    message: Message, recipient: Recipient, rules: Rules, now: datetime
) -> Verdict | None:
    """After trouble, so that those compared would have been sent it at the same moment."""
    del rules, now
    if not recipient.held_out or message.purpose in OWED:
        return None
    of_all = recipient.held_out_of_all
    return Verdict(Outcome.SKIP, Reason.HELD_OUT_OF_ALL if of_all else Reason.HELD_OUT)


def _caps(message: Message, recipient: Recipient, rules: Rules, now: datetime) -> Verdict | None:
    full = first_full(
        rules.caps, message.channel, message.purpose, recipient.sent, recipient.zone, now
    )
    if full is None:
        return None
    cap, until = full
    days = f"{cap.days} days" if cap.days > 1 else "a day"
    return Verdict(Outcome.DEFER, Reason.CAP_REACHED, until, f"{cap.most} within {days}")


def _rivals(message: Message, recipient: Recipient, rules: Rules, now: datetime) -> Verdict | None:
    """One that matters less waits a moment; the caps then say whether there is room beside it."""
    until = message.planned + rules.arbitration
    if message.purpose in OWED or now >= until:
        return None
    if max(recipient.rivals, default=message.priority) <= message.priority:
        return None
    return Verdict(Outcome.DEFER, Reason.OTHER_PLAY_FIRST, until)


def _night(message: Message, recipient: Recipient, rules: Rules, now: datetime) -> Verdict | None:
    spans = rules.quiet.get(message.channel, ())
    if message.purpose in OWED or not spans:
        return None
    night = every_day(recipient.zone, *spans)
    morning = night.next_outside(now)
    if morning == now:
        return None
    if morning is None:
        return Verdict(Outcome.SKIP, Reason.QUIET_HOURS, said="they never end")
    late = min(night.next_inside(morning) or morning + rules.spread, morning + rules.spread)
    return Verdict(
        Outcome.DEFER, Reason.QUIET_HOURS, morning + _part(message.key) * (late - morning)
    )


def _rate(message: Message, recipient: Recipient, rules: Rules, now: datetime) -> Verdict | None:
    del message, rules
    if recipient.turn is None or recipient.turn <= now:
        return None
    return Verdict(Outcome.DEFER, Reason.RATE, recipient.turn)


def _part(key: str) -> float:
    """Where in a stretch this message goes out: from 0 to just below 1, the same each time."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / (1 << 32)
