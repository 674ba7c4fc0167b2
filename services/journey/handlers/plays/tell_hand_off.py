"""Hand-offs are told to the other services; those of tasks that are over are taken back."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from services.journey.handlers.ports import Unit
from shared.events import HandOffChanged

Change = Literal["offered", "accepted", "declined", "expired", "withdrawn"]


def tell(unit: Unit, row: Mapping[str, Any], change: Change, owner: str) -> None:
    """Tell what became of one; `owner`: the team that owns the task from now on."""
    unit.emit(
        HandOffChanged(
            at=unit.now, customer=row["customer"], hand_off=row["id"], task=row["task"],
            linkage=row["linkage"], giver=row["giver"], taker=row["taker"], owner=owner,
            change=change, version=row["version"],
        ),
        key=f"c:{row['customer']}", cause=f"hand_off:{row['id']}", kind=f"hand_off_{change}",
        n=row["version"],
    )  # fmt: skip


async def take_back(unit: Unit, tasks: Sequence[str]) -> None:
    """Nobody needs to answer any more: these tasks are done, or needed no more."""
    for row in await unit.store.hand_offs.take_back(tasks, unit.now):
        tell(unit, row._mapping, "withdrawn", row.giver)  # noqa: SLF001 - its public name
