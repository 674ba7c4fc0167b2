"""Who would have got a message of a rehearsal, and what was known of them as it was about to go."""

from collections.abc import Sequence
from datetime import datetime

from services.journey.domain.customers.state import State
from services.journey.domain.days import moment_of, seconds
from services.journey.domain.messages.arms import OF_ALL, SALT, held_out
from services.journey.domain.messages.caps import Sent
from services.journey.domain.messages.letter import is_address
from services.journey.domain.messages.of_runs import LOOKED_BACK, has_app, replied, trouble
from services.journey.domain.messages.purpose import Channel
from services.journey.domain.messages.verdict import Outcome, Recipient
from services.journey.domain.messages.wanted_by import agreed_by, left_by
from services.journey.domain.plays.run import Run
from services.journey.domain.rehearsals.life import Said
from services.journey.domain.rehearsals.past import Past
from shared.identity import zone_or_utc


def reader(
    past: Past, run: Run, said: Said, own: Sequence[Said], state: State, now: datetime, holdout: float
) -> Recipient:  # fmt: skip
    """What is asked of whoever gets it: the customer, or of an account the contact with the role.

    Args:
        own: all messages of the rehearsed play; holdout: share of those whom no play does anything for.
    """
    t, mail, channel = seconds(now), said.channel is Channel.EMAIL, said.channel
    since = t - int(LOOKED_BACK.total_seconds())
    others = [other for other in past.others if other.planned > since]
    sent = [
        Sent(moment_of(other.decided), other.channel, other.purpose)
        for other in others
        if other.sent and other.decided is not None and other.decided <= t
    ]
    sent += [
        Sent(before.at, before.channel, before.purpose)
        for before in own
        if seconds(before.planned) > since
        and before.verdict
        and before.verdict.outcome is Outcome.SEND
    ]
    person = past.whom(said.to, t)
    contact = None if person is None else person.contact
    address = past.reachable if contact is None else is_address(contact.reach.email)
    suppressed = past.suppressed if person is None else person.suppressed
    return Recipient(
        zone=zone_or_utc((None if contact is None else contact.reach.zone) or past.zone),
        reachable=address if mail else has_app(state, t),
        suppressed=mail and suppressed is not None and suppressed <= t,
        left=left_by([left for at, left in past.left if at <= t], contact),
        agreed=agreed_by([purpose for at, purpose in past.agreed if at <= t], contact),
        trouble=trouble(state, t), replied=replied(state, t), held_out=run.control, sent=sent,
        held_out_of_all=held_out(SALT, OF_ALL, past.customer, holdout),
        rivals=[o.priority for o in others if o.channel is channel and o.waits(t)],
    )  # fmt: skip
