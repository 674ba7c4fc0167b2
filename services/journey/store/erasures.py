"""Erasures: asked for, told to the other services, answered by each."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.customers.state import State
from services.journey.handlers.erasures.ports import Answer, Erasure, Waiting
from services.journey.store.personal import HELD
from services.journey.store.tables import among, customer_state, erasure, erasure_done
from shared.db import held
from shared.effects import rows as effects
from shared.stream import erasure as erasure_of_all

_decoder = msgspec.json.Decoder(State)

_ASK = text(
    """INSERT INTO erasure (customer, asked_at, asked_by, reason, told, tell_at)
    SELECT c, :at, :by, :reason, 0, :at FROM unnest(CAST(:customers AS text[])) AS v(c)
    ORDER BY c ON CONFLICT (customer) DO NOTHING"""
)
_EXPECT = text(
    """INSERT INTO erasure_done (customer, service)
    SELECT c, s FROM unnest(CAST(:customers AS text[])) AS v(c),
      unnest(CAST(:services AS text[])) AS w(s)
    ORDER BY c, s ON CONFLICT (customer, service) DO NOTHING"""
)
_DONE = text(
    """UPDATE erasure_done d SET done_at = v.at FROM unnest(CAST(:customers AS text[]),
      CAST(:services AS text[]), CAST(:at AS timestamptz[])) AS v(customer, service, at)
    WHERE (d.customer, d.service) = (v.customer, v.service) AND d.done_at IS NULL"""
)
_COMPLETE = text(
    """UPDATE erasure e SET tell_at = :tell_at, completed_at = :now
    WHERE e.customer = ANY(CAST(:customers AS text[])) AND e.completed_at IS NULL AND NOT EXISTS (
      SELECT 1 FROM erasure_done d WHERE d.customer = e.customer AND d.done_at IS NULL)"""
)
_DUE = text(
    """SELECT customer, asked_at, told, completed_at IS NOT NULL AS complete FROM erasure
    WHERE tell_at <= :now ORDER BY tell_at, customer LIMIT :limit FOR UPDATE SKIP LOCKED"""
)
_PAGE = text(
    """SELECT customer, asked_at, told, completed_at IS NOT NULL AS complete FROM erasure
    WHERE customer > :after ORDER BY customer LIMIT :limit FOR UPDATE"""
)
_TOLD = text(
    """UPDATE erasure e SET told = e.told + 1, tell_at = v.tell_at
    FROM unnest(CAST(:customers AS text[]), CAST(:tell_at AS timestamptz[]))
      AS v(customer, tell_at) WHERE e.customer = v.customer"""
)
_RESET = text(
    """UPDATE erasure_done SET done_at = NULL
    WHERE customer = ANY(CAST(:customers AS text[])) AND service = :service"""
)
_REOPEN = text(
    "UPDATE erasure SET completed_at = NULL WHERE customer = ANY(CAST(:customers AS text[]))"
)
_HOLD = text(
    "SELECT id FROM customer WHERE id = ANY(CAST(:customers AS text[])) ORDER BY id FOR UPDATE"
)


class Erasures:
    """Within one transaction; those that erase hold the lock alone."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def forget(
        self,
        asked: Mapping[str, datetime],
        erase: Callable[[Sequence[str]], Awaitable[Sequence[str]]],
    ) -> None:
        """Remember who is erased, and when it was asked for, and let `erase` forget them."""
        await erasure_of_all.forget(self._connection, asked, erase)

    async def take_away(self, customers: Sequence[str]) -> None:
        """Delete all that is known of them."""
        asked = {"customers": list(customers)}
        await self._connection.execute(_HOLD, asked)
        await effects.forget(self._connection, customers)
        await held.erase(self._connection, HELD, asked)

    async def sources(self, customers: Sequence[str]) -> list[str]:
        """Devices that are or were theirs, as far as journey remembers."""
        query = select(customer_state.c.state).where(customer_state.c.customer == among(customers))
        states = (await self._connection.execute(query)).scalars()
        return sorted({id_ for stored in states for id_ in _decoder.decode(stored).devices})

    async def ask(
        self, customers: Sequence[str], services: Sequence[str], at: datetime, by: str, reason: str
    ) -> None:
        """Remember that it was asked for, and whose answers are waited for; once."""
        given = {"customers": list(customers), "at": at, "by": by, "reason": reason}
        await self._connection.execute(_ASK, given)
        await self._connection.execute(
            _EXPECT, {"customers": list(customers), "services": list(services)}
        )

    async def done(self, answers: Sequence[Answer], now: datetime, tell_at: datetime) -> None:
        """Services have answered; who has all answers is told again at `tell_at` only."""
        ordered = sorted(set(answers))
        await self._connection.execute(
            _DONE,
            {
                "customers": [answer.customer for answer in ordered],
                "services": [answer.service for answer in ordered],
                "at": [answer.at for answer in ordered],
            },
        )
        customers = sorted({answer.customer for answer in ordered})
        await self._connection.execute(
            _COMPLETE, {"customers": customers, "now": now, "tell_at": tell_at}
        )

    async def due(self, now: datetime, limit: int) -> list[Waiting]:
        """Erasures to be told now, locked."""
        result = await self._connection.execute(_DUE, {"now": now, "limit": limit})
        return [Waiting(**row) for row in result.mappings()]

    async def page(self, after: str, limit: int) -> list[Waiting]:
        """All erasures by customer, locked."""
        result = await self._connection.execute(_PAGE, {"after": after, "limit": limit})
        return [Waiting(**row) for row in result.mappings()]

    async def told(self, next_: Mapping[str, datetime]) -> None:
        """They were told once more; when to tell each next."""
        given = {"customers": list(next_), "tell_at": list(next_.values())}
        await self._connection.execute(_TOLD, given)

    async def reopen(self, customers: Sequence[str], service: str) -> None:
        """Wait for a service's answer once more."""
        await self._connection.execute(_RESET, {"customers": list(customers), "service": service})
        await self._connection.execute(_REOPEN, {"customers": list(customers)})

    async def read(self, customer: str) -> Erasure | None:
        """One erasure; None: nobody asked for it."""
        erasures_of_customer = await self._listed(erasure.c.customer == customer, 1)
        return erasures_of_customer[0] if erasures_of_customer else None

    async def listed(self, after: str | None, limit: int, *, open_only: bool) -> list[Erasure]:
        """Erasures by customer."""
        where: Any = erasure.c.customer > (after or "")
        if open_only:
            where = where & erasure.c.completed_at.is_(None)
        return await self._listed(where, limit)

    async def _listed(self, where: Any, limit: int) -> list[Erasure]:
        query = select(erasure).where(where).order_by(erasure.c.customer).limit(limit)
        rows = (await self._connection.execute(query)).all()
        answers = select(erasure_done).where(
            erasure_done.c.customer.in_([row.customer for row in rows])
        )
        by_customer: dict[str, dict[str, datetime | None]] = {}
        for row in await self._connection.execute(answers.order_by(erasure_done.c.service)):
            by_customer.setdefault(row.customer, {})[row.service] = row.done_at
        return [
            Erasure(
                customer=row.customer, asked_at=row.asked_at, asked_by=row.asked_by,
                reason=row.reason, told=row.told, completed_at=row.completed_at,
                services=by_customer.get(row.customer, {}),
            )
            for row in rows
        ]  # fmt: skip
