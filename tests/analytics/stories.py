"""Stories of a few customers in several zones and regions, and ways to read them.

A clocked topic is read in its order and never more than AHEAD steps past the slowest; the others
may be read as far ahead as one likes, but what they told up to the watermark has been read.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.events import AppError, Event, Fault, FirmwareUpdated, RegistryChanged, TicketChanged
from shared.events.topics import BY_NAME
from shared.stream.record import Received
from tests.analytics.player import (
    DAY,
    HOUR,
    START,
    CustomerChanged,
    Player,
    beat,
    feature,
    received,
    use,
)

DAYS = 19
STEP = 6 * HOUR
AHEAD = 8
END = START + (DAYS + 5) * DAY
PEOPLE = ("ana", "bo", "cy", "dee")
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Asia/Tokyo",
    "America/Los_Angeles",
    "Pacific/Kiritimati",  # 14 hours east
    "Etc/GMT+12",  # 12 hours west
)
CLOCKED = ("device.usage", "app.usage", "device.fault", "device.lifecycle", "registry.changed")
REGIONS = ("eu", "apac", "us", "default")


@dataclass(frozen=True)
class Story:
    """Records per topic in its order, each with the end of the step it was sent in."""

    topics: dict[str, list[tuple[datetime, Received[Event]]]]


def story(seed: int) -> Story:
    """Three weeks; everything that may change does in some of them."""
    rng = random.Random(seed)
    sent: list[tuple[datetime, Event]] = []
    for customer in PEOPLE:
        sent += _life(customer, rng)
        sent += [(news.at, news) for news in _descriptions(customer, rng)]
        sent += [(news.at, news) for news in _registrations(customer, rng)]
        sent += [(news.at, news) for news in _updates(customer, rng)]
    signs = [_sign(rng) for _ in range(rng.randrange(8))]
    return _sorted([*sent, *((sign.at, sign) for sign in signs)])


def _hour(rng: random.Random) -> datetime:
    return START + rng.randrange(DAYS * 24) * HOUR


def _life(customer: str, rng: random.Random) -> list[tuple[datetime, Event]]:
    """Heartbeats and uses, most of them in time; whole days of them not at all."""
    first, last = rng.choice([0, 0, 1, 5]), rng.choice([DAYS, DAYS, 4, 12])
    hours = rng.sample(range(24), rng.randint(2, 5))
    made = []
    for day in range(first, last):
        if rng.random() < 0.1:
            continue
        begins = START + day * DAY
        events = [use(customer, begins + h * HOUR + timedelta(minutes=7)).event for h in hours]
        events += [beat(customer, begins + h * HOUR, every_s=43_200).event for h in (3, 15)]
        if rng.random() < 0.3:
            at = begins + rng.randrange(24) * HOUR
            events.append(feature(customer, at).event)
            events.append(beat(customer, at, every_s=rng.choice([90_000, 400_000])).event)
        late = rng.choice([0, 0, 0, 0, 0, 9, 20, 33, 55, 80, 120]) * HOUR
        made += [(event.at + (late if rng.random() < 0.7 else 0 * HOUR), event) for event in events]
    return made


def _descriptions(customer: str, rng: random.Random) -> list[CustomerChanged]:
    """None, one, or several; the first before any use or long after it."""
    first = rng.choice([START - DAY, START - HOUR, START + 30 * HOUR, START + 9 * DAY])
    more = sorted(_hour(rng) for _ in range(rng.randrange(4)))
    more += [at + HOUR for at in more if rng.random() < 0.3]  # twice in a day
    times = [first, *(at for at in sorted(more) if at > first)]
    told = [
        CustomerChanged(
            at=at,
            customer=customer,
            version=version,
            zone=rng.choice(ZONES),
            region=rng.choice(REGIONS),
            plan=rng.choice(["none", "plus"]),
        )
        for version, at in enumerate(times, 1)
    ]
    if rng.random() < 0.2:
        gone = max(_hour(rng), times[-1])
        told.append(CustomerChanged(at=gone, customer=customer, version=20, erased=True))
    return told if rng.random() < 0.9 else []


def _registrations(customer: str, rng: random.Random) -> list[RegistryChanged]:
    """Devices come and go, mostly in turns."""
    made = []
    for n, at in enumerate(sorted(_hour(rng) for _ in range(rng.randrange(7)))):
        came = n % 2 == 0 if rng.random() < 0.8 else rng.random() < 0.5
        made.append(
            RegistryChanged(
                at=at,
                change="claimed" if came else "retired",
                source=f"d{n}-{customer}",
                kind="device",
                version=n,
                model=f"m{n}",
                customer=customer if came else None,
                previous_customer=None if came else customer,
            )
        )
    return made


def _updates(customer: str, rng: random.Random) -> list[FirmwareUpdated]:
    """Devices run another firmware, also such as nobody claimed."""
    return [
        FirmwareUpdated(
            at=_hour(rng),
            source=f"d{rng.randrange(4)}-{customer}",
            customer=customer,
            to_firmware=v,
        )
        for v in rng.sample("1234", rng.randrange(3))
    ]


def _sign(rng: random.Random) -> Event:
    """Something kept for the reasons of a drop; also of somebody who is no customer."""
    at, customer = _hour(rng), rng.choice([*PEOPLE, "eve"])
    match rng.randrange(3):
        case 0:
            return Fault(at=at, source="d", customer=customer, code="sd")
        case 1:
            return AppError(at=at, source="a", customer=customer, code="e")
        case _:
            return TicketChanged(
                at=at, ticket="t", change="opened", state="open", version=1, customer=customer
            )


def _sorted(sent: list[tuple[datetime, Event]]) -> Story:
    topics: dict[str, list[tuple[datetime, Received[Event]]]] = {
        name: [] for name in (*CLOCKED, "customer.changed", "support.activity")
    }
    for when, event in sorted(sent, key=lambda one: one[0]):
        begins = START + (when - START) // STEP * STEP
        clocked = BY_NAME[event.TOPIC].clocked
        topics[event.TOPIC].append((begins + STEP, received(event, begins if clocked else when)))
    return Story(topics)


class Way:
    """One way to read a story.

    Args:
        seed: how topics are mixed, cut and closed; None: step by step, whole topics, closing
            whatever is due, and what does not gate the clock as late as it may be.
    """

    def __init__(self, seed: int | None) -> None:
        self.rng = None if seed is None else random.Random(seed)
        self._eager = 0.0 if self.rng is None else self.rng.choice([0.0, 0.02, 0.2, 1.0])

    async def read(self, story: Story, player: Player) -> None:
        """Read all of it and close all of it."""
        left = {name: list(records) for name, records in story.topics.items()}
        reached = dict.fromkeys(CLOCKED, START - 2 * DAY)
        while min(reached.values()) < END or any(left.values()):
            name = self._next(left, reached)
            if name in reached:
                await self._step(player, name, left, reached)
            else:
                size = 1 if self.rng is None else self.rng.randint(1, 5)
                await _handle(player, name, left[name][:size])
                del left[name][:size]
            if self.rng is None or self.rng.random() < 0.2:
                await player.close_until(_watermark(left, reached))
        await player.close_until(END)

    def _next(self, left, reached) -> str:
        slowest = min(reached.values())
        others = [name for name in left if name not in reached and left[name]]
        due = [name for name in others if left[name][0][1].event.at <= slowest]
        if self.rng is None:
            return due[0] if due else min(sorted(reached), key=lambda name: reached[name])
        if others and self.rng.random() < self._eager:
            return self.rng.choice(others)
        ahead = [name for name in CLOCKED if reached[name] < min(END, slowest + AHEAD * STEP)]
        return self.rng.choice(due + ahead)

    async def _step(self, player: Player, name: str, left, reached) -> None:
        """What was sent in the topic's next step, or the first records of it."""
        ends = reached[name] + STEP
        size = sum(1 for end, _ in left[name] if end <= ends)
        if self.rng is not None and self.rng.random() < 0.4:
            cut = self.rng.randint(0, size)
            await _handle(player, name, left[name][:cut])
            del left[name][:cut]
            size -= cut
            if self.rng.random() < 0.5:
                return
        await _handle(player, name, left[name][:size])
        del left[name][:size]
        reached[name] = ends


def _watermark(left, reached) -> datetime:
    """The time all topics have reached."""
    unread = [
        records[0][1].event.at for name, records in left.items() if records and name not in reached
    ]
    return min([*reached.values(), *unread])


async def _handle(player: Player, name: str, records) -> None:
    if records:
        await player.apply(name, [record for _, record in records])
