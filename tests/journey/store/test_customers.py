"""Rows come back as written; locks hold; due customers come in due order."""

from datetime import UTC, datetime, timedelta

import pytest

from services.journey.domain.customers.device import Device
from services.journey.domain.customers.state import Mark, State
from services.journey.domain.customers.wanted import Wanted
from services.journey.domain.stages.timeline import Entry, Walk
from services.journey.store.customers import Customers
from services.journey.store.devices import Devices
from services.journey.store.readers import CustomerReader

pytestmark = pytest.mark.servers

NOW = datetime(2026, 3, 1, tzinfo=UTC)
T = int(NOW.timestamp())


async def test_an_unknown_customer_gets_a_placeholder_row(engine):
    async with engine.begin() as connection:
        held = await Customers(connection).hold(["b", "a", "b"], NOW)
        one = held["a"]
        assert sorted(held) == ["a", "b"]
        assert (one.known, one.zone, one.stage, one.entries, one.version) == (
            False, "UTC", None, 0, 0,
        )  # fmt: skip
        assert await Customers(connection).hold_existing(["a", "nobody"]) == {"a": one}


async def test_a_customer_comes_back_as_written(engine):
    async with engine.begin() as connection:
        store = Customers(connection)
        one = (await store.hold(["a"], NOW))["a"]
        one.known, one.kind, one.zone, one.region = True, "business", "Europe/Berlin", "eu"
        one.stage, one.since, one.entries, one.evaluated = "engaged", T, 2, T + 9
        one.due, one.uses, one.last_use, one.routine = T + 60, 7, T + 5, (T, T + 50)
        one.version, one.republish = 3, NOW
        await store.save([one])
        assert (await store.hold_existing(["a"]))["a"] == one
        one.uses, one.last_use = 8, T + 6
        await store.save_sums([one])
        assert (await store.hold_existing(["a"]))["a"] == one


async def test_state_comes_back_as_written_with_sums_from_the_row(engine):
    async with engine.begin() as connection:
        store = Customers(connection)
        one = (await store.hold(["a"], NOW))["a"]
        assert await store.states([one]) == {"a": State()}
        state = State(zone="Europe/Berlin", active=[T], active_causes=["x"], uses=4, last_use=T)
        state.purchases.add(Mark(T, "p"))
        await store.save_states([(one, state)])
        one.uses, one.last_use = 5, T + 1
        await store.save([one])
        state.uses, state.last_use = 5, T + 1
        assert await store.states([one]) == {"a": state}


async def test_history_is_cut_where_it_is_written_anew(engine):
    first = [Entry(T + n, f"s{n}", None, f"c{n}") for n in range(3)]
    async with engine.begin() as connection:
        store = Customers(connection)
        held = await store.hold(["a", "b"], NOW)
        walk = Walk(0, tuple(first), False, T, None)
        await store.save_histories([(one, 0, walk) for one in held.values()])
        new = Entry(T + 9, "new", "s0", "late")
        await store.save_histories([(held["a"], 1, Walk(1, (new,), True, T, None))])
        assert await store.histories(list(held.values())) == {"a": [first[0], new], "b": first}


async def test_due_customers_come_longest_due_first_and_not_those_another_holds(engine):
    async with engine.begin() as connection:
        store = Customers(connection)
        held = await store.hold(list("abcd"), NOW)
        for late, one in enumerate(held.values()):
            one.due = T - late if one.id != "d" else T + 1
        await store.save(list(held.values()))
    async with engine.begin() as connection, engine.begin() as other:
        assert await Customers(connection).due(NOW, 1) == ["c"]
        assert await Customers(other).due(NOW, 10) == ["b", "a"]
    async with engine.begin() as connection:
        assert await Customers(connection).due(NOW + timedelta(seconds=1), 10) == list("cbad")


async def test_customers_are_found_by_model_and_firmware_of_one_device(engine):
    """Of one device: a camera of this model beside another one with this firmware is not meant."""
    owned = [("c-1", "a", "cam", "2.0"), ("c-2", "b", "cam", "1.0"), ("c-3", "b", "bell", "2.0")]
    devices = [
        Device(id_, 1, customer, model, firmware) for id_, customer, model, firmware in owned
    ]
    async with engine.begin() as connection:
        await Customers(connection).hold(["a", "b", "c"], NOW)
        await Devices(connection).hold(each.id for each in devices)
        await Devices(connection).save(devices)
        reader = CustomerReader(connection)

        async def found(**wanted):
            return [row.id for row in await reader.listed(Wanted(**wanted), None, 9)]

        assert await found() == ["a", "b", "c"]
        assert await found(model="cam") == ["a", "b"]
        assert await found(firmware="2.0") == ["a", "b"]
        assert await found(model="cam", firmware="2.0") == ["a"]
        assert await found(model="door") == []
