"""A unit of work: what happens together, or not at all, and all it is done with.

A batch of records, a firing of timers and a request that changes something are each one unit.
Handlers take it as their first argument; `shared/stream/units.py` begins it, tests make one by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from shared.audited import entry
from shared.db.audit import Entry
from shared.effects.effect import Planned
from shared.events import News
from shared.web.who import Who

StoreT = TypeVar("StoreT", covariant=True)
RulesT = TypeVar("RulesT", covariant=True)


class Emit(Protocol):
    """Publish an event when the transaction commits; the same cause gives the same id."""

    def __call__(self, event: News, *, key: str, cause: str, kind: str, n: int = 0) -> str: ...


@dataclass(frozen=True, slots=True)
class Unit(Generic[StoreT, RulesT]):
    """One unit of work.

    Attributes:
        store: the service's tables, in this transaction.
        rules: what the service decides by.
        now: the service's clock when the unit began.
        emit: publishes when it commits.
        who: whose wish it is; the service itself for records and timers.
        cause: identity of a request: what `emit` and `ids.derived` take, so that a repeated
            Idempotency-Key gives the same ids. Records and timers have causes of their own.
        entries: what the audit will say when it commits.
        effects: what is to be done outside once it has committed.
    """

    store: StoreT
    rules: RulesT
    now: datetime
    emit: Emit
    who: Who
    cause: str = ""
    entries: list[Entry] = field(default_factory=list)
    effects: list[Planned] = field(default_factory=list)

    def audit(
        self,
        action: str,
        kind: str,
        id_: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        why: str | None = None,
    ) -> None:
        """Audit that `who` did this, when the unit commits.

        Args:
            action: `<kind>.<verb>`.
            before, after: no personal data: of such fields their names, of what people wrote
                nothing; `shared.audited.difference` leaves out what stays.
        """
        self.entries.append(entry(self.who, action, kind, id_, before=before, after=after, why=why))

    def plan(self, effect: Planned) -> None:
        """Have it done outside once the unit has committed; the same id is planned once."""
        self.effects.append(effect)
