"""Everything that happens in a stretch of simulated time, made when it is needed.

A household's week follows from (seed, household, week) alone: neither the size of the fleet nor
the length of a step changes it, and a fleet of any size needs only the present week in memory.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.random import Generator

from tools.fleet.household import Device, Household, household, rng_for
from tools.fleet.script import DAY_S, Happening, script
from tools.fleet.story import Setting
from tools.fleet.usage import counts, expected, hours, times, week_of

HEARTBEAT_S = 21_600
APP_USE_SHARE = 0.25  # of uses are made in the app, where a household has it
OPENED_A_DAY = 0.35  # app openings without a use
AUTOMATED_A_DAY = 0.15  # uses by automation, which go on when nobody is at home
NOTHING: Mapping[str, Any] = {}
BATTERY_DAYS = 120.0
SET_UP_DAYS = 0.02  # from the begin of a set-up to the first heartbeat
FAR = 2**62
BEAT: dict[str, float] = {"every_s": HEARTBEAT_S}
COMMANDS: dict[str, tuple[str, ...]] = {
    "cam-indoor": ("live_view", "playback", "talk"),
    "cam-outdoor": ("live_view", "playback", "light_on"),
    "lock-s1": ("unlock", "lock"),
    "doorbell": ("answer", "live_view"),
}
USES = {
    model: tuple({"by": "person", "command": command} for command in commands)
    for model, commands in COMMANDS.items()
}
AUTOMATED = {"by": "automation", "command": "schedule"}
FEATURES = tuple({"feature": name} for name in ("live_view", "timeline", "share_clip", "settings"))


class Voice:
    """A device as the week's loop needs it: when it speaks (UTC seconds), and what it can say."""

    __slots__ = ("_battery", "_grid", "end", "first", "id", "uses")

    def __init__(self, home: Household, device: Device, start: int) -> None:
        story = home.story
        ends = [day for day in (device.ends, story.unplugged) if day is not None]
        self.id = device.id
        self.uses = USES[device.model]
        self.first = start + round((device.joined + SET_UP_DAYS) * DAY_S)
        self.end = start + round(min(ends) * DAY_S) if ends else FAR
        if story.stuck:
            self.end = self.first
        self._grid = start + round(device.phase_s)
        self._battery = device.battery

    def next_beat(self, first: int) -> int:
        """The first heartbeat of the device's six-hour grid at or after `first`."""
        return self._grid - (self._grid - first) // HEARTBEAT_S * HEARTBEAT_S

    def beat(self, at: int) -> dict[str, float]:
        """The fields of a heartbeat; a battery lasts 120 days and is then changed."""
        if not self._battery:
            return BEAT
        days = (at - self._grid) / DAY_S % BATTERY_DAYS
        return {"every_s": HEARTBEAT_S, "battery": round(1 - 0.8 * days / BATTERY_DAYS, 2)}


