"""Device and customer facts come out the same, whatever order the events come in."""

from itertools import permutations

import pytest

from services.support.domain.customers import customer as customers
from services.support.domain.customers.customer import Customer
from services.support.domain.devices import device as devices
from services.support.domain.devices.device import Device
from shared.events import (
    AppError,
    AppOpened,
    CustomerChanged,
    FirmwareUpdated,
    HelpViewed,
)
from tests.support.build import NOON, at, registry

DEVICE_STORY = (
    registry(1, "registered", 0, firmware="1.0"),
    registry(2, "claimed", 10, customer="ana"),
    registry(3, "moved", 20, customer="bo"),
    registry(4, "adopted", 5, adopted="firmware_updated", firmware="1.1", customer="bo"),
    registry(5, "retired", 40),
    FirmwareUpdated(at=at(30), source="cam-1", to_firmware="2.0"),
    FirmwareUpdated(at=at(15), source="cam-1", to_firmware="1.2"),
)


def device_after(events):
    device = Device("cam-1")
    for event in events:
        fold = (
            devices.firmware_updated
            if isinstance(event, FirmwareUpdated)
            else devices.registry_changed
        )
        device = fold(device, event)
    return device


def test_a_device_is_the_same_in_any_order():
    expected = device_after(DEVICE_STORY)
    assert (expected.firmware, expected.customer, expected.model) == ("2.0", None, "m1")
    assert expected.retired_at == at(40)
    assert {device_after(order) for order in permutations(DEVICE_STORY)} == {expected}


@pytest.mark.parametrize("order", [1, -1], ids=["as told", "backwards"])
def test_two_firmwares_of_one_instant(order):
    told = (
        FirmwareUpdated(at=NOON, source="cam-1", to_firmware="1.9"),
        FirmwareUpdated(at=NOON, source="cam-1", to_firmware="2.0"),
    )
    assert device_after(told[::order]).firmware == "2.0"


def customer_after(events):
    customer = Customer("ana")
    for event in events:
        if isinstance(event, CustomerChanged):
            customer = customers.customer_changed(customer, event)
        else:
            customer = customers.app_used(customer, event)
    return customer


def test_a_customer_is_the_same_in_any_order():
    story = (
        CustomerChanged(at=NOON, customer="ana", version=1, zone="Europe/Madrid", plan="basic"),
        CustomerChanged(at=NOON, customer="ana", version=2, stage="engaged", plan="plus"),
        AppOpened(at=at(30), source="app-1"),
        AppError(at=at(10), source="app-1", code="e1"),
        HelpViewed(at=at(20), source="app-1", article="a1"),
    )
    expected = customer_after(story)
    assert (expected.plan, expected.stage, expected.zone) == ("plus", "engaged", "UTC")
    assert (expected.app_errors, expected.help_views, expected.app_seen_at) == (1, 1, at(30))
    assert {customer_after(order) for order in permutations(story)} == {expected}
