"""A steady load while a fault lasts: uses, heartbeats, faults, firmware, features of the app."""

import asyncio
import random
from collections.abc import Mapping

from shared.clock import monotonic
from tools.faults.device import Device

TICK_S = 0.02


class Load:
    """So many events a second, each of a source drawn by a seed."""

    def __init__(self, devices: Mapping[str, Device], rate: float, seed: int) -> None:
        self._devices, self._rate = devices, rate
        self._names = sorted(devices)
        self._rng = random.Random(seed)  # noqa: S311 - a load, no secret
        self._task: asyncio.Task[None] | None = None
        self.made = 0

    def start(self) -> "Load":
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="load")
        return self

    async def stop(self) -> None:
        """End; what was made stays with its source until it is acked."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        began = monotonic()
        while True:
            await asyncio.sleep(TICK_S)
            while self.made < (monotonic() - began) * self._rate:
                self.made += 1
                self._one(self._devices[self._rng.choice(self._names)])

    def _one(self, device: Device) -> None:
        dice = self._rng.random()
        if device.kind == "apps":
            device.happen("app", "feature_used", feature="live")
        elif dice < 0.15:
            code = f"c{self._rng.randrange(3)}"
            device.happen("fault", "fault", code=code, component="lens")
        elif dice < 0.18:
            device.happen("lifecycle", "firmware_updated", to_firmware=f"2.{self.made}")
        elif dice < 0.3:
            device.happen("usage", "heartbeat", every_s=3600)
        else:
            device.happen("usage", "usage", by="person")
