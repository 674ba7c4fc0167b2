"""Simulated time for everybody else: a beacon per bucket, after everything that it is the end of."""

import asyncio
from datetime import UTC, datetime

import msgspec

from shared import mqtt_accounts
from shared.clock import monotonic
from tools.fleet.errors import NotInTime
from tools.fleet.link import Link
from tools.fleet.mqtt import Network

BUCKETS = "0123456789abcdef"
CLOCK = mqtt_accounts.CLOCK
TAKEN_S = 60.0
AGAIN_S = 0.2


class Beacons:
    """Its own principal: ingest believes no device's word about the time."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._link: Link | None = None

    async def send(self, now: datetime, step_s: float) -> None:
        """Everything before `now` has been published and acked by the broker.

        Returns when the broker has acked it for all buckets and somebody is subscribed to each.
        Raises NotInTime.
        """
        link = await self._connected()
        text = now.astimezone(UTC).isoformat().replace("+00:00", "Z")
        payload = msgspec.json.encode({"now": text, "step_s": step_s})
        deadline = monotonic() + TAKEN_S
        while True:
            refused = link.refused
            for bucket in BUCKETS:
                link.send(f"pc/v1/{bucket}/clock/up", payload)
            self._network.flush(link)
            if not await self._network.acked([link], TAKEN_S):
                raise NotInTime(f"no PUBACK of the beacons after {TAKEN_S:.0f} s")
            if link.refused == refused:
                return
            if monotonic() > deadline:
                raise NotInTime(f"nobody is subscribed to pc/v1/+/clock/up after {TAKEN_S:.0f} s")
            await asyncio.sleep(AGAIN_S)  # ingest is still starting; a repeated beacon is harmless

    async def _connected(self) -> Link:
        if self._link is None:
            self._link = self._network.connect(CLOCK, None)
        if not await self._network.up([self._link], TAKEN_S):
            raise NotInTime(f"the clock is not connected to the broker after {TAKEN_S:.0f} s")
        return self._link
