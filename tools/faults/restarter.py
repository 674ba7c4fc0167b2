"""What containers and `./playcaller up` do: start again what has ended by itself; every death is noted."""

import asyncio

from tools.faults.rig import Rig
from tools.local.errors import LocalError

LOOK_S = 0.5
AFTER_S = 1.0


async def watch(rig: Rig) -> None:
    """Look at every service until cancelled."""
    seen: set[str] = set()
    while True:
        await asyncio.sleep(LOOK_S)
        for name in rig.services.all:
            if rig.pid(name) is not None:
                seen.add(name)
            elif name in seen and name not in rig.down:
                seen.discard(name)
                rig.deaths.append((name, rig.last_words(name)))
                rig.spawn(_again(rig, name))


async def _again(rig: Rig, name: str) -> None:
    while name not in rig.down:
        await asyncio.sleep(AFTER_S)
        try:
            await rig.start_again(name)
        except LocalError as error:
            rig.deaths.append((name, str(error).splitlines()[0]))
        else:
            return
