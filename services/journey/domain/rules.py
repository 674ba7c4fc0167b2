"""What journey decides by: read at the start, and again whenever a play is published, paused or retired."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.journey.domain.messages.verdict import Rules as Sending
from services.journey.domain.plays.lives import Lives
from services.journey.domain.plays.play import Message, Play, Playbook
from services.journey.domain.referrals.redemption import Rewards
from services.journey.domain.stages.journey_map import JourneyMap


@dataclass(slots=True)
class Shelf:
    """What a process has read of plays' versions, which never change.

    Attributes:
        newest: the rules as they were read last; None: not yet.
    """

    read: dict[tuple[str, int], Play] = field(default_factory=dict)
    newest: "Rules | None" = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the owner of a journey has laid down.

    Attributes:
        playbook: its plays as they are played now.
        sending: quiet hours, caps: what speaks against a message.
        keys: by shop, what it signs with; two while one is being changed.
        rewards: of referrals.
        versions: of the plays, once they are published.
    """

    journey: JourneyMap
    playbook: Playbook = field(default_factory=Playbook)
    sending: Sending = field(default_factory=Sending)
    keys: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict, repr=False)
    rewards: Rewards = field(default_factory=Rewards)
    versions: dict[str, int] = field(default_factory=dict)
    lives: Lives = field(default_factory=Lives)
    shelf: Shelf = field(default_factory=Shelf, compare=False, repr=False)

    def play_of(self, play: str, version: int) -> tuple[Play, int] | None:
        """The version that a run goes on with; None: the play is retired."""
        kept = self.lives.older.get((play, version))
        if kept is not None:
            return kept, version
        newest = self.playbook.plays.get(play)
        return None if newest is None else (newest, self.versions.get(play, version))

    def message(self, play: str, version: int, name: str) -> Message | None:
        """A message as the version of a play says it; None: it says it no more."""
        played = self.play_of(play, version)
        said = None if played is None else played[0].mails.get(name)
        return said or self.playbook.messages.get(name)
