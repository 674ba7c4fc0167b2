"""Everybody a fleet has: the households, what happens to them, and the sources that tell it."""

from collections.abc import Iterable
from typing import Any

from tools.fleet import truth
from tools.fleet.delivery import Habits, Packet, Source, SourceKind
from tools.fleet.generate import Generate
from tools.fleet.household import Device, Household, rng_for
from tools.fleet.ledger import Ledger
from tools.fleet.script import DAY_S, SCRIPT, Happening
from tools.fleet.source import Rules
from tools.fleet.story import Setting
from tools.fleet.vendor import Vendor

BOOTS = SCRIPT + 1  # part of a household's chance that draws the sources' boots
CLICK_EVERY = 3  # of messages in the app that are seen, one in so many is opened
LIFO_S = 6 * 3600.0  # how long a newest-first device by mains buffers


class Crowd:
    """Knows no clock and no network.

    Attributes:
        start: UTC second of day 0.
        sources: by id.
        sent: events that have left.
        used: by customer, the days of history (UTC) with a use by a person.
        eager: sources that have something to send, in order.
    """

    def __init__(
        self, customers: int, setting: Setting, seed: int, start: int, rules: Rules
    ) -> None:
        self.setting = setting
        self.seed = seed
        self.start = start
        self.sent = 0
        self.used: dict[str, set[int]] = {}
        self._customers: dict[str, str] = {}
        self.eager: dict[str, None] = {}
        self.sources: dict[str, Source] = {}
        self._told = start
        self._looked: set[tuple[str, str]] = set()
        self._rules = rules
        self._generate = Generate(customers, seed, setting, start)
        self.homes: list[Household] = self._generate.homes
        self.vendor = Vendor(self.homes, seed, setting, start)
        for home in self.homes:
            self._introduce(home)
        self.often_offline = [s for s in self.sources.values() if s.habits.offline]

    def truth(self) -> dict[str, Any]:
        """What the personas are up to."""
        return truth.truth(self.homes, self.seed, self.setting, self.start)

    def tell(self, end: int) -> None:
        """Let happen what happens up to `end`; the sources number it."""
        self._told = end
        told = self._generate.until(end)
        for name, happenings in told.items():
            self.sources[name].live(happenings)
            used = self.used[self._customers[name]]
            for at, _, _, what, more in happenings:
                if what == "feature_used" or (what == "usage" and more["by"] == "person"):
                    used.add((at - self.start) // DAY_S)
        self.eager.update(dict.fromkeys(told))

    def look(self, shown: Iterable[tuple[str, str]]) -> None:
        """People look at messages in their apps, by app and message; some open them."""
        for name, message in shown:
            if (name, message) in self._looked:
                continue  # an app shows it once, however often it is told
            self._looked.add((name, message))
            saw: Happening = (self._told, name, "app", "message_seen", {"message": message})
            clicked: Happening = (self._told, name, "app", "message_clicked", {"message": message})
            clicks = int(message[:2], 16) % CLICK_EVERY == 0
            self.sources[name].live([saw, clicked] if clicks else [saw])
            self.eager[name] = None

    @property
    def awake(self) -> list[Source]:
        """The sources that have something to send."""
        return [self.sources[name] for name in self.eager]

    def due(self, end: int, now: float, *, last: bool) -> list[tuple[Source, list[Packet]]]:
        """What leaves up to `end` (UTC second), marked as sent at `now` (monotonic).

        Args:
            last: history ends here: nobody waits for the next wake.
        """
        awake = self.awake
        packets = [(source, list(source.send(end, now, all_of_it=last))) for source in awake]
        self.eager = {source.id: None for source in awake if source.has_fresh}
        self.sent += sum(len(packet.entries) for _, some in packets for packet in some)
        return [(source, some) for source, some in packets if some]

    def enter(self, ledger: Ledger) -> None:
        """Write what the sources know into the ledger; once, at the end."""
        for source in self.sources.values():
            ledger.take(source.id, source.streams.values())
            ledger.duplicates_sent += source.duplicates_sent

    def _introduce(self, home: Household) -> None:
        self.used[home.customer] = set()
        boots = rng_for(self.seed, home.number, BOOTS)
        for device in home.devices:
            self._customers[device.id] = home.customer
            self._source(device.id, boots.bytes(8).hex(), self._habits(home, device))
        if home.app is not None:
            self._customers[home.app] = home.customer
            self._source(home.app, boots.bytes(8).hex(), Habits(), "apps")

    def _source(self, name: str, boot: str, habits: Habits, kind: SourceKind = "devices") -> None:
        self.sources[name] = Source(name, kind, self.start, boot, habits, self._rules)

    def _habits(self, home: Household, device: Device) -> Habits:
        story = home.story
        return Habits(
            wake_s=device.wake_s if device.battery else LIFO_S if story.lifo else 0.0,
            phase_s=device.phase_s,
            clock_off_s=story.clock_off_s,
            lifo=story.lifo,
            duplicates=story.duplicates,
            offline=tuple(
                (round(self.start + span.first * DAY_S), round(self.start + span.end * DAY_S))
                for span in story.outages
            ),
        )
