"""What was true of each customer, as the flags are compared with it. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from tools.demo.scoring import Life


def lived(truth: Mapping[str, Any], reporting: Mapping[str, int]) -> dict[str, Life]:
    """Lives by customer.

    Args:
        truth: `truth.json`.
        reporting: days with reports before the drop, by customer.
    """
    first, last = _day(truth["start"]), _day(truth["end"])
    return {
        name: Life(
            persona=told["persona"],
            drop=None if told["drop"] is None else _day(told["drop"]["at"]),
            reporting_days=reporting.get(name, 0),
            spells=tuple(_spells(told, last)),
            healthy_days=_healthy(told, first, last),
            kind="" if told["drop"] is None else kind(told["drop"]),
        )
        for name, told in truth["customers"].items()
    }


def kind(drop: Mapping[str, Any]) -> str:
    """A drop's kind in words, with how much is left of a partial one.

    >>> kind({"kind": "decline", "to": 0.5, "half_life_days": 0.0})
    'to 0.5'
    """
    if drop["kind"] != "decline":
        return str(drop["kind"])
    return "over weeks" if drop["half_life_days"] else f"to {drop['to']}"


def _spells(told: Mapping[str, Any], last: date) -> Iterator[tuple[str, date, date]]:
    for name in ("vacation", "outage"):
        for span in told[f"{name}s"]:
            yield name, _day(span["from"]), _day(span["to"])
    if told["exchanged"] is not None:
        begun = _day(told["exchanged"]["at"])
        yield "exchange", begun, begun + timedelta(days=told["exchanged"]["days"])
    if told["common_decline"] is not None:
        yield "common decline", _day(told["common_decline"]), last
    if told["chatty_firmware"] is not None:
        yield "chatty firmware", _day(told["chatty_firmware"]), last


def _healthy(told: Mapping[str, Any], first: date, last: date) -> int:
    """Days of a customer in this history, up to the drop."""
    begins = max(first, _day(told["joined"]))
    ends = last if told["drop"] is None else _day(told["drop"]["at"])
    return max((ends - begins).days, 0)


def _day(moment: str) -> date:
    return datetime.fromisoformat(moment).date()
