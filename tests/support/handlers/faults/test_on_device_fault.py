"""Faults through the store: one ticket a problem, few statements a batch, no race lost."""

import asyncio
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select, text

from services.support.domain.tickets import actions
from services.support.domain.tickets.ticket import Resolution
from services.support.errors import NewerTicketOpen, TicketResolved
from services.support.handlers.tickets.act_on_ticket import act_on_ticket
from services.support.store.tables import fault_key, ticket, ticket_history
from shared.events import TicketChanged
from shared.events.codec import decode
from shared.stream.transaction import transaction
from shared.web.who import Who
from tests.support.build import SECOND, at, fault, recovered, registry
from tests.support.conftest import UNITS

pytestmark = pytest.mark.servers


async def rows(engine, table):
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(select(table))).mappings()]


async def told(engine):
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT key, value FROM outbox ORDER BY position"))
        return [(row.key, decode(row.value)) for row in found]


@contextmanager
def statements(engine):
    """What is sent to the database meanwhile."""
    sent = []

    def note(connection, cursor, statement, *rest):
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_a_fault_becomes_a_ticket_that_the_others_hear_of(engine, handle):
    await handle(fault(0, 1, firmware="1.0", model="m1"))
    (made,) = await rows(engine, ticket)
    assert (made["state"], made["customer"], made["faults"]) == ("open", "ana", 1)
    assert await told(engine) == [
        (
            "c:ana",
            TicketChanged(
                at=at(0),
                ticket=made["id"],
                change="opened",
                state="open",
                version=1,
                customer="ana",
                device="cam-1",
                fault_code="sd_card",
                model="m1",
                firmware="1.0",
            ),
        )
    ]


async def test_an_unclaimed_device_has_nobody_to_help(engine, handle):
    await handle(fault(0, 1, customer=None), recovered(1, 2, customer=None))
    assert await rows(engine, ticket) == await rows(engine, fault_key) == []


async def test_two_thousand_faults_are_a_handful_of_statements(engine, handle):
    batch = [fault(n, n, source=f"cam-{n % 100}") for n in range(2_000)]
    with statements(engine) as sent:
        await handle(*batch)
    assert len(sent) <= 12, sent
    assert [row["faults"] for row in await rows(engine, ticket)] == [20] * 100
    assert len(await rows(engine, ticket_history)) == 2_000
    again = [fault(n, n, source=f"cam-{n % 100}") for n in range(2_000, 4_000)]
    with statements(engine) as sent:
        await handle(*again)
    assert len(sent) <= 12, sent
    assert [row["faults"] for row in await rows(engine, ticket)] == [40] * 100


async def test_a_thousand_components_are_a_few_tickets_and_statements(engine, handle):
    with statements(engine) as sent:
        await handle(*(fault(n / 60, n, component=f"cpu {n / 10} C") for n in range(1_000)))
    assert len(sent) <= 20, sent
    made = {row["component"]: row for row in await rows(engine, ticket)}
    assert len(made) == 11
    assert (made[""]["fault_code"], made[""]["faults"]) == ("device_floods", 990)
    await handle(*(fault(60 + n / 60, 2_000 + n, component=f"gpu {n} C") for n in range(1_000)))
    assert [row["faults"] for row in await rows(engine, ticket) if not row["component"]] == [1_990]
    assert len(await rows(engine, ticket)) == 11
    assert len(await rows(engine, ticket_history)) == 2_000
    changes = [change for _, change in await told(engine)]
    assert [change.change for change in changes] == ["opened"] * 11


async def test_two_batches_of_one_flood_at_once(engine, handle):
    batches = [[fault(n, 100 * n + m, component=f"c{n}-{m}") for m in range(40)] for n in range(6)]
    await asyncio.gather(*(handle(*batch) for batch in batches))
    made = await rows(engine, ticket)
    assert (len(made), sum(row["faults"] for row in made)) == (11, 240)


