"""What journey decides by, read once at the start."""

from dataclasses import dataclass, field

from services.journey.domain.plays.play import Playbook
from services.journey.domain.stages.journey_map import JourneyMap


@dataclass(frozen=True, slots=True)
class Rules:
    """What the owner of a journey has laid down.

    Attributes:
        versions: of the plays, once they are published: filled when the service starts.
    """

    journey: JourneyMap
    playbook: Playbook = field(default_factory=Playbook)
    versions: dict[str, int] = field(default_factory=dict)
