"""One of three devices is unplugged: told once, held against nobody, taken back when it is heard."""

from dataclasses import replace

import msgspec
import pytest

from shared.events import DeviceUnreachable, RegistryChanged, RiskChanged
from tests.analytics.handlers.days.test_close_days import emitted
from tests.analytics.player import DAY, HOUR, START, beats, described, feature, uses

pytestmark = pytest.mark.servers

PEOPLE = [f"c-{n}" for n in range(4)]
DAYS = 38


def of_device(one, device):
    return replace(one, event=msgspec.structs.replace(one.event, source=device))


def day_of(one):
    return (one.event.at - START) // DAY


def usage():
    """Three devices each; one of c-0 is unplugged from day 16 to 30, c-1 gives one away, c-2 leaves.

    c-3 has only one, which is silent from day 16 on: the app is used.
    """
    log = []
    for customer in PEOPLE[:3]:
        kept = [*uses(customer, 0, DAYS), *beats(customer, 0, DAYS)]
        kept += [of_device(one, f"bell-{customer}") for one in beats(customer, 0, DAYS)]
        log += [one for one in kept if customer != "c-2" or day_of(one) < 16]
        log += [
            of_device(one, f"light-{customer}")
            for one in beats(customer, 0, DAYS)
            if day_of(one) < 16 or (customer == "c-0" and day_of(one) >= 30)
        ]
    log += [*uses("c-3", 0, 16), *beats("c-3", 0, 16)]
    return log + [feature("c-3", START + day * DAY + 13 * HOUR) for day in range(DAYS)]


@pytest.fixture
async def told(player):
    """What was told of devices: customer, device, days until it was heard last and told, over."""
    await player.handle(*[described(c, region="eu") for c in PEOPLE])
    given_away = RegistryChanged(
        at=START + 17 * DAY, change="retired", source="light-c-1", kind="device", version=2,
        previous_customer="c-1",
    )  # fmt: skip
    await player.handle(given_away)
    await player.play(usage(), until=START + (DAYS + 1) * DAY)
    events = [event for _, _, event in await emitted(player)]
    assert not [e for e in events if isinstance(e, RiskChanged) and e.customer != "c-2"]
    first = START.date()
    return [
        (e.customer, e.device, (e.since - first).days, (e.day - first).days, e.over)
        for e in events
        if isinstance(e, DeviceUnreachable)
    ]


async def test_a_device_that_is_not_heard_is_told_while_its_owner_is(told, client):
    *begun, (*which, day, over) = told
    assert begun == [("c-0", "light-c-0", 15, 23, False), ("c-3", "d-c-3", 15, 23, False)]
    assert (which, over) == (["c-0", "light-c-0", 15], True)
    assert 28 <= day <= 31, "by the first closing after it was heard"
    of_customer = (await client.get("/v1/risks/unreachable?customer=c-0")).json()
    of_device = (await client.get("/v1/risks/unreachable?device=d-c-3")).json()
    (spell,), (other,) = of_customer, of_device
    assert (spell["device"], spell["since"]) == ("light-c-0", "2026-03-17")
    assert spell["told_at"] < spell["over_at"]
    assert (other["customer"], other["over_at"]) == ("c-3", None)
    assert (await client.get("/v1/risks/unreachable?customer=c-1")).json() == []
