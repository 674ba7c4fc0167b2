"""When so much goes to quarantine that our release is the likelier cause: pure.

One device that says nonsense, a thousand times a second, is its own fault and stops nobody. A
release that cannot read what everybody sends fails source after source.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

RECORDS = 50  # set aside within WINDOW_S
SOURCES = 5  # that they came from
SHARE = 0.25  # of those heard last, so that five broken devices of a large fleet are not it
HEARD = 200  # sources remembered of each topic
WINDOW_S = 600.0


@dataclass(slots=True)
class _Failing:
    """Of one source: how many records were set aside, and when the last one was."""

    records: int = 0
    last_s: float = float("-inf")


class Rate:
    """Counts, by topic and source, what was applied and what was set aside.

    >>> rate, garbage = Rate(), ["cam-1"] * 2_000
    >>> rate.exceeded("device.usage", garbage, now_s=0.0)
    False
    >>> rate.exceeded("device.usage", [f"cam-{n}" for n in range(51)], now_s=0.0)
    True
    """

    def __init__(self) -> None:
        self._heard: dict[str, OrderedDict[str, _Failing]] = {}
        self._minutes: OrderedDict[int, int] = OrderedDict()

    def applied(self, topic: str, sources: Iterable[str]) -> None:
        """Note who was heard, oldest first."""
        heard = self._heard.setdefault(topic, OrderedDict())
        for source in list(dict.fromkeys(sources))[-HEARD:]:
            self._note(heard, source)

    def set_aside(self, topic: str, sources: Iterable[str], now_s: float) -> None:
        """Note records that went to quarantine at `now_s` (monotonic), one source each."""
        heard = self._heard.setdefault(topic, OrderedDict())
        records = 0
        for source in sources:
            self._note(heard, source, now_s)
            records += 1
        if records:
            minute = int(now_s // 60)
            self._minutes[minute] = self._minutes.get(minute, 0) + records
            while next(iter(self._minutes)) <= minute - 60:
                self._minutes.popitem(last=False)

    def exceeded(self, topic: str, sources: Iterable[str], now_s: float) -> bool:
        """Whether these, set aside as well, would be too many; nothing is noted."""
        heard = OrderedDict(
            (source, _Failing(source_failing.records, source_failing.last_s))
            for source, source_failing in self._heard.get(topic, {}).items()
        )
        for source in sources:
            self._note(heard, source, now_s)
        failing = [
            source_failing
            for source_failing in heard.values()
            if now_s - source_failing.last_s < WINDOW_S
        ]
        return (
            sum(source_failing.records for source_failing in failing) > RECORDS
            and len(failing) >= SOURCES
            and len(failing) > SHARE * len(heard)
        )

    def last_hour(self, now_s: float) -> int:
        """How many records this process has set aside within the hour."""
        oldest = now_s // 60 - 60
        return sum(records for minute, records in self._minutes.items() if minute > oldest)

    @staticmethod
    def _note(
        heard: OrderedDict[str, _Failing], source: str, failed_s: float | None = None
    ) -> None:
        source_failing = heard.pop(source, None) or _Failing()
        if failed_s is not None:
            stale = failed_s - source_failing.last_s >= WINDOW_S
            source_failing.records = 1 if stale else source_failing.records + 1
            source_failing.last_s = failed_s
        heard[source] = source_failing
        if len(heard) > HEARD:
            heard.popitem(last=False)
