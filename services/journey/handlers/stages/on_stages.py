"""What follows when customers enter stages: the one place where that is decided; the others are told."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.journey.domain.days import moment_of
from services.journey.domain.stages.timeline import Entry
from services.journey.handlers.ports import Unit
from shared.events import StageChanged


@dataclass(frozen=True, slots=True)
class Entered:
    """One customer has entered stages.

    Attributes:
        entries: in time order; of a history that only lost some, where it ends now.
        revised: entries that had been told before were taken back.
        cause: identity of what led here: ids of what follows come from it.
    """

    customer: str
    entries: tuple[Entry, ...]
    revised: bool
    cause: str


def on_stages(unit: Unit, entered: Sequence[Entered]) -> None:
    """Act on what `advance` or `update_stages` has found, in the same unit of work."""
    for one in entered:
        _tell(unit, one)


def _tell(unit: Unit, entered: Entered) -> None:
    """Emit a StageChanged for each entry."""
    for n, entry in enumerate(entered.entries):
        unit.emit(
            StageChanged(
                at=moment_of(entry.at), customer=entered.customer, stage=entry.stage,
                cause=entry.cause, previous=entry.previous, revised=entered.revised,
            ),
            key=f"c:{entered.customer}", cause=entered.cause,
            kind=f"stage_changed/{entered.customer}", n=n,
        )  # fmt: skip
