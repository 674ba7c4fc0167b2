"""Records of every topic journey reads: sorted by customer, folded a batch at a time."""

from collections.abc import Sequence

from services.journey.handlers.advance import Change, advance
from services.journey.handlers.ports import Desk
from shared.events import (
    AppOpened,
    Event,
    FeatureUsed,
    FirmwareUpdated,
    Heartbeat,
    InterestShown,
    RegistryChanged,
    RiskChanged,
    SetupStep,
    Telemetry,
    TicketChanged,
    Usage,
)
from shared.stream.record import Received

WITHOUT_EFFECT = (Heartbeat, AppOpened, SetupStep, InterestShown, FirmwareUpdated)


def concerned(event: Event) -> tuple[str, ...]:
    """The customers an event has an effect on; most events of a fleet have none."""
    if isinstance(event, WITHOUT_EFFECT):
        return ()
    if isinstance(event, Usage) and event.by != "person":
        return ()
    if isinstance(event, RegistryChanged):
        named = {event.customer, event.previous_customer} - {None}
        return tuple(sorted(one for one in named if one is not None))
    if isinstance(event, (Telemetry, TicketChanged, RiskChanged)):
        return () if event.customer is None else (event.customer,)
    return ()


async def on_events(desk: Desk, batch: Sequence[Received[Event]]) -> None:
    """Fold a batch of any topic into its customers."""
    changes: dict[str, list[tuple[Change, str]]] = {}
    for received in batch:
        for customer in concerned(received.event):
            changes.setdefault(customer, []).append((received.event, received.id))
    if changes:
        held = await desk.customers.hold(changes, desk.now)
        await advance(desk, held, changes)


async def on_uses(desk: Desk, batch: Sequence[Received[Event]]) -> None:
    """Fold a batch of `device.usage` or `app.usage`: mostly uses on days that are known already.

    Those change the sums of a customer's row and nothing else: no state is read or written.
    """
    uses: dict[str, list[tuple[Change, str]]] = {}
    for received in batch:
        for customer in concerned(received.event):
            uses.setdefault(customer, []).append((received.event, received.id))
    if not uses:
        return
    held = await desk.customers.hold(uses, desk.now)
    sums, rest = [], {}
    for id_, listed in uses.items():
        one = held[id_]
        first, end = one.routine
        count = last = 0
        for event, _ in listed:
            if not isinstance(event, (Usage, FeatureUsed)):
                break
            at = event.at.timestamp()
            # why the second more: moments are whole seconds, cut off
            if not first + 1 <= at < end:
                break
            count += event.count
            last = max(last, int(at))
        else:
            one.uses += count
            one.last_use = max(one.last_use, last)
            sums.append(one)
            continue
        rest[id_] = listed
    await desk.customers.save_sums(sums)
    if rest:
        await advance(desk, held, rest)
