"""What follows when customers change: the one place where that is decided; the others are told."""

from services.journey.domain.days import moment_of
from services.journey.handlers.plays.follow import follow
from services.journey.handlers.ports import Unit
from services.journey.handlers.stages.advance import Advanced, Entered
from shared.events import StageChanged


async def on_stages(unit: Unit, advanced: Advanced) -> None:
    """Act on what `advance` or `update_stages` has found, in the same unit of work."""
    for entered in advanced.entered:
        _tell(unit, entered)
    await follow(unit, advanced)


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
