"""Records of every topic journey reads: sorted by customer, folded a batch at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.journey.domain.customers.customer import Customer
from services.journey.domain.customers.fold import FOLDS, first_of_quarters
from services.journey.domain.customers.state import Mark
from services.journey.domain.days import seconds
from services.journey.handlers.messages.in_app import note_messages
from services.journey.handlers.ports import Unit
from services.journey.handlers.stages.advance import Change, advance
from services.journey.handlers.stages.note_devices import note_devices
from services.journey.handlers.stages.on_stages import on_stages
from shared.events import FeatureUsed, RegistryChanged, Usage
from shared.stream.record import Received

USES = frozenset({Usage, FeatureUsed})


async def on_events(unit: Unit, batch: Sequence[Received[Any]]) -> None:
    """Fold a batch of any topic into its customers, and into their devices."""
    listed = by_customer(batch)
    if listed:
        held = await unit.store.customers.hold(listed, unit.now)
        await _note(unit, held, listed)
        await on_stages(unit, await advance(unit, held, _changes(listed)))
    await note_devices(unit, batch)


async def on_uses(unit: Unit, batch: Sequence[Received[Any]]) -> None:
    """Fold a batch of `device.usage` or `app.usage`: mostly uses on days that are known already.

    Those change the sums of a customer's row and nothing else: no state is read or written.
    """
    await note_messages(unit, batch)
    listed = by_customer(batch)
    if not listed:
        return
    held = await unit.store.customers.hold(listed, unit.now)
    await _note(unit, held, listed)
    routine = [id_ for id_ in listed if count_routine(held[id_], listed[id_])]
    await unit.store.customers.save_sums([held[id_] for id_ in routine])
    for id_ in routine:
        del listed[id_]
    if listed:
        await on_stages(unit, await advance(unit, held, _changes(listed)))


async def _note(
    unit: Unit, held: Mapping[str, Customer], listed: Mapping[str, Sequence[Received[Any]]]
) -> None:
    """Keep when those used something whose zone is not known yet."""
    uses = (
        (id_, Mark(seconds(received.event.at), received.id))
        for id_, received_ones in listed.items()
        if not held[id_].known
        for received in received_ones
        if type(received.event) in USES
    )
    await unit.store.customers.note_quarters(first_of_quarters(uses))


def by_customer(batch: Sequence[Received[Any]]) -> dict[str, list[Received[Any]]]:
    """The records that have an effect, by the customer they have it on."""
    listed: dict[str, list[Received[Any]]] = {}
    for received in batch:
        for customer in concerned(received.event):
            if customer in listed:
                listed[customer].append(received)
            else:
                listed[customer] = [received]
    return listed


def concerned(event: Any) -> Sequence[str]:
    """The customers an event has an effect on; most events of a fleet have none."""
    kind = type(event)  # why not isinstance: ten times as slow for these classes
    if kind not in FOLDS or (kind is Usage and event.by != "person"):
        return ()
    if kind is RegistryChanged:
        return sorted({event.customer, event.previous_customer} - {None})
    return () if event.customer is None else (event.customer,)


def count_routine(held_customer: Customer, listed: Sequence[Received[Any]]) -> bool:
    """Add uses to the customer's sums, if that is all that any of them changes."""
    first, end = held_customer.routine
    count = last = 0
    for received in listed:
        event = received.event
        at = event.at.timestamp()
        # why the second more: moments are whole seconds, cut off
        if type(event) not in USES or not first + 1 <= at < end:
            return False
        count += event.count
        last = max(last, int(at))
    held_customer.uses += count
    held_customer.last_use = max(held_customer.last_use, last)
    return True


def _changes(
    listed: Mapping[str, Sequence[Received[Any]]],
) -> dict[str, list[tuple[Change, str]]]:
    return {
        id_: [(received.event, received.id) for received in received_ones]
        for id_, received_ones in listed.items()
    }
