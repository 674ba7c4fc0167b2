"""Simulated time of partitions and of a service: pure, moved by beacons only."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from shared.db.engine import stamp
from shared.db.offsets import Partition, Position
from shared.events import Beacon
from shared.events.topics import BY_NAME

BUCKETS = "0123456789abcdef"
AHEAD_STEPS = 8  # with steps of 6 h two days: fewer, larger transactions in history


def origins_of(topic: str) -> frozenset[str]:
    """Who must have spoken before a partition of `topic` has a time.

    Telemetry comes through sixteen MQTT sessions, one per bucket, each in its own order; every
    other topic through the one outbox of its producer.
    """
    declared = BY_NAME[topic]
    return frozenset(BUCKETS) if declared.sequenced else frozenset((declared.producer,))


def after(position: Position, beacon: Beacon) -> Position:
    """The position once a beacon has been read; an older beacon changes nothing."""
    beacons = dict(position.beacons)
    at = stamp(beacon.at)
    assert at is not None  # noqa: S101 - `at` is not optional
    for origin in beacon.origins:
        known = beacons.get(origin)
        if known is None or datetime.fromisoformat(known) < beacon.at:
            beacons[origin] = at
    simulated = position.simulated
    if origins_of(position.topic) <= beacons.keys():
        lowest = min(datetime.fromisoformat(beacons[o]) for o in origins_of(position.topic))
        simulated = lowest if simulated is None else max(simulated, lowest)
    return Position(
        topic=position.topic,
        partition=position.partition,
        next_offset=position.next_offset,
        last_id=position.last_id,
        last_at=position.last_at,
        beacons=beacons,
        simulated=simulated,
        step_s=beacon.step_s,
    )


def arrival(position: Position) -> datetime | None:
    """When a record at this position arrived in simulated time: a function of the log.

    Before every origin has spoken it is the earliest that has; None before the first.
    """
    if position.simulated is not None:
        return position.simulated
    return min((datetime.fromisoformat(at) for at in position.beacons.values()), default=None)


def clock_of(positions: Mapping[Partition, Position]) -> datetime | None:
    """A service's time: the minimum over its clocked partitions; None until each has one."""
    lowest: datetime | None = None
    for position in positions.values():
        if not BY_NAME[position.topic].clocked:
            continue
        if position.simulated is None:
            return None
        lowest = position.simulated if lowest is None else min(lowest, position.simulated)
    return lowest


def horizon(positions: Iterable[Position]) -> datetime | None:
    """How far a partition may be read: a few steps past the one furthest behind.

    None: no partition has a time yet, so none can be ahead.
    """
    times = [p for p in positions if p.simulated is not None and BY_NAME[p.topic].clocked]
    if not times:
        return None
    step = timedelta(seconds=AHEAD_STEPS * max(p.step_s or 0.0 for p in times))
    return min(p.simulated for p in times if p.simulated is not None) + step
