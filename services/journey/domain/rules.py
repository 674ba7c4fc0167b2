"""What journey decides by, read once at the start."""

from dataclasses import dataclass, field

from services.journey.domain.messages.verdict import Rules as Sending
from services.journey.domain.plays.play import Playbook
from services.journey.domain.stages.journey_map import JourneyMap


@dataclass(frozen=True, slots=True)
class Rules:
    """What the owner of a journey has laid down.

    Attributes:
        sending: quiet hours, caps: what speaks against a message.
        versions: of the plays, once they are published: filled when the service starts.
    """

    journey: JourneyMap
    playbook: Playbook = field(default_factory=Playbook)
    sending: Sending = field(default_factory=Sending)
    versions: dict[str, int] = field(default_factory=dict)
