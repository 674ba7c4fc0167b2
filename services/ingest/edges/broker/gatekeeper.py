"""Keeps the MQTT broker's files as the registry says, and ends the connections of who left.

A change is effective within two seconds: files replaced, broker told, live connections taken over,
before and after the broker has read the files (a source reconnects faster than we write). Before,
because mosquitto 2.0 is better not left to drop many clients while it reads its configuration.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from services.ingest.domain.credentials.credentials import (
    Admitted,
    Revoked,
    departed,
    may_be_in,
    password_file,
)
from services.ingest.domain.failure import failure
from services.ingest.edges.broker.account import Account
from services.ingest.edges.broker.broker_files import PASSWORDS, REVOKED, BrokerFiles
from services.ingest.edges.broker.evict import evict
from services.ingest.errors import Away
from shared import log, metrics
from shared.clock import monotonic, wall_now
from shared.device_authority import DeviceAuthority

LOOK_S = 1.0  # between two looks: the broker is told once a second at the most
READ_S = 0.5  # the broker has read its files by then: 0.2 s were seen at 100,000 entries
LATELY = timedelta(hours=1)  # at a start, who was revoked in this time may still be in
RENEW = timedelta(days=1)  # the revocation list is signed anew: it says until when it is good

_log = log.get("ingest.gatekeeper")


class Doorkeeping(Protocol):
    """What the database says. Raises Away."""

    async def changes(self) -> int: ...
    async def admitted(self, now: datetime) -> tuple[int, Admitted]: ...
    async def revoked_since(self, at: datetime) -> dict[str, Revoked]: ...


class Gatekeeper:
    """Args: inner: our account at the broker's inner listener; None: no connection can be ended."""

    def __init__(
        self,
        doors: Doorkeeping,
        files: BrokerFiles,
        authority: DeviceAuthority | None,
        inner: Account | None,
        now: Callable[[], datetime] = wall_now,
    ) -> None:
        self._doors = doors
        self._files = files
        self._authority = authority
        self._inner = inner
        self._now = now
        self._woken = asyncio.Event()
        self._done = -1  # the change that the files show
        self._admitted: Admitted | None = None
        self._listed_at: datetime | None = None
        self._ended: set[str] = set()  # credentials whose connections were ended lately
        self._leaving: set[str] = set()  # whose connections could not be ended yet
        self._waits_since: float | None = None

    def wake(self) -> None:
        """Something has changed here: do not wait for the next look."""
        self._woken.set()

    def state(self) -> dict[str, str]:
        """Sentences about what is being waited for."""
        if self._waits_since is None:
            return {}
        waited = monotonic() - self._waits_since
        return {"credentials": f"the broker's files cannot be brought up to date, {waited:.0f} s"}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._woken.clear()
            try:
                if await self._is_due():
                    with self._files.held():
                        await self._bring_up_to_date()
                self._waits_since = None
            except BlockingIOError:
                pass  # another process does it; we look again
            except (Away, OSError) as error:
                self._waits_since = self._waits_since or monotonic()
                _log.warning("the broker's files wait", extra={"error": str(error)[:200]})
            except Exception as error:  # noqa: BLE001 - the net
                self._waits_since = self._waits_since or monotonic()
                _log.error("the broker's files cannot be made: again", extra=failure(error))
            await asyncio.sleep(LOOK_S)
            if not self._leaving:
                await self._wait()

    async def _wait(self) -> None:
        """Until woken here, or for another look: others change credentials, too."""
        try:
            async with asyncio.timeout(LOOK_S):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _is_due(self) -> bool:
        admitted, now = self._admitted, self._now()
        if admitted is None or self._leaving:
            return True
        if admitted.until is not None and admitted.until <= now:
            return True
        if self._listed_at is None or now - self._listed_at > RENEW:
            return True
        return await self._doors.changes() != self._done

    async def _bring_up_to_date(self) -> None:
        now = self._now()
        number, admitted = await self._doors.admitted(now)
        # a certificate may have come, been used and gone between two looks
        revoked = await self._doors.revoked_since(now - LATELY)
        news = [ended for id_, ended in revoked.items() if id_ not in self._ended]
        if self._admitted is None:
            left = self._leaving | may_be_in(news, admitted.passwords)
        else:
            left = self._leaving | {ended.source for ended in news}
            left |= departed(self._admitted, admitted)
        changed = await asyncio.to_thread(self._write, admitted, now)
        if changed:
            await self._end(left)
        if changed or self._admitted is None:  # whoever wrote them may have died before it told
            self._files.reload()
            metrics.BROKER_RELOADS.inc()
            if left:
                await asyncio.sleep(READ_S)
        self._leaving = await self._end(left)
        self._done, self._admitted, self._ended = number, admitted, set(revoked)
        metrics.BROKER_ACCOUNTS.set(len(admitted.passwords))

    def _write(self, admitted: Admitted, now: datetime) -> bool:
        text = password_file(self._files.own(), admitted.passwords.items())
        changed = self._files.write(PASSWORDS, text.encode("ascii"))
        before = None if self._admitted is None else self._admitted.revoked
        old = self._listed_at is None or now - self._listed_at > RENEW
        if self._authority is not None and (old or before != admitted.revoked):
            listed = self._authority.revocations(admitted.revoked, now)
            changed |= self._files.write(REVOKED, listed)
        if old or before != admitted.revoked:
            self._listed_at = now
        return changed

    async def _end(self, sources: set[str]) -> set[str]:
        if not sources or self._inner is None:
            return set()
        stayed = await evict(self._inner, sources)
        metrics.EVICTED.inc(len(sources) - len(stayed))
        return stayed
