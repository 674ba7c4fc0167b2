"""A device that was copied: two of it speak under one name, and number their events alike."""

from collections.abc import Sequence

import msgspec

from tools.fleet.delivery import Source
from tools.fleet.household import Household
from tools.fleet.radio import Radio

COPIED = 3  # events of the copy whose numbers the device itself has used


def victim(homes: Sequence[Household], latest: float) -> str | None:
    """The device that is copied: of the first household that just lives, and has for a while.

    Args:
        latest: day of history by which it is in use.
    """
    for home in homes:
        first = home.devices[0] if home.devices else None
        if home.persona == "steady" and first is not None and first.joined < latest:
            return first.id
    return None


async def speak(radio: Radio, source: Source | None, at: str) -> int:
    """Let the copy speak; returns how many of its events collide with what the device has said.

    Args:
        at: when it says it, RFC 3339: not what the device said under these numbers.
    """
    usage = None if source is None else source.streams.get("usage")
    if source is None or usage is None or not usage.published:
        return 0
    await radio.join([source])
    numbers = [seq for seq in range(1, COPIED + 1) if seq in usage.published]
    for seq in numbers:
        told = {
            "type": "usage",
            "boot": usage.boot,
            "seq": seq,
            "at": at,
            "sent": at,
            "by": "person",
        }
        radio.raw(source, source.topic("usage"), msgspec.json.encode(told))
    await radio.settled()
    return len(numbers)
