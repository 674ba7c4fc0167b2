"""The demo's fleet as days of the detector, in process: what a household did, and when it dropped."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from services.analytics.domain.days.close import OPEN_DAYS
from tests.analytics.simulator import Fleet
from tools.demo.lived import kind
from tools.fleet.generate import HEARTBEAT_S, Life
from tools.fleet.household import MODELS, REGIONS, Household, household
from tools.fleet.script import DAY_S
from tools.fleet.story import Setting

START = 1_780_272_000  # a Monday, 00:00 UTC
SHARE = HEARTBEAT_S / DAY_S  # of a day that a heartbeat covers


def fleet(customers: int, days: int, seed: int) -> Fleet:
    """Live through it; what an outage holds back longer than a day stays open is not counted."""
    setting = Setting(float(days))
    homes = [household(seed, number, setting) for number in range(customers)]
    uses, coverage = np.zeros((customers, days)), np.zeros((customers, days))
    for n, home in enumerate(homes):
        hours = np.zeros((days, 24), dtype=bool)
        for day, hour, beat in _told(home, seed, setting, days):
            if beat:
                coverage[n, day] += SHARE
            else:
                hours[day, hour] = True
        uses[n] = hours.sum(axis=1)
    drops = [home.story.drop for home in homes]
    return Fleet(
        uses=uses,
        coverage=coverage,
        cohort=np.array([_cohort(home) for home in homes]),
        start=np.array([int(max(home.story.joined, 0.0)) for home in homes]),
        drop=np.array([-1 if drop is None else int(drop.day) for drop in drops]),
        kind=np.array([_kind(home) for home in homes]),
        rate=np.array([home.uses for home in homes]),
        waiting=_waiting(homes, days),
    )


def _told(
    home: Household, seed: int, setting: Setting, days: int
) -> Iterator[tuple[int, int, bool]]:
    """(local day, hour, whether it is a heartbeat) of all that counts and comes in time."""
    zone = ZoneInfo(home.zone)
    first = datetime.fromtimestamp(START, UTC).astimezone(zone).date().toordinal()
    for at, source, _, name, fields in Life(home, seed, setting, START).take(START + days * DAY_S):
        beat = name == "heartbeat"
        if not beat and not (
            name == "feature_used" or (name == "usage" and fields["by"] == "person")
        ):
            continue
        if source != home.app and _too_late(home, (at - START) / DAY_S):
            continue
        local = datetime.fromtimestamp(at, UTC).astimezone(zone)
        day = local.date().toordinal() - first
        if 0 <= day < days:
            yield day, local.hour, beat


def _too_late(home: Household, day: float) -> bool:
    return any(span.covers(day) and span.end - day > OPEN_DAYS + 1 for span in home.story.outages)


def _cohort(home: Household) -> int:
    region = [name for name, *_ in REGIONS].index(home.region)
    model = MODELS.index(home.devices[0].model) if home.devices else len(MODELS)
    return region * (len(MODELS) + 1) + model


def _kind(home: Household) -> str:
    drop = home.story.drop
    if drop is None:
        return ""
    return kind({"kind": drop.kind, "to": drop.to, "half_life_days": drop.half_life_days})


def _waiting(homes: list[Household], days: int) -> np.ndarray:
    """Days between the last event of an only device and the first of the one in exchange."""
    waiting = np.zeros((len(homes), days), dtype=bool)
    for n, home in enumerate(homes):
        if home.story.exchanged is not None and len(home.devices) == 2:
            begun = int(home.story.exchanged)
            waiting[n, begun : begun + int(home.story.exchange_days) + 1] = True
    return waiting
