"""Facts of devices and customers through the store; who is unknown gets a placeholder."""

import pytest

from services.support.store.store import Store
from shared.events import AppError, AppOpened, CustomerChanged, FirmwareUpdated, HelpViewed
from tests.support.build import at, registry

pytestmark = pytest.mark.servers


async def test_the_app_calls_for_help_before_anybody_told_of_the_customer(engine, handle):
    await handle(
        AppError(at=at(1), source="app-1", customer="ana", code="e1"),
        HelpViewed(at=at(3), source="app-1", customer="ana", article="a1"),
        AppOpened(at=at(2), source="app-1", customer="ana"),
        AppOpened(at=at(9), source="app-2"),
    )
    await handle(CustomerChanged(at=at(5), customer="ana", version=3, zone="Asia/Tokyo", plan="p"))
    await handle(CustomerChanged(at=at(6), customer="ana", version=2, zone="UTC", plan="q"))
    async with engine.connect() as connection:
        ana = await Store(connection).customers.read("ana")
    assert (ana.zone, ana.plan, ana.version) == ("Asia/Tokyo", "p", 3)
    assert (ana.app_errors, ana.help_views, ana.app_seen_at) == (1, 1, at(3))


async def test_a_device_by_registry_and_by_its_own_word(engine, handle):
    await handle(FirmwareUpdated(at=at(9), source="cam-1", customer="ana", to_firmware="2.0"))
    await handle(
        registry(1, "registered", 0, firmware="1.0"),
        registry(2, "claimed", 1, customer="ana"),
        registry(1, "registered", 0, source="app-1", kind="app"),
    )
    async with engine.connect() as connection:
        store = Store(connection)
        device = await store.devices.read("cam-1")
        assert await store.devices.read("app-1") is None
    assert (device.customer, device.model, device.firmware) == ("ana", "m1", "2.0")
