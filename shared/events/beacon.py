"""Simulated time, on every partition: everything its origins sent before it is behind it."""

from typing import ClassVar

from shared.events.event import News


class Beacon(News, frozen=True, kw_only=True, omit_defaults=True, tag="beacon"):
    """Only in stream-clock mode; `at` is the end of the step that has been published completely.

    Written to every partition of a topic by the topic's producer; no handler sees it.

    Attributes:
        origins: bucket digits from ingest, the service's name from any other service.
        step_s: length of a step, seconds: partitions further ahead than this wait.
    """

    TOPIC: ClassVar[str] = "device.usage"

    origins: list[str]
    step_s: float
