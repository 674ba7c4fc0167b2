"""A product as a form shows it and sends it back: texts on one side, the interface's values on the other."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from services.console.domain.pages.typed import number
from shared.calendars.wall import instant, shown

KINDS = ("device", "accessory", "subscription", "service")
TEXTS = ("name", "kind", "replaces")
AMOUNTS = ("price", "exchange_cost")
DAYS = ("sold_from", "sold_until")
FIELDS = ("name", "kind", "price", "margin", "exchange_cost", "limits", "works_with", "replaces", *DAYS)  # fmt: skip
PARTED = "|"


def to_form(product: Mapping[str, Any], zone: str) -> dict[str, str]:
    """What stands in the fields.

    Args:
        product: as the interface shows it, times as aware datetimes.
        zone: of the viewer: days begin at their midnight.
    """
    limits = [f"{word}={number:g}" for word, number in product["limits"].items()]
    form = {name: product[name] or "" for name in TEXTS}
    form |= {name: _number(product[name]) for name in AMOUNTS}
    form |= {name: _day(product[name], zone) for name in DAYS}
    margin = product["margin"]
    return form | {
        "margin": "" if margin is None else _number(round(margin * 100, 6)),
        "limits": f" {PARTED} ".join(limits),
        "works_with": f" {PARTED} ".join(product["works_with"]),
    }


def from_form(form: Mapping[str, str], zone: str) -> tuple[dict[str, Any], set[str]]:
    """The body of a change, and the fields that cannot be read."""
    body: dict[str, Any] = {}
    wrong: set[str] = set()

    def read(name: str, make: Callable[[str], Any]) -> None:
        text = form.get(name, "").strip()
        try:
            body[name] = make(text) if text else None
        except ValueError:
            wrong.add(name)

    for name in TEXTS:
        read(name, str)
    for name in AMOUNTS:
        read(name, number)
    for name in DAYS:
        read(name, lambda text: _midnight(text, zone))
    read("margin", lambda text: round(number(text) / 100, 8))
    read("limits", _limits)
    read("works_with", _parts)
    for name, empty in (("limits", {}), ("works_with", [])):
        if body.get(name, empty) is None:
            body[name] = empty
    return body, wrong


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _day(moment: datetime | None, zone: str) -> str:
    return "" if moment is None else shown(moment, zone).date().isoformat()


def _midnight(text: str, zone: str) -> str:
    return instant(datetime.combine(date.fromisoformat(text), time()), zone).isoformat()


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(PARTED) if part.strip()]


def _limits(text: str) -> dict[str, float]:
    pairs = [part.partition("=") for part in _parts(text)]
    if not all(word.strip() and sign for word, sign, _ in pairs):
        raise ValueError
    return {word.strip(): number(most) for word, _, most in pairs}
