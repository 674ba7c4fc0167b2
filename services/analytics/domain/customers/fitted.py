"""Which device a customer uses now, of which model and with which firmware; since when.

What the registry and the devices tell is kept as it was told, so that its order does not matter. A
closing reads what follows from it as of its own day.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Literal

import msgspec

from services.analytics.domain.days.local_day import counts_from

NEWEST = 16  # news of claims, and as many of firmware; a household has fewer devices
KEPT = 4  # changes of the newest device: no day that is still open needs older ones


class DeviceNews(msgspec.Struct, frozen=True, array_like=True):
    """What was told of one device of a customer.

    Attributes:
        key: when it was known and when it happened: sorts.
        since: the day it counts from.
    """

    key: str
    since: date
    source: str
    change: Literal["claimed", "lost", "runs"]
    model: str | None = None
    firmware: str | None = None


class Fitted(msgspec.Struct, frozen=True, array_like=True):
    """The device claimed last of those a customer has, from the day `since` on."""

    since: date
    model: str | None = None
    firmware: str | None = None


def device_news(
    at: datetime,
    arrival: datetime,
    source: str,
    change: Literal["claimed", "lost", "runs"],
    model: str | None = None,
    firmware: str | None = None,
) -> DeviceNews:
    """News that happened at a moment and arrived at another."""
    known = max(at, arrival).astimezone(UTC)
    key = f"{known.isoformat()} {at.astimezone(UTC).isoformat()}"
    return DeviceNews(key, counts_from(known), source, change, model, firmware)


def with_news(known: Sequence[DeviceNews], news: DeviceNews) -> tuple[DeviceNews, ...]:
    """All of it, sorted; of more than a household has the newest."""
    told = sorted({*known, news}, key=_place)
    runs = [told_news for told_news in told if told_news.change == "runs"][-NEWEST:]
    rest = [told_news for told_news in told if told_news.change != "runs"][-NEWEST:]
    return tuple(sorted([*rest, *runs], key=_place))


def fitted(news: Sequence[DeviceNews]) -> tuple[Fitted, ...]:
    """What follows from it, oldest first."""
    changes: list[Fitted] = []
    for since in sorted({told_news.since for told_news in news}):
        device = _newest(told_news for told_news in news if told_news.since <= since)
        if device is not None and (not changes or _said(changes[-1]) != device):
            changes.append(Fitted(since, *device))
    return tuple(changes[-KEPT:])


def _said(change: Fitted) -> tuple[str | None, str | None]:
    return change.model, change.firmware


def _newest(news: Iterable[DeviceNews]) -> tuple[str | None, str | None] | None:
    """Model and firmware of the device claimed last; of the last one lost when there is none."""
    claims: dict[str, DeviceNews] = {}
    gone: dict[str, DeviceNews] = {}
    runs: dict[str, str | None] = {}
    for told_news in news:
        source = told_news.source
        if told_news.change == "runs":
            runs[source] = told_news.firmware
        elif told_news.change == "claimed":
            claims[source] = told_news
            gone.pop(source, None)
        elif source in claims:
            gone[source] = claims.pop(source)
    known = list(claims.values()) or list(gone.values())
    if not known:
        return None
    last = max(known, key=_place)
    return last.model, runs.get(last.source, last.firmware)


def _place(news: DeviceNews) -> tuple[str, str, str, str, str]:
    return news.key, news.source, news.change, news.model or "", news.firmware or ""
