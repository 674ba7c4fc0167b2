"""What is held of a customer, and where personal data may live: each service's `store/personal.py`.

Erasure and export read the same lines (`shared/db/held.py`): a table that is not among them is
neither erased nor given out, and a house test says so.

Whoever wants to keep a name, a mail address, a telephone number, a street or what people write
freely, keeps it in one of them and nowhere else. docs/reference/personal-data.md is made of these lines;
tests/acceptance/test_personal_data.py plants data and looks for it everywhere else.
"""

from dataclasses import dataclass
from typing import Literal

Whose = Literal["customers", "staff"]


@dataclass(frozen=True, slots=True)
class Personal:
    """One table with personal data.

    Attributes:
        columns: those of them; the other columns are opaque ids, times and numbers.
        why: what it is needed for.
        kept: how long.
        erased: what an erasure does to it.
    """

    table: str
    columns: tuple[str, ...]
    whose: Whose
    why: str
    kept: str
    erased: str


THEIRS = "customer = ANY(CAST(:customers AS text[]))"
ROWS = "DELETE"
STAYS = "STAYS"
CASCADES = "CASCADES"


@dataclass(frozen=True, slots=True)
class Held:
    """One table that knows customers: what an erasure does to it and what an export takes from it.

    Attributes:
        find: which rows are theirs; an erasure may bind more than `:customers`.
        erases: ROWS deletes them, CASCADES: they go with what they refer to, STAYS: they are no
            trace of a person; else what is set, as UPDATE says it.
        name: in the export; empty: it is shown within another, or by the API's own words.
        gives: what the export shows of a row.
        query: in place of the three before, where a row alone says too little.
        personal: the columns in which there is more than opaque ids.
    """

    table: str
    find: str = THEIRS
    erases: str = ROWS
    name: str = ""
    gives: str = "*"
    order: str = ""
    query: str = ""
    personal: Personal | None = None


def personal_of(held: tuple[Held, ...]) -> tuple[Personal, ...]:
    """The tables among them with personal data."""
    return tuple(table.personal for table in held if table.personal is not None)


AUDIT = Personal(
    table="audit",
    columns=("address",),
    whose="staff",
    why="to say from where a change came; of customers it has opaque ids",
    kept="for ever: it is only ever added to",
    erased="it stays, under the opaque id: what can be changed proves nothing",
)
"""Of every service."""
