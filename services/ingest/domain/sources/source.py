"""A device or an app as the registry knows it, and how it changes."""

from dataclasses import dataclass, field
from datetime import datetime

from services.ingest.domain.messages.addresses import Kind
from services.ingest.domain.sources.ownership import Ownership


@dataclass(slots=True)
class Source:
    """What is needed to judge what a source sends.

    Attributes:
        owners: oldest first.
        firmware: as registered.
        told: the firmware it told last, and since when it runs it; None: nothing but the registered.
        boots: when each `boot` was last heard.
        begun: when its newest boots were first heard, oldest first.
        places: by stream whose its last record was, and where such go; filled as they come.
        protocol: always `unknown` to ingest: a subscriber cannot tell an MQTT 3.1.1 publisher
            (whose promise is weaker) from an MQTT 5 one; the broker could.
    """

    id: str
    kind: Kind
    model: str | None = None
    firmware: str | None = None
    battery: bool = False
    retired: bool = False
    version: int = 0
    registered_at: datetime | None = None
    owners: tuple[Ownership, ...] = ()
    told: tuple[str, datetime] | None = None
    boots: dict[str, datetime] = field(default_factory=dict)
    begun: list[datetime] = field(default_factory=list)
    protocol: str = "unknown"
    places: dict[str, tuple[str | None, bytes, int, tuple[str, bytes]]] = field(
        default_factory=dict, compare=False
    )

    @property
    def owner(self) -> str | None:
        """Who owns it now."""
        return self.owners[-1].customer if self.owners and self.owners[-1].until is None else None

    @property
    def runs(self) -> str | None:
        """Its firmware now, as far as is known."""
        return self.firmware if self.told is None else self.told[0]

    @property
    def status(self) -> str:
        """`registered`, `claimed` or `retired`."""
        if self.retired:
            return "retired"
        return "registered" if self.owner is None else "claimed"
