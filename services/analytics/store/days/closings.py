"""What closings froze, and the members, states and risks they read and write."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Table, TextClause, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.customers.at_closing import AtClosing, at_closing
from services.analytics.domain.customers.customer import Customer, Description, Gain
from services.analytics.domain.customers.members import Marks, Member, Members, first_day
from services.analytics.domain.days.close import Frozen
from services.analytics.domain.days.local_day import known_until
from services.analytics.domain.drops.cohort import CohortDay
from services.analytics.domain.drops.state import COLUMNS, WHOLE, States
from services.analytics.store.recordset import document, source
from services.analytics.store.tables import day_close, finding, risk, state
from shared.db import rows

SLICE = 50_000  # customers in a statement: a value of PostgreSQL has at most 1 GB
_FACTS = (
    "CAST(c.history AS text)",
    "CAST(c.owned AS text)",
    "c.model",
    "c.model_from",
    "c.erased_from",
)
_LEAD = ("c.id", "c.began", "r.tier", "r.why", "r.since", "s.day", "s.heard_until", *_FACTS)
_SELECTED = ", ".join((*_LEAD, *(f"s.{name}" for name in COLUMNS)))
_BASE_DAY = _LEAD.index("s.day")
_MEMBERS = text(
    f"SELECT {_SELECTED} "  # noqa: S608
    "FROM customer c LEFT JOIN state s ON s.customer = c.id LEFT JOIN risk r ON r.customer = c.id "
    "WHERE c.regions @> ARRAY[CAST(:region AS text)] AND c.began < :until "
    'ORDER BY c.id COLLATE "C"'
)
_FINAL = text("SELECT final FROM day_close WHERE region = :region AND day = :day")


class Closings:
    """Locked last, under the region's clock."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def members(self, region: str, day: date) -> Members:
        """Every customer the region closes `day` of, sorted by id in code point order."""
        asked = {"region": region, "until": known_until(day)}
        rows = (await self._connection.execute(_MEMBERS, asked)).all()
        fresh = [r[_BASE_DAY] is None for r in rows]
        first = len(_LEAD)
        columns = list(zip(*rows, strict=True))[first:] if rows else [()] * len(COLUMNS)
        arrays: dict[str, Any] = {
            name: np.array(
                [0 if new else value for value, new in zip(values, fresh, strict=True)],
                dtype=np.int64 if name in WHOLE else np.float64,
            )
            for name, values in zip(COLUMNS, columns, strict=True)
        }
        return Members.of(_members(rows, day), States(**arrays), region, day)

    async def final(self, region: str, day: date) -> Frozen:
        """The cohorts of a day that is final; none before the region's first day."""
        result = await self._connection.execute(_FINAL, {"region": region, "day": day})
        frozen = result.scalar_one_or_none()
        return {} if frozen is None else msgspec.convert(frozen, dict[str, CohortDay])

    async def freeze(self, row: Mapping[str, Any], final_day: date, final: Frozen) -> None:
        """Write a closing: a region's day is closed once (primary key)."""
        await self._connection.execute(
            day_close.insert(), {**row, "provisional": _plain(row["provisional"])}
        )
        await self._connection.execute(
            update(day_close)
            .where(day_close.c.region == row["region"], day_close.c.day == final_day)
            .values(final=_plain(final))
        )

    async def write_states(self, ids: Sequence[str], final: Marks, states: States) -> None:
        """The members' states after their last final day."""
        columns: dict[str, list[Any]] = {"customer": list(ids), **final.columns()}
        for name in COLUMNS:
            columns[name] = getattr(states, name).tolist()
        await self._overwrite(state, columns)

    async def write_risks(self, columns: Mapping[str, list[Any]]) -> None:
        """The members' present numbers."""
        await self._overwrite(risk, columns)

    async def _overwrite(self, table: Table, columns: Mapping[str, list[Any]]) -> None:
        for first in range(0, len(columns["customer"]), SLICE):
            slice_ = {name: values[first : first + SLICE] for name, values in columns.items()}
            sql = _overwrite_sql(table, tuple(columns))
            await self._connection.execute(sql, {"rows": document(slice_)})

    async def add_findings(self, findings: Sequence[Mapping[str, Any]]) -> None:
        """Changes of tier."""
        await rows.insert_new(self._connection, finding, findings)


@lru_cache(maxsize=8)
def _overwrite_sql(table: Table, names: tuple[str, ...]) -> TextClause:
    """Insert or overwrite rows by customer; they come sorted by customer."""
    change = ", ".join(f"{n} = EXCLUDED.{n}" for n in names if n != "customer")
    return text(
        f"INSERT INTO {table.name} ({', '.join(names)}) "  # noqa: S608
        f"SELECT * FROM {source(table, names)} ON CONFLICT (customer) DO UPDATE SET {change}"
    )


def _members(rows: Sequence[Any], day: date) -> list[Member]:
    """Thousands share a handful of descriptions and models: what is equal is made once."""
    standings: dict[tuple[Any, ...], AtClosing] = {}
    members = []
    for r in rows:
        id_, began, tier, why, since, base_day, heard_until, *facts = r[: len(_LEAD)]
        key = tuple(facts)
        known = standings.get(key)
        if known is None:
            known = standings[key] = at_closing(_customer(*key), day)
        first = first_day(known, began)
        members.append(Member(id_, known, first, base_day, heard_until, tier, why, since))
    return members


def _customer(history: str, owned: str, model: Any, model_from: Any, erased_from: Any) -> Customer:
    return Customer(
        history=_history(history),
        owned=_owned(owned),
        model=model,
        model_from=model_from,
        erased_from=erased_from,
    )


@lru_cache(maxsize=65_536)
def _history(document: str) -> tuple[Description, ...]:
    return msgspec.json.decode(document, type=tuple[Description, ...])


@lru_cache(maxsize=65_536)
def _owned(document: str) -> tuple[Gain, ...]:
    return msgspec.json.decode(document, type=tuple[Gain, ...])


def _plain(frozen: Frozen) -> Any:
    """JSON keeps a float64 exactly: shortest text that reads back the same."""
    return msgspec.to_builtins(frozen)
