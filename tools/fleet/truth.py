"""The known truth of a fleet: what a detector should find, and what it should not."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tools.fleet.household import Household
from tools.fleet.script import DAY_S
from tools.fleet.story import Setting, Span


def truth(homes: Sequence[Household], seed: int, setting: Setting, start: int) -> dict[str, Any]:
    """Per customer: persona, drop and its cause, vacations, outages, faults and devices, with real times.

    Args:
        start: UTC second of day 0 of history.
    """
    return {
        "seed": seed,
        "days": setting.days,
        "start": _moment(start, 0),
        "end": _moment(start, setting.days),
        "customers": {home.customer: _customer(home, start) for home in homes},
    }


def write(path: Path, told: dict[str, Any]) -> None:
    """Write `truth.json`."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1))


def _customer(home: Household, start: int) -> dict[str, Any]:
    story = home.story
    drop = story.drop
    return {
        "persona": home.persona,
        "zone": home.zone,
        "joined": _moment(start, story.joined),
        "uses_per_day": round(home.uses, 2),
        "drop": None
        if drop is None
        else {
            "kind": drop.kind,
            "at": _moment(start, drop.day),
            "to": drop.to,
            "half_life_days": drop.half_life_days,
            "unplugged": story.unplugged is not None,
            "cause": drop.cause,
        },
        "vacations": [_span(start, span) for span in story.vacations],
        "outages": [_span(start, span) for span in story.outages],
        "faults": [
            {
                "device": home.devices[trouble.device].id,
                "code": trouble.code,
                **_span(start, trouble.span),
            }
            for trouble in story.troubles
        ],
        "firmware_faults": home.devices[0].id if story.firmware_faults else None,
        "stuck_in_setup": story.stuck,
        "exchanged": None
        if story.exchanged is None
        else {
            "at": _moment(start, story.exchanged),
            "days": story.exchange_days,
            "old": home.devices[0].id,
            "new": home.devices[-1].id,
        },
        "common_decline": None if story.common is None else _moment(start, story.common.day),
        "chatty_firmware": None if story.chatty is None else _moment(start, story.chatty),
        "clock_off_s": story.clock_off_s,
        "devices": [device.id for device in home.devices],
        "app": home.app,
    }


def _span(start: int, span: Span) -> dict[str, str]:
    return {"from": _moment(start, span.first), "to": _moment(start, span.end)}


def _moment(start: int, day: float) -> str:
    second = round(start + day * DAY_S)
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")
