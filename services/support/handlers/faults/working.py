"""Fault keys that are held become work, and the work becomes rows and events."""

from collections.abc import Iterable, Mapping

from services.support.domain.faults.fault_key import FaultKey
from services.support.domain.faults.timers import next_due
from services.support.domain.faults.work import FaultWork
from services.support.handlers.ports import Store, Unit
from services.support.handlers.tickets import saving


async def load(
    store: Store, held: Mapping[str, FaultKey], *, also: Mapping[str, str] | None = None
) -> dict[str, FaultWork]:
    """Lock the tickets of keys that are held, with their fault facts.

    Args:
        also: an older ticket that is wanted too, by its key.
    Returns: the work by key.
    """
    wanted: dict[str, set[str]] = {
        key: set() if state.ticket is None else {state.ticket} for key, state in held.items()
    }
    for key, ticket in (also or {}).items():
        wanted[key].add(ticket)
    ids = {id_ for mine in wanted.values() for id_ in mine}
    tickets = await store.tickets.hold(ids)
    facts = await store.fault_facts.hold(ids)
    return {
        key: FaultWork(
            state,
            [tickets[id_] for id_ in wanted[key] if id_ in tickets],
            [facts[id_] for id_ in wanted[key] if id_ in facts],
        )
        for key, state in held.items()
    }


async def save(unit: Unit, works: Iterable[FaultWork]) -> None:
    """Write all that the work changed, one statement a table, and tell the other services."""
    done = list(works)
    tickets = [work.tickets for work in done]
    await unit.store.fault_keys.write(
        (work.state, next_due(work.state, work.ticket)) for work in done
    )
    await saving.save(unit, tickets)
    pairs = [(work, facts) for work in done for facts in work.changed.values()]
    await unit.store.fault_facts.write(
        [facts for work, facts in pairs if facts.ticket not in work.tickets.new],
        [facts for work, facts in pairs if facts.ticket in work.tickets.new],
    )
    await saving.tell(unit, tickets)
