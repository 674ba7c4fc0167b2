"""Whose wish a change is."""

from dataclasses import dataclass
from datetime import datetime

from shared.web.who import Who

CONSOLE = Who("service:console", "service", frozenset({"service"}))


@dataclass(frozen=True, slots=True)
class By:
    """Whose wish it is, and when."""

    who: Who
    now: datetime
