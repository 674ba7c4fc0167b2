"""What the routes need of the store and of a transaction."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from services.ingest.domain.credentials import Credential
from services.ingest.handlers.change_registry import Emitter, Registry
from shared.db.audit import Entry


class Credentials(Protocol):
    """Credentials and claim codes, in the transaction."""

    async def add(self, new: Sequence[Credential]) -> None: ...
    async def revoke(self, sources: Iterable[str], why: str) -> list[str]: ...
    async def revoke_one(self, id_: str, source: str, why: str) -> bool: ...
    async def of(self, source: str) -> Sequence[Mapping[str, Any]]: ...
    async def set_code(self, source: str, digest: str, expires_at: datetime) -> None: ...
    async def take_code(self, digest: str, now: datetime) -> str | None: ...


class Audit(Protocol):
    """Writes into the audit when the transaction commits."""

    def __call__(self, *entries: Entry) -> None: ...


@dataclass(frozen=True)
class Changing:
    """A transaction in which the registry changes."""

    registry: Registry
    emitter: Emitter
    now: datetime
    audit: Audit
    credentials: Credentials


class Change(Protocol):
    """Opens one; at its end all caches forget `ids`. Raises ClockNotStarted."""

    def __call__(self, ids: Sequence[str]) -> AbstractAsyncContextManager[Changing]: ...


class Reader(Protocol):
    """Reads the registry and the rejects for people."""

    async def source(self, id_: str, kind: str) -> Mapping[str, Any]: ...
    async def sources(
        self,
        kind: str,
        *,
        customer: str | None,
        status: str | None,
        limit: int,
        after: str | None,
    ) -> Sequence[Mapping[str, Any]]: ...
    async def rejects(
        self,
        *,
        source: str | None,
        reason: str | None,
        limit: int,
        before: tuple[datetime, str] | None,
    ) -> Sequence[Mapping[str, Any]]: ...
    async def reject(self, id_: str) -> Mapping[str, Any]: ...
    async def audit(self, entry: Entry) -> None: ...
    async def reject_summary(self) -> Mapping[str, int]: ...
