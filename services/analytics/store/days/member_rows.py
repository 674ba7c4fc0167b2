"""The members of a region, read a slice at a time into arrays made once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.customers.at_closing import AtClosing, at_closing
from services.analytics.domain.customers.customer import Customer, Description, Gain
from services.analytics.domain.customers.fitted import Fitted
from services.analytics.domain.customers.members import Marks, Members, Told, belong, first_days
from services.analytics.domain.days.local_day import known_until
from services.analytics.domain.days.slices import slices
from services.analytics.domain.drops.findings import WHYS
from services.analytics.domain.drops.state import COLUMNS, LARGE, WHOLE, States
from services.analytics.domain.drops.tiers import NAMES
from services.analytics.domain.risks.numbers import NEW
from services.analytics.store.binary import days_of, ends, joined, quarters_of, read

_IDS = """SELECT array_agg(id) FROM customer
    WHERE regions @> ARRAY[CAST($1 AS text)] AND began < CAST($2 AS timestamptz)"""
_FORMS: Final = {
    "place": ">i8",
    "began": ">i8",
    "tier": ">i4",
    "why": ">i4",
    "since": ">i4",
    "risk": ">f8",
    "day": ">i4",
    "heard": ">i8",
    **{name: ">i8" if name in LARGE else ">i4" if name in WHOLE else ">f8" for name in COLUMNS},
}


def _list(words: Iterable[str | None]) -> str:
    return "ARRAY[" + ", ".join(f"'{word or ''}'" for word in words) + "]"


_FACTS = (
    "CAST(c.history AS text)",
    "CAST(c.owned AS text)",
    "CAST(c.fitted AS text)",
    "coalesce(CAST(c.erased_from AS text), '')",
)
_NEVER = "DATE '0001-01-01'"
_MEMBERS = f"""SELECT v.place, c.began,
    coalesce(array_position({_list(NAMES)}, r.tier) - 1, 0),
    coalesce(array_position({_list(WHYS)}, r.why) - 1, 0),
    coalesce(r.since, {_NEVER}), coalesce(r.risk, {NEW}),
    coalesce(s.day, {_NEVER}), coalesce(s.heard_until, TIMESTAMPTZ '1970-01-01 00:00Z'),
    {", ".join(f"coalesce(s.{name}, 0)" for name in COLUMNS)}, concat_ws(chr(10), {", ".join(_FACTS)})
    FROM unnest(string_to_array(CAST($1 AS text), CAST($2 AS text))) WITH ORDINALITY AS v(id, place)
    JOIN customer c ON c.id = v.id AND c.id BETWEEN $3 AND $4
    LEFT JOIN state s ON s.customer = v.id AND s.customer BETWEEN $3 AND $4
    LEFT JOIN risk r ON r.customer = v.id AND r.customer BETWEEN $3 AND $4"""  # noqa: S608


async def read_members(
    connection: AsyncConnection, region: str, day: date
) -> tuple[Members, States]:
    """Every customer the region closes `day` of, sorted by id in code point order, and their states."""
    driver = (await connection.get_raw_connection()).driver_connection
    known = await driver.fetchval(_IDS, region, known_until(day))  # type: ignore[union-attr]
    ids = sorted(known or ())
    del known
    gathered = _Gathered(region, day, len(ids))
    for part in slices(len(ids)):
        these = ids[part]
        asked = (*joined(these), *await ends(connection, these))
        gathered.add(these, *await read(connection, _MEMBERS, _FORMS, *asked))
    return gathered.members()


@dataclass(slots=True)
class _Gathered:
    """What has been read so far; arrays are filled up to `many`."""

    region: str
    day: date
    n: int
    many: int = 0
    ids: list[str] = field(default_factory=list)
    kinds: list[AtClosing] = field(default_factory=list)
    known: dict[bytes, int] = field(default_factory=dict)
    numbers: dict[str, npt.NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, form in {**_FORMS, "kind": ">i8", "first_day": ">i8"}.items():
            whole = form != ">f8"
            self.numbers[name] = np.zeros(self.n, dtype=np.int64 if whole else np.float64)
        del self.numbers["place"], self.numbers["began"]

    def add(self, ids: Sequence[str], rows: npt.NDArray[Any], facts: Sequence[bytes]) -> None:
        """A slice of them, in any order."""
        order = np.argsort(rows["place"])
        rows = rows[order]
        kind = self._kinds(facts)[order]
        first = first_days(self.kinds, kind, quarters_of(rows["began"]), self.day.toordinal())
        there = belong(self.region, self.day.toordinal(), self.kinds, kind, first)
        part = slice(self.many, self.many + len(there))
        self.many = part.stop
        chosen = rows[there]
        self.ids += [ids[place - 1] for place in chosen["place"].tolist()]
        columns = {
            **{name: chosen[name] for name in self.numbers if name in _FORMS},
            "kind": kind[there],
            "first_day": first[there],
            "since": _or_0(days_of(chosen["since"])),
            "day": _or_0(days_of(chosen["day"])),
            "heard": quarters_of(chosen["heard"]),
        }
        for name, values in columns.items():
            self.numbers[name][part] = values

    def members(self) -> tuple[Members, States]:
        """All of them."""
        values = {name: numbers[: self.many] for name, numbers in self.numbers.items()}
        members = Members(
            self.ids,
            self.kinds,
            values["kind"],
            values["first_day"],
            Marks(values["day"], values["heard"]),
            Told(values["tier"], values["why"], values["since"], values["risk"]),
        )
        return members, States(**{name: values[name] for name in COLUMNS})

    def _kinds(self, facts: Sequence[bytes]) -> npt.NDArray[np.int64]:
        """Thousands share a handful of descriptions and models: what is equal is made once."""
        for new in sorted(set(facts) - self.known.keys()):
            self.known[new] = len(self.kinds)
            self.kinds.append(at_closing(_customer(new.decode()), self.day))
        return np.array([self.known[fact] for fact in facts], dtype=np.int64)


def _or_0(days: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """0 for none: PostgreSQL sent the first day there is."""
    return np.where(days <= 1, 0, days)


def _customer(facts: str) -> Customer:
    history, owned, devices, erased_from = facts.split("\n")
    return Customer(
        history=_history(history),
        owned=_owned(owned),
        fitted=_fitted(devices),
        erased_from=date.fromisoformat(erased_from) if erased_from else None,
    )


@lru_cache(maxsize=65_536)
def _history(document: str) -> tuple[Description, ...]:
    return msgspec.json.decode(document, type=tuple[Description, ...])


@lru_cache(maxsize=65_536)
def _owned(document: str) -> tuple[Gain, ...]:
    return msgspec.json.decode(document, type=tuple[Gain, ...])


@lru_cache(maxsize=65_536)
def _fitted(document: str) -> tuple[Fitted, ...]:
    return msgspec.json.decode(document, type=tuple[Fitted, ...])
