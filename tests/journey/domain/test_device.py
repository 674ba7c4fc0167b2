"""A device of a customer: the same whatever comes first."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from services.journey.domain.customers.device import Device, concerns, fold
from shared.events import FirmwareUpdated, RegistryChanged, SetupStarted

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def registry(change, version, customer=None, **more):
    return RegistryChanged(
        at=NOON + version * HOUR, change=change, source="cam-1", kind=more.pop("kind", "device"),
        version=version, model="cam", firmware="1.0", customer=customer, **more,
    )  # fmt: skip


def update(firmware, hours, customer="ann"):
    return FirmwareUpdated(
        at=NOON + hours * HOUR, to_firmware=firmware, source="cam-1", customer=customer, model="cam"
    )


CLAIMED = registry("claimed", 2, "ann")
MOVED = registry("moved", 3, "bob", previous_customer="ann")
RETIRED = registry("retired", 4, previous_customer="bob")
LIFE = (CLAIMED, update("2.0", 5), update("1.5", 4), MOVED)


@pytest.mark.parametrize("events", tuple(permutations(LIFE)))
def test_owner_by_version_and_firmware_by_time_in_any_order(events):
    device = Device("cam-1")
    for event in events:
        device = fold(device, event)
    assert device == Device("cam-1", 3, "bob", "cam", "2.0", NOON + 5 * HOUR)


def test_what_it_was_given_out_with_holds_until_it_tells():
    device = fold(Device("cam-1"), CLAIMED)
    assert (device.firmware, device.firmware_at) == ("1.0", None)
    assert fold(device, RETIRED).customer is None


def test_a_device_of_which_the_registry_has_not_spoken_is_whose_it_says():
    assert fold(Device("cam-1"), update("2.0", 5)) == Device(
        "cam-1", 0, "ann", "cam", "2.0", NOON + 5 * HOUR
    )


@pytest.mark.parametrize(
    ("event", "does"),
    [
        pytest.param(CLAIMED, True, id="claimed"),
        pytest.param(RETIRED, True, id="theirs no more"),
        pytest.param(registry("registered", 1), False, id="nobody's"),
        pytest.param(registry("claimed", 2, "ann", kind="app"), False, id="an app"),
        pytest.param(update("2.0", 1, None), False, id="nobody's update"),
        pytest.param(SetupStarted(at=NOON, source="cam-1", customer="ann"), False, id="another event"),
    ],
)  # fmt: skip
def test_what_tells_of_a_device_of_somebody(event, does):
    assert concerns(event) is does
