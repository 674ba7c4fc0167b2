"""Rows come back as they were written, and PostgreSQL guards what must never be."""

import pytest
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError

from services.support.domain.faults.flapping import Flapping
from services.support.domain.faults.order import Order
from services.support.domain.tickets.history import Entry
from services.support.domain.tickets.queue import Wanted
from services.support.domain.tickets.ticket import Resolution
from services.support.store.store import Store
from tests.support.build import BOOT, KEY, MINUTE, NOON, at, facts, resolved_ticket, ticket

pytestmark = pytest.mark.servers

OTHER = "22222222-2222-2222-2222-222222222222"


async def test_a_fault_key_comes_back_as_written(engine):
    key = "cam-1|sd_card|slot | 1"
    async with engine.begin() as connection:
        keys = Store(connection).fault_keys
        fresh = (await keys.hold([key, key]))[key]
        assert (fresh.device, fresh.code, fresh.component) == ("cam-1", "sd_card", "slot | 1")
        written = replace(
            fresh,
            ticket=OTHER,
            last=Order(NOON, BOOT, 2**53 - 1),
            last_seen=at(1),
            faults=3,
            faulty=True,
            recovery_due=at(30),
            retired_at=at(9),
            flapping=Flapping((NOON, at(0.5)), NOON, at(1), at(2)),
        )
        await keys.write([(written, at(30))])
        assert await keys.hold([key]) == {key: written}
        assert await keys.hold_of_devices(["cam-1"]) == {key: written}
        assert await keys.hold_due(at(30), 10) == {key: written}
        assert await keys.hold_due(at(29), 10) == {}


async def test_due_keys_come_longest_due_first_and_no_more_than_asked(engine):
    async with engine.begin() as connection:
        keys = Store(connection).fault_keys
        held = await keys.hold([f"cam-{n}|a|" for n in range(5)])
        await keys.write([(one, NOON - int(one.device[-1]) * MINUTE) for one in held.values()])
        assert list(await keys.hold_due(NOON, 2)) == ["cam-4|a|", "cam-3|a|"]


async def test_a_due_key_that_another_holds_is_left_out(engine):
    async with engine.begin() as connection:
        keys = Store(connection).fault_keys
        held = await keys.hold(["cam-1|a|", "cam-2|a|"])
        await keys.write([(one, NOON) for one in held.values()])
    async with engine.begin() as one, engine.begin() as other:
        await Store(one).fault_keys.hold(["cam-1|a|"])
        assert list(await Store(other).fault_keys.hold_due(NOON, 10)) == ["cam-2|a|"]


async def test_a_ticket_comes_back_as_written(engine):
    one = resolved_ticket(
        at(5),
        Resolution.WONT_FIX,
        reopened_at=at(1),
        previous_ticket=OTHER,
        assignee="kim",
        touched_at=at(4),
        historical=True,
    )
    async with engine.begin() as connection:
        tickets = Store(connection).tickets
        await tickets.write([], [one])
        assert await tickets.hold([one.id, OTHER]) == {one.id: one}
        assert await tickets.read(one.id) == (one, None)
        await Store(connection).fault_facts.write([], [facts(one)])
        assert await tickets.read(one.id) == (one, facts(one))
        assert await tickets.read(OTHER) is None


async def test_two_open_tickets_of_one_fault_key_cannot_be(engine):
    both = [ticket(), ticket(id=OTHER)]
    async with engine.connect() as connection:
        await Store(connection).tickets.write([], both)
        with pytest.raises(IntegrityError, match="uq_ticket_fault_open_key"):
            await Store(connection).fault_facts.write([], list(map(facts, both)))


async def test_an_open_ticket_may_take_the_place_of_one_resolved_with_it(engine):
    old, new = ticket(id="f" * 36), ticket(id=OTHER)
    async with engine.begin() as connection:
        tickets, of_fault = Store(connection).tickets, Store(connection).fault_facts
        await tickets.write([], [old])
        await of_fault.write([], [facts(old)])
        ended = resolved_ticket(at(1), Resolution.MOVED, id=old.id)
        await tickets.write([ended], [new])
        await of_fault.write([facts(ended)], [facts(new)])
        assert [one.id for one, _ in await tickets.listed(Wanted(state="open"), None, 9)] == [OTHER]


async def test_a_line_of_history_is_written_once(engine):
    line = Entry(OTHER, ticket().id, NOON, "kim", "commented", {"text": "ñ \u2028 {}"})
    async with engine.begin() as connection:
        history = Store(connection).history
        await history.add([line])
        await history.add([line, replace(line, id=KEY, at=at(1))])
        assert await history.count(line.ticket) == 2
        assert await history.newest(line.ticket, None, 9) == [replace(line, id=KEY, at=at(1)), line]
        assert await history.newest(line.ticket, (at(1), KEY), 9) == [line]
