"""Where personal data may live: each service names its tables in `store/personal.py`.

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


AUDIT = Personal(
    table="audit",
    columns=("address",),
    whose="staff",
    why="to say from where a change came; of customers it has opaque ids",
    kept="for ever: it is only ever added to",
    erased="it stays, under the opaque id: what can be changed proves nothing",
)
"""Of every service."""
