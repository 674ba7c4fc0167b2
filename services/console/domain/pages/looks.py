"""How somebody wants to see the console: theme and zone, kept in their browser."""

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Theme = Literal["system", "light", "dark"]
THEMES: tuple[Theme, ...] = ("system", "light", "dark")
LONGEST = 64  # characters of a zone's name


@dataclass(frozen=True, slots=True)
class Looks:
    """What a browser keeps for its person."""

    theme: Theme = "system"
    zone: str = "UTC"

    @property
    def tz(self) -> ZoneInfo:
        """The zone that times are shown in."""
        return ZoneInfo(self.zone)


def looks(theme: str, zone: str) -> Looks:
    """What a browser says it keeps; what we do not know counts for nothing.

    >>> looks("dark", "Europe/Berlin")
    Looks(theme='dark', zone='Europe/Berlin')
    >>> looks("neon", "../../etc/passwd")
    Looks(theme='system', zone='UTC')
    """
    known: Theme = next((known_theme for known_theme in THEMES if known_theme == theme), "system")
    return Looks(known, zone if is_zone(zone) else "UTC")


def is_zone(name: str) -> bool:
    """Whether there is such a time zone."""
    try:
        return len(name) <= LONGEST and bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