async def test_recovery_return_and_recovery_again(engine, handle, fire_until):
    await handle(fault(0, 1), recovered(10, 2))
    assert await fire_until(at(40) - SECOND) == 0
    assert await fire_until(at(50)) == 1
    (resolved,) = await rows(engine, ticket)
    assert (resolved["resolution"], resolved["resolved_at"]) == ("recovered", at(40))
    await handle(fault(100, 3))
    (again,) = await rows(engine, ticket)
    assert (again["state"], again["reopen_count"]) == ("open", 1)
    assert [(event.change, event.version) for _, event in await told(engine)] == [
        ("opened", 1),
        ("resolved", 2),
        ("reopened", 3),
    ]
    assert await fire_until(at(100_000)) == 0


async def test_four_days_later_it_is_a_new_ticket(engine, handle, fire_until):
    await handle(fault(0, 1), recovered(10, 2))
    await fire_until(at(40))
    await handle(fault(40 + 72 * 60 + 1, 3))
    first, second = sorted(await rows(engine, ticket), key=lambda row: row["opened_at"])
    assert (first["state"], second["state"]) == ("resolved", "open")
    assert second["previous_ticket"] == first["id"]


async def test_retiring_a_device_ends_its_tickets(engine, handle, fire_until):
    await handle(fault(0, 1), fault(1, 2, code="lens"), fault(2, 1, source="cam-2"))
    await handle(registry(2, "retired", 60))
    assert await fire_until(at(60)) == 2
    ended = {row["device"]: row["resolution"] for row in await rows(engine, ticket)}
    assert ended == {"cam-1": "retired", "cam-2": None}


async def test_more_timers_than_one_call_takes(engine, handle, fire_until):
    await handle(
        *(fault(0, 1, source=f"cam-{n}") for n in range(600)),
        *(recovered(1, 2, source=f"cam-{n}") for n in range(600)),
    )
    assert await fire_until(at(31)) == 600
    assert {row["resolved_at"] for row in await rows(engine, ticket)} == {at(31)}


async def act(engine, ticket_id, action, minute, cause):
    async with transaction(engine, "support", at(minute)) as tx:
        unit = UNITS.within(tx, Who("kim", "person", frozenset()), cause)
        ticket, _ = await act_on_ticket(unit, ticket_id, "act", action)
        return ticket


async def test_writers_and_an_agent_on_one_fault_key(engine, handle):
    """Three consumers and an agent who keeps resolving: one open ticket, no fault lost."""
    await handle(fault(0, 0))
    (first,) = await rows(engine, ticket)

    async def consume(worker):
        for n in range(40):
            seq = 1 + n * 3 + worker
            await handle(fault(seq, seq))

    async def agent():
        resolved = 0
        for n in range(15):
            done = actions.resolve(Resolution.FIX, None)
            try:
                await act(engine, first["id"], done, n * 8, f"wish-{n}")
                resolved += 1
            except TicketResolved:
                await asyncio.sleep(0)
        return resolved

    *_, resolved = await asyncio.gather(*(consume(worker) for worker in range(3)), agent())
    await handle(fault(121, 121))
    assert resolved > 0
    tickets = await rows(engine, ticket)
    assert [row["state"] for row in tickets].count("open") == 1
    lines = await rows(engine, ticket_history)
    assert sum(line["what"] == "fault" for line in lines) == 122
    assert sum(line["what"] == "resolved" for line in lines) == resolved
    assert sum(row["faults"] for row in tickets) == 122
    (key,) = await rows(engine, fault_key)
    assert key["faults"] == 122
    changes = [change for _, change in await told(engine)]
    assert len({(change.ticket, change.version) for change in changes}) == len(changes)


async def test_opening_at_once_is_one_ticket(engine, handle):
    await asyncio.gather(*(handle(fault(n, n)) for n in range(12)))
    (made,) = await rows(engine, ticket)
    assert made["faults"] == 12
    assert len(await rows(engine, ticket_history)) == 12


async def test_an_old_ticket_stays_resolved_beside_a_newer_open_one(engine, handle):
    await handle(fault(0, 1))
    (old,) = await rows(engine, ticket)
    await act(engine, old["id"], actions.resolve(Resolution.WONT_FIX, None), 5, "a")
    await handle(fault(10, 2))
    with pytest.raises(NewerTicketOpen):
        await act(engine, old["id"], actions.reopen(None), 20, "b")
    assert len(await rows(engine, ticket)) == 2
