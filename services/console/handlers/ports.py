"""What the handlers need of the store, of argon2 and of whoever asks."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from services.console.domain.accounts.account import Account
from services.console.domain.accounts.link import Kind, Link
from services.console.domain.programs.api_key import ApiKey
from services.console.domain.rules import Rules
from services.console.domain.sealed.seal import Purpose, Seal
from services.console.domain.sessions.session import Session
from services.console.domain.sessions.tries import Tries
from shared.effects.effect import Planned
from shared.web.who import Role, Who


@dataclass(frozen=True, slots=True)
class By:
    """Whose wish it is, and when."""

    who: Who
    now: datetime


class Accounts(Protocol):
    """Accounts and their recovery codes."""

    async def listed(self, after: str | None, limit: int) -> Sequence[Account]: ...
    async def found(
        self, text_: str, after: tuple[str, str] | None, limit: int
    ) -> Sequence[Account]: ...
    async def by_id(self, id_: str, *, lock: bool = False) -> Account | None: ...
    async def by_email(self, email: str) -> Account | None: ...
    async def by_subject(self, subject: str) -> Account | None: ...
    async def add(self, account: Account) -> bool: ...
    async def write(self, account: Account) -> None: ...
    async def erase(self, id_: str, now: datetime) -> None: ...
    async def admins(self) -> int: ...
    async def replace_recovery_codes(self, id_: str, digests: Sequence[str]) -> None: ...
    async def use_recovery_code(self, id_: str, digest: str) -> bool: ...


class Sessions(Protocol):
    """Sessions."""

    async def add(self, session: Session) -> None: ...
    async def end(self, account: str, id_: str) -> bool: ...
    async def end_all(self, account: str, *, but: str = "") -> int: ...


class Links(Protocol):
    """Links that are good once."""

    async def add(self, link: Link) -> None: ...
    async def find(self, digest: str, kinds: Sequence[Kind], now: datetime) -> Link | None: ...
    async def take(self, digest: str, kinds: Sequence[Kind], now: datetime) -> Link | None: ...
    async def void(self, kinds: Sequence[Kind], account: str | None) -> None: ...


class Counted(Protocol):
    """Wrong tries."""

    async def hold(self, keys: Iterable[str]) -> Mapping[str, Tries]: ...
    async def write(self, counted: Mapping[str, Tries]) -> None: ...
    async def forget(self, keys: Iterable[str], beginning: str) -> None: ...


class Keys(Protocol):
    """API keys."""

    async def by_id(self, id_: str) -> ApiKey | None: ...
    async def active(self, name: str, now: datetime) -> Sequence[ApiKey]: ...
    async def add(self, api_key: ApiKey) -> None: ...
    async def revoke(self, id_: str, now: datetime) -> bool: ...
    async def used(self, id_: str, day: date) -> None: ...


class Kept(NamedTuple):
    """One text in the database: in which column, under which id, whose, what for."""

    column: str
    id: str
    account: str
    purpose: Purpose
    text: str


class Sealed(Protocol):
    """What is kept sealed."""

    async def others(self, present: str) -> Sequence[Kept]: ...
    async def write(self, kept: Kept, text: str) -> None: ...


class Provider(Protocol):
    """Sign-ins at the OpenID provider."""

    async def begin(self, digest: str, nonce: str, verifier: str, until: datetime) -> None: ...
    async def take(self, digest: str, now: datetime) -> tuple[str, str] | None: ...
    async def roles(self, *, lock: bool = False) -> Mapping[str, Role]: ...
    async def replace_roles(self, table: Mapping[str, Role]) -> None: ...


class Store(Protocol):
    """All tables in one transaction."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def links(self) -> Links: ...
    @property
    def tries(self) -> Counted: ...
    @property
    def keys(self) -> Keys: ...
    @property
    def provider(self) -> Provider: ...
    @property
    def sealed(self) -> Sealed: ...

    async def plan(self, effect: Planned, now: datetime) -> None:
        """Plan something to be done outside once this transaction is committed."""

    async def note(
        self,
        by: By,
        action: str,
        subject: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        why: str | None = None,
    ) -> None:
        """Audit who did what; values of personal data never stand in it."""


class Begin(Protocol):
    """Begins a transaction."""

    def __call__(self) -> AbstractAsyncContextManager[Store]: ...


class Hasher(Protocol):
    """argon2id, beside the event loop; `ahead` of strangers: whom we know already."""

    async def make(self, password: str, *, ahead: bool = False) -> str: ...
    async def is_right(self, password: str, known: str | None, *, ahead: bool = False) -> bool: ...
    def is_old(self, known: str) -> bool: ...


class Wake(Protocol):
    """Tells who does it that something was planned."""

    def __call__(self) -> None: ...


@dataclass(frozen=True)
class Context:
    """What every handler works with."""

    begin: Begin
    hasher: Hasher
    rules: Rules
    seal: Seal
    wake: Wake
