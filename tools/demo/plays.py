"""What plays came to in the demo: runs, messages by verdict, tasks, and the mails that were caught."""

import asyncio
import email
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.clock import monotonic
from tools.demo.ask import Asker

SETTLE_S = 20.0  # for mails that are due at the end


@dataclass
class Plays:
    """Of all customers.

    Attributes:
        verdicts: messages by what was decided last and why; channels: by their way and what.
        clicked: by their way, those where what they lead to was opened; replied: those replied to.
        calls: at times that customers have chosen, by what has become of them.
        mails_caught: by the mail catcher; duplicate_effects: of these, more than one of an effect.
    """

    plays: dict[str, dict[str, int]] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)
    channels: dict[str, dict[str, int]] = field(default_factory=dict)
    clicked: dict[str, int] = field(default_factory=dict)
    replied: dict[str, int] = field(default_factory=dict)
    tasks: dict[str, dict[str, int]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    handoffs: dict[str, int | float | None] = field(default_factory=dict)
    mails_caught: int = 0
    duplicate_effects: int = 0

    @property
    def sent(self) -> int:
        """Mails that were let through."""
        return self.channels.get("email", {}).get("send", 0)

    def plain(self) -> dict[str, Any]:
        """Its part of `demo.json`."""
        return {
            "plays": self.plays,
            "messages": {
                way: {
                    **_summed(Counter(by)),
                    "clicked": self.clicked.get(way, 0),
                    "replied": self.replied.get(way, 0),
                }
                for way, by in self.channels.items()
            },
            "verdicts": self.verdicts,
            "tasks": self.tasks,
            "calls": self.calls,
            "handoffs": self.handoffs,
            "mails_caught": self.mails_caught,
            "duplicate_effects": self.duplicate_effects,
        }


def _summed(by: Counter[str]) -> dict[str, int]:
    return {
        "sent": by["send"],
        "held": by["defer"] + by["hold"] + by["asked"],
        "suppressed": by["skip"],
    }


async def gather(asker: Asker, mails: Path) -> Plays:
    """Ask journey and look into the mail catcher; mails that are due get a moment to arrive.

    Args:
        mails: the catcher's folder.
    """
    end_s = monotonic() + SETTLE_S
    while True:
        summary = _plays(await asker.get("journey", "/v1/plays/counts"), _caught(mails))
        arrived = summary.mails_caught - summary.duplicate_effects == summary.sent
        if arrived or monotonic() > end_s:
            return summary
        await asyncio.sleep(1)


def _plays(told: dict[str, Any], caught: Counter[str]) -> Plays:
    plays = {
        name: {
            "entered": entered,
            "ended": told["ended"][name],
            "in_flight": entered - told["ended"][name],
        }
        for name, entered in sorted(told["entered"].items())
    }
    many = caught.total()
    tasks, calls, handoffs = told["tasks"], told["calls"], told["handoffs"]
    return Plays(
        plays, told["messages"], told["channels"], told["clicked"], told["replied"],
        tasks, calls, handoffs, many, many - len(caught),
    )  # fmt: skip


def _caught(folder: Path) -> Counter[str]:
    """Mails that were caught, by Message-ID: in a demo nobody but customers is written to."""
    mails = (email.message_from_bytes(path.read_bytes()) for path in folder.glob("*.eml"))
    return Counter(str(mail["Message-ID"]) for mail in mails)
