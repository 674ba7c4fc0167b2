"""One record of a topic as handlers see it."""

from datetime import datetime
from typing import Generic, TypeVar

import msgspec

E = TypeVar("E")


class Received(msgspec.Struct, Generic[E], frozen=True, gc=False):
    """An event and where in the log it stood.

    Attributes:
        id: its identity, e.g. `/cam-1/usage#9f1c2ab37d405e68:1042`: the cause of what follows.
        appended_at: LogAppendTime.
        arrival: when it arrived, as a function of the log: LogAppendTime; with the stream clock
            the partition's simulated time before it.
    """

    event: E
    id: str
    topic: str
    partition: int
    offset: int
    appended_at: datetime
    arrival: datetime
