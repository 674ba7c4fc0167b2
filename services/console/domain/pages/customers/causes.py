"""Why a stage was entered, as journey keeps it, taken apart for words."""

import re
from typing import Literal

Cause = Literal["time", "purchase", "subscription", "renewal", "source", "forgotten", "event"]

FORGOTTEN = "event-no-longer-kept"
_BOUGHT: tuple[Cause, ...] = ("purchase", "subscription", "renewal")
_SENT = re.compile(r"/([a-z0-9-]+)/[a-z]+#")  # of a device or an app: its name, then its stream


def cause(said: str) -> tuple[Cause, str]:
    """What kind of cause it is, and what of it is worth saying.

    >>> cause("timer:days_since_use"), cause("purchase:7f3a")
    (('time', 'days_since_use'), ('purchase', '7f3a'))
    >>> cause("/cam-1/usage#9f1c2ab37d405e68:1042"), cause("/support#x")
    (('source', 'cam-1'), ('event', '/support#x'))
    """
    kind, _, rest = said.partition(":")
    if said == FORGOTTEN:
        return "forgotten", ""
    if kind == "timer":
        return "time", rest
    if kind in _BOUGHT:
        return kind, rest
    sent = _SENT.match(said)
    return ("event", said) if sent is None else ("source", sent[1])