class Life:
    """One household's happenings, a week at a time."""

    __slots__ = (
        "_cdf",
        "_first",
        "_place",
        "_script",
        "_seed",
        "_start",
        "_told",
        "_voices",
        "_week",
        "home",
        "told_until",
    )

    def __init__(self, home: Household, seed: int, setting: Setting, start: int) -> None:
        self.home = home
        self.told_until = start
        self._seed = seed
        self._start = start
        self._first = start + round(max(home.story.joined, 0) * DAY_S)
        self._week = 0
        self._told: list[Happening] = []
        self._place = 0
        self._voices = [Voice(home, device, start) for device in home.devices]
        self._cdf = hours(home)
        self._script = script(home, seed, setting, start)[::-1]

    def take(self, end: int) -> list[Happening]:
        """What happens up to `end` and was not taken before, in order."""
        while self.told_until < end:
            self._told = self._told[self._place :] + self.next_week()
            self._place = 0
        told, first = self._told, self._place
        place = first
        while place < len(told) and told[place][0] < end:
            place += 1
        self._place = place
        return told[first:place]

    def next_week(self) -> list[Happening]:
        """What happens in the next local week, in order; `told_until` moves to its end."""
        starts, end, dates = week_of(self.home, self._start, self._week)
        rng = rng_for(self._seed, self.home.number, 1 + self._week)
        told = list(self._uses(rng, starts, expected(self.home, self._start, starts, dates)))
        told += self._openings(rng, starts)
        for voice in self._voices:
            told += self._device_week(rng, voice, int(starts[0]), end)
        while self._script and self._script[-1][0] < end:
            told.append(self._script.pop())
        told = [happening for happening in told if happening[0] >= self._start]
        told.sort(key=_time)
        self._week += 1
        self.told_until = end
        return told

    def _uses(self, rng: Generator, starts: np.ndarray, mean: np.ndarray) -> Iterator[Happening]:
        home = self.home
        when = times(rng, counts(rng, mean), starts, self._cdf)
        for at, where, which in zip(
            when.tolist(),
            rng.random(len(when)).tolist(),
            rng.integers(0, 12, len(when)).tolist(),
            strict=True,
        ):
            if at < self._first:
                continue
            if home.app is not None and (where < APP_USE_SHARE or not home.devices):
                yield (at - 20, home.app, "app", "app_opened", NOTHING)
                yield (at, home.app, "app", "feature_used", FEATURES[which % 4])
            elif voices := [voice for voice in self._voices if voice.first <= at < voice.end]:
                voice = voices[which % len(voices)]
                yield (at, voice.id, "usage", "usage", voice.uses[which % len(voice.uses)])

    def _openings(self, rng: Generator, starts: np.ndarray) -> list[Happening]:
        home = self.home
        per_day = rng.poisson(OPENED_A_DAY, 7)
        when = times(rng, per_day, starts, self._cdf)
        if home.app is None:
            return []
        app = home.app
        return [
            (at, app, "app", "app_opened", NOTHING)
            for at in when.tolist()
            if at >= self._first and home.story.factor((at - self._start) / DAY_S) > 0
        ]

    def _device_week(
        self, rng: Generator, voice: Voice, first: int, end: int
    ) -> Iterator[Happening]:
        beats = np.arange(voice.next_beat(first), end, HEARTBEAT_S)
        beats = beats + rng.integers(0, 30, len(beats))
        automated = rng.integers(first, end, rng.poisson(7 * AUTOMATED_A_DAY))
        beat = voice.beat(first)
        for at in beats.tolist():
            if voice.first <= at < voice.end:
                yield (at, voice.id, "usage", "heartbeat", beat)
        for at in automated.tolist():
            if voice.first <= at < voice.end:
                yield (at, voice.id, "usage", "usage", AUTOMATED)


class Generate:
    """All households' happenings, step by step."""

    def __init__(self, customers: int, seed: int, setting: Setting, start: int) -> None:
        """Args: start: UTC second of day 0."""
        self.homes = [household(seed, number, setting) for number in range(customers)]
        self.start = start
        self._lives = [Life(home, seed, setting, start) for home in self.homes]

    def until(self, end: int) -> dict[str, list[Happening]]:
        """What happens up to `end` and was not told before, per source in order of time."""
        told: dict[str, list[Happening]] = {}
        for life in self._lives:
            for happening in life.take(end):
                if (source := happening[1]) in told:
                    told[source].append(happening)
                else:
                    told[source] = [happening]
        return told


def events(
    homes: Sequence[Household], seed: int, setting: Setting, start: int
) -> Iterator[Happening]:
    """A whole history at once, household by household: for counting and for tests."""
    end = start + round(setting.days * DAY_S)
    for home in homes:
        life = Life(home, seed, setting, start)
        while life.told_until < end:
            yield from (happening for happening in life.next_week() if happening[0] < end)


def _time(happening: Happening) -> int:
    return happening[0]
