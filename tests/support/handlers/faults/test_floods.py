"""However many components a device names, a desk sees a bounded number of its tickets."""

import asyncio
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.support.domain.faults.floods import (
    CODE,
    FLOODS_A_DAY,
    NEW_A_DAY,
    OPEN_OF_CODE,
    OPEN_OF_DEVICE,
    flood_key,
)
from services.support.handlers.faults.fire_due import fire_due
from services.support.handlers.faults.on_device_fault import on_device_fault
from tests.support.build import at, fault, record, recovered
from tests.support.twin import Twin

DAY_MINUTES = 24 * 60


def play(*reports, twin=None, batch=1_000):
    twin = Twin() if twin is None else twin
    told = [record(one, offset=n) for n, one in enumerate(reports)]

    async def run():
        for begin in range(0, len(told), batch):
            await on_device_fault(twin.unit(), told[begin : begin + batch])

    asyncio.run(run())
    return twin


def is_open(twin, **more):
    """Fault facts of open tickets."""
    return [
        facts
        for facts in twin.fault_facts.rows.values()
        if facts.is_open and all(getattr(facts, name) == value for name, value in more.items())
    ]


def flood(twin, device="cam-1"):
    (facts,) = [f for f in twin.fault_facts.rows.values() if f.key == flood_key(device)]
    return facts


@pytest.mark.slow
@pytest.mark.parametrize(
    "component",
    [
        pytest.param(lambda n: f"cpu {60 + n / 10:.1f} C", id="a measure in the name"),
        pytest.param(lambda n: f"part {n}", id="a thousand parts"),
        pytest.param(lambda n: f"{n * 7919:x}", id="an address in memory"),
    ],
)
@pytest.mark.parametrize("batch", [1, 7, 1_000])
def test_a_thousand_components_of_one_code(component, batch):
    twin = play(*(fault(n / 60, n, component=component(n)) for n in range(1_000)), batch=batch)
    assert len(is_open(twin)) == OPEN_OF_CODE + 1
    made = flood(twin)
    assert (made.code, made.component, made.is_open) == (CODE, "", True)
    assert made.faults == 1_000 - OPEN_OF_CODE
    assert sum(facts.faults for facts in twin.fault_facts.rows.values()) == 1_000
    lines = [e for e in twin.history.rows.values() if e.ticket == made.ticket]
    assert len(lines) == made.faults
    assert {line.detail["why"] for line in lines} == {"flood"}
    assert {line.detail["component"] for line in lines} == {
        component(n) for n in range(OPEN_OF_CODE, 1_000)
    }
    assert len(twin.emitted) == OPEN_OF_CODE + 1, "others hear of each ticket, not of each fault"


def test_a_thousand_codes_of_one_device():
    twin = play(*(fault(n / 60, n, code=f"code-{n}") for n in range(1_000)))
    assert len(is_open(twin)) == OPEN_OF_DEVICE + 1
    assert flood(twin).faults == 1_000 - OPEN_OF_DEVICE


@pytest.mark.parametrize(
    ("count", "flooded"),
    [
        pytest.param(OPEN_OF_CODE, False, id="as many as may be"),
        pytest.param(OPEN_OF_CODE + 1, True, id="one more"),
    ],
)
def test_the_edge(count, flooded):
    twin = play(*(fault(n, n, component=f"disk {n}") for n in range(count)))
    assert (flood_key("cam-1") in twin.fault_keys.rows) is flooded
    assert len(is_open(twin)) == count


def test_other_devices_do_not_share_a_limit():
    twin = play(*(fault(n, n, source=f"cam-{n}") for n in range(100)))
    assert len(is_open(twin)) == 100


def test_a_key_that_has_its_ticket_goes_on_with_it():
    many = [fault(n, n, component=f"c{n}") for n in range(50)]
    twin = play(*many)
    play(fault(60, 60, component="c3"), fault(61, 61, component="c49"), twin=twin)
    (third,) = is_open(twin, component="c3")
    assert third.faults == 2
    assert flood(twin).faults == 50 - OPEN_OF_CODE + 1


@pytest.mark.parametrize("fires", [False, True], ids=["timers were not called", "were called"])
def test_what_has_recovered_makes_room(fires):
    twin = play(*(fault(n, n, component=f"c{n}") for n in range(OPEN_OF_CODE)))
    play(recovered(20, 20, component="c0"), twin=twin)
    if fires:
        asyncio.run(fire_due(twin.unit(at(50)), 500))
    play(fault(51, 51, component="new"), twin=twin)
    assert len(is_open(twin, component="new")) == 1
    assert flood_key("cam-1") not in twin.fault_keys.rows


