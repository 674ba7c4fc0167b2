"""What on-call sees while a fault lasts: /readyz of every service once a second, `status` now and then."""

import asyncio
import re

from shared.clock import monotonic
from tools.faults.rig import SERVICES, Rig

STATUS_EVERY_S = 6.0


class Watching:
    """Begins with `async with`; sentences keep the second in which they were first said.

    What a trial prepares is no fault yet: it may set `rig.fault_began` anew.
    """

    def __init__(self, rig: Rig) -> None:
        self._heard: dict[str, float] = {}
        self._rig = rig

    @property
    def said(self) -> dict[str, float]:
        """Sentence, its numbers left out -> seconds from the fault to its first time."""
        began = self._rig.fault_began
        return {s: round(at - began, 1) for s, at in self._heard.items() if at >= began}

    async def __aenter__(self) -> "Watching":
        self._rig.fault_began = monotonic()
        self._tasks = [asyncio.create_task(self._ready()), asyncio.create_task(self._status())]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def heard(self, seconds: float) -> None:
        """Wait until something was said, at most until so many seconds after the beginning."""
        while not self.said and monotonic() - self._rig.fault_began < seconds:  # noqa: ASYNC110 - two pollers
            await asyncio.sleep(0.2)

    def _hear(self, sentence: str) -> None:
        short = re.sub(r"\d+(\.\d+)?", "N", sentence)[:200]
        if self._heard.get(short, -1.0) < self._rig.fault_began:
            self._heard[short] = monotonic()

    async def _ready(self) -> None:
        while True:
            for name in SERVICES:
                if self._rig.pid(name) is None:
                    self._hear(f"{name}: down")
                    continue
                status, waiting = await self._rig.ready(self._rig.services[name].url)
                if status == 0:
                    self._hear(f"{name}: does not answer")
                for sentence in waiting.values():
                    self._hear(f"{name}: {sentence}")
            await asyncio.sleep(1.0)

    async def _status(self) -> None:
        while True:
            await asyncio.sleep(STATUS_EVERY_S)
            for sentence in await self._rig.complaints():
                self._hear(f"status: {sentence}")
