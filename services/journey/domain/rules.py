"""What journey decides by, read once at the start."""

from dataclasses import dataclass

from services.journey.domain.stages.journey_map import JourneyMap


@dataclass(frozen=True, slots=True)
class Rules:
    """What the owner of a journey has laid down."""

    journey: JourneyMap