def test_a_ticket_a_message_is_not_possible_either():
    """Each fault recovers half an hour ago by the device's clock: its ticket ends at once."""
    reports = []
    for n in range(500):
        received = {"received_at": at(100 + n / 60), "component": f"c{n}"}
        reports.append(fault(n / 60, 2 * n, **received))
        reports.append(recovered(n / 60, 2 * n + 1, **received))
    twin = play(*reports)
    asyncio.run(fire_due(twin.unit(at(200)), 500))
    assert len(twin.tickets.rows) <= NEW_A_DAY + FLOODS_A_DAY
    # the next day it may open tickets again
    play(fault(0, 9_999, received_at=at(100 + DAY_MINUTES), component="tomorrow"), twin=twin)
    assert len(is_open(twin, component="tomorrow")) == 1


def test_owners_in_turn_do_not_make_tickets_without_end():
    owners = ("ana", "bo")
    twin = play(*(fault(n, n, component=f"c{n}", customer=owners[n % 2]) for n in range(1_000)))
    play(*(fault(2_000 + n, 2_000 + n, customer=owners[n % 2]) for n in range(500)), twin=twin)
    assert len(twin.tickets.rows) <= 2 * (NEW_A_DAY + FLOODS_A_DAY)
    assert len(is_open(twin)) <= OPEN_OF_DEVICE + 1


def test_recoveries_without_a_fault_open_nothing_and_late_faults_are_bounded():
    reports = [recovered(n, 2 * n + 1, component=f"c{n}") for n in range(200)]
    reports += [fault(n - 1, 2 * n, component=f"c{n}") for n in range(200)]
    twin = play(*reports)
    assert len(twin.tickets.rows) <= NEW_A_DAY + 1


def test_a_device_that_uses_our_word_floods_all_the_same():
    twin = play(*(fault(n, n, code=CODE, component=f"c{n}" if n % 9 else "") for n in range(300)))
    assert len(is_open(twin)) <= OPEN_OF_CODE + 1


def test_a_ticket_of_a_flood_ends_as_any_other_when_the_device_is_retired():
    twin = play(*(fault(n, n, component=f"c{n}") for n in range(30)))
    twin.devices.rows["cam-1"] = type(twin.devices.rows["cam-1"])("cam-1", retired_at=at(40))
    play(fault(50, 50, component="c40"), twin=twin)
    asyncio.run(fire_due(twin.unit(at(60)), 500))
    assert twin.tickets.rows[flood(twin).ticket].resolution == "retired"


COMPONENTS = st.sampled_from([f"c{n}" for n in range(16)])
MOMENTS = st.lists(
    st.tuples(st.integers(0, 600), COMPONENTS, st.booleans()), min_size=20, max_size=60
)


@pytest.mark.slow
@settings(max_examples=60)
@given(MOMENTS, st.integers(1, 9), st.booleans())
def test_a_flood_is_the_same_however_it_is_cut_and_timed(moments, size, fires):
    reports = [
        (fault if faulty else recovered)(minute, seq, component=component)
        for seq, (minute, component, faulty) in enumerate(sorted(moments))
    ]
    plain, mixed = play(*reports), Twin()
    told = [record(one, offset=n) for n, one in enumerate(reports)]

    async def run():
        for begin in range(0, len(told), size):
            if fires:  # up to what is read: the next record is not older
                while await fire_due(mixed.unit(told[begin].event.at), 500):
                    pass
            await on_device_fault(mixed.unit(), told[begin : begin + size])
        for twin in (plain, mixed):
            while await fire_due(twin.unit(at(100_000)), 500):
                pass

    asyncio.run(run())
    assert mixed.all_rows() == plain.all_rows()


@pytest.mark.parametrize("name", ["Gehäuse", "Kühler 2", "é́"])
def test_a_component_is_one_whatever_its_code_points(name):
    forms = ["NFC", "NFD", "NFC", "NFKD"]
    twin = play(
        *(fault(n, n, component=unicodedata.normalize(form, name)) for n, form in enumerate(forms)),
        fault(9, 9, component=f" {name}  "),
    )
    (made,) = twin.fault_facts.rows.values()
    assert (made.faults, made.component) == (5, unicodedata.normalize("NFC", name))
