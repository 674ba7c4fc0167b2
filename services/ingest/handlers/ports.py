"""What the handlers of people's changes and of news need of the store."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.ingest.domain.credentials.credentials import Credential
from services.ingest.domain.rules import Rules
from services.ingest.domain.sources.changes import Change
from services.ingest.domain.sources.source import Source
from shared import unit
from shared.events import RegistryChanged


class Registry(Protocol):
    """Sources, locked in order."""

    async def lock(
        self, ids: Iterable[str], *, seed_kind: str | None = None
    ) -> dict[str, Source]: ...
    async def save(self, changed: Sequence[Change], now: datetime) -> None: ...
    async def take_facts(self, ids: Iterable[str]) -> dict[str, list[RegistryChanged]]: ...


class Credentials(Protocol):
    """Credentials and claim codes; their source is locked before."""

    async def add(self, new: Sequence[Credential]) -> None: ...
    async def revoke(self, sources: Iterable[str], why: str) -> list[str]: ...
    async def revoke_one(self, id_: str, source: str, why: str) -> bool: ...
    async def set_code(self, source: str, digest: str, expires_at: datetime) -> None: ...
    async def take_code(self, digest: str, now: datetime) -> str | None: ...


class Customers(Protocol):
    """Which customers exist."""

    async def versions(self, customers: Iterable[str]) -> dict[str, int]: ...
    async def write(self, changed: Mapping[str, tuple[int, bool]]) -> None: ...


class Erasing(Protocol):
    """What there is of customers who are erased."""

    async def sources(self, subjects: Sequence[str]) -> list[str]: ...
    async def cut(self, subjects: Sequence[str], now: datetime) -> None: ...
    async def take_away(self, subjects: Sequence[str]) -> None: ...


class Reader(Protocol):
    """What people are shown."""

    async def reject(self, id_: str) -> Mapping[str, Any]: ...


class Store(Protocol):
    """Ingest's tables within one transaction."""

    @property
    def registry(self) -> Registry: ...
    @property
    def credentials(self) -> Credentials: ...
    @property
    def customers(self) -> Customers: ...
    @property
    def erasing(self) -> Erasing: ...
    @property
    def reader(self) -> Reader: ...


Unit = unit.Unit[Store, Rules]
"""What every handler is given."""
