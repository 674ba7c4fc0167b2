"""What a source says of time, beside when we received it."""

from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from shared.events import Telemetry

T = TypeVar("T", bound=Telemetry)


def believed(event: T) -> T:
    """The event with a time that is not after its receipt: nothing happens in the future."""
    received_at = event.received_at
    if received_at is None or event.at <= received_at:
        return event
    return replace(event, at=received_at)


def heard_at(event: Telemetry) -> datetime:
    """When it reached us: what a person's act is compared with.

    Of what was a day old on arrival it is when it happened: history wakes nobody.
    """
    if event.received_at is None or event.late:
        return event.at
    return event.received_at
