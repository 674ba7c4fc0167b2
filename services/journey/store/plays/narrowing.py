"""A condition compiled to SQL: what has to be so of a customer's rows if the condition holds.

A state is one JSON text, so SQL narrows and Python decides: what is compiled here may let somebody through
of whom the condition does not hold, and never keeps back anybody of whom it does
([0108](../../../../docs/decisions/0108-sql-narrows-an-audience-python-decides.md)).
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, LargeBinary, and_, literal, or_

from services.journey.domain.customers.state import State
from services.journey.domain.facts import fact_of
from services.journey.domain.facts.fact import Comparison
from services.journey.domain.plays.condition import Condition
from services.journey.domain.plays.play import DAY, Starts
from services.journey.store.tables import customer, customer_state

Clause = ColumnElement[bool]
PLAIN = re.compile(r"[a-z0-9 _-]{1,60}")  # JSON writes it as it is, and LIKE reads it so
WINDOW_S: Final = 31 * DAY  # the thirty days of active_days_30d, in any zone
# a day of use begins up to a day before its last use, days of a zone that was changed one more, and the
# day of the year that has 25 hours is within the third
SLACK_S: Final = 3 * DAY


def _text(*parts: str) -> Clause:
    """The stored state says these, one after the other."""
    pattern = "%" + "%".join(parts) + "%"
    return customer_state.c.state.bool_op("LIKE")(literal(pattern.encode(), LargeBinary))


def _field(name: str) -> Callable[[], Clause]:
    """A field of the state is there: what has its default is left out."""
    return lambda: _text(f'"{name}":')


def _of(name: str) -> Callable[[], Clause]:
    """One that is always written has something in it."""
    return lambda: _text(f'"{name}":{{"')


def _said(fact: str) -> Clause:
    return _text('"said":', f'"{fact}":')


def _used() -> Clause:
    return customer.c.last_use > 0


def _paid() -> Clause:
    """A payment failed, or there was a renewal, which is an event of it too."""
    return or_(_said("payment_failed"), _text('"terms":'))


# by fact, what has to be there before its value is another one than a customer's of whom nothing is known;
# a fact that is not named is one of those said: its name is
KNOWN: Mapping[str, Callable[[], Clause]] = {
    "purchased": _of("purchases"),
    "purchases": _of("purchases"),
    "days_since_purchase": _of("purchases"),
    "setup_started": _field("setup_started"),
    "setup_completed": _field("setup_completed"),
    "first_use": _used,
    "active_days_30d": _used,
    "uses_total": _used,
    "days_since_use": _used,
    "devices": _field("devices"),
    "integrations_linked": _field("integrations"),
    "help_views": _of("help_views"),
    "app_errors": _of("app_errors"),
    "ratings": _field("ratings"),
    "referrals": _of("referrals"),
    "subscription_status": _field("terms"),
    "days_to_renewal": _field("terms"),
    "renewals": _field("terms"),
    "days_since_renewal": _field("terms"),
    "in_support": _field("tickets"),
    "risk_tier": _field("risks"),
    "messages_seen": _of("seen"),
    "messages_clicked": _of("clicks"),
    "reply_waits": _field("replies"),
    "payment_failed": _paid,
}


def _uses(asked: Comparison, t: int) -> Clause:
    """The sums of a row are exact from the last use on."""
    compared = customer.c.uses.bool_op({"==": "="}.get(asked.op, asked.op))
    return or_(customer.c.last_use > t, compared(asked.value))


def _window(asked: Comparison, t: int) -> Clause:
    return customer.c.last_use >= t - WINDOW_S


def _silence(asked: Comparison, t: int) -> Clause:
    """So many days without use."""
    days, last = int(asked.value), customer.c.last_use
    long_ago = or_(last > t, last <= t - days * DAY + SLACK_S)
    not_so_long = last >= t - days * DAY - SLACK_S
    if asked.op in {">", ">="}:
        return long_ago
    if asked.op in {"<", "<="}:
        return not_so_long
    return and_(long_ago, not_so_long) if asked.op == "==" else last > 0


# by fact, what a comparison that does not hold of somebody of whom nothing is known asks of a row's sums
SUMS: Mapping[str, Callable[[Comparison, int], Clause]] = {
    "uses_total": _uses,
    "active_days_30d": _window,
    "days_since_use": _silence,
}


def known_of(fact: str) -> Clause | None:
    """What has to be there before anything is known of a fact; None: it cannot be told."""
    if fact in KNOWN:
        return KNOWN[fact]()
    return _said(fact) if PLAIN.fullmatch(fact) else None


def narrowed(asked: Comparison, t: int) -> Clause | None:
    """What has to be so for a comparison to hold at `t`, epoch seconds; None: it cannot be told."""
    fact = fact_of(asked.fact)
    if asked.holds(fact.value(State(), t)):
        return None  # it holds of somebody of whom nothing is known
    clauses = [known_of(asked.fact)]
    if asked.fact in SUMS:
        clauses.append(SUMS[asked.fact](asked, t))
    if fact.type is str and asked.op == "==" and PLAIN.fullmatch(str(asked.value)):
        clauses.append(_text(msgspec.json.encode(asked.value).decode()))
    told = [clause for clause in clauses if clause is not None]
    return and_(*told) if told else None


def of_condition(condition: Condition, t: int) -> list[Clause]:
    """What has to be so for a condition to hold at `t`, all of it."""
    clauses = [narrowed(asked, t) for asked in condition.all]
    any_of = [narrowed(asked, t) for asked in condition.any]
    told = [clause for clause in any_of if clause is not None]
    if told and len(told) == len(any_of):
        clauses.append(or_(*told))
    return [clause for clause in clauses if clause is not None]


def of_start(starts: Starts, t: int) -> list[Clause]:
    """What has to be so for a play to begin on a customer at `t`; the stage is exact."""
    clauses = of_condition(starts.when, t)
    if starts.stage is not None:
        clauses.append(customer.c.stage == starts.stage)
    if starts.happens is not None and (known := known_of(starts.happens)) is not None:
        clauses.append(known)
    return clauses
