"""What is asked of a message of a run besides: whether its run still wants it, and its customer's trouble."""

from datetime import datetime, timedelta

from services.journey.domain.customers.state import State, Switches, is_on
from services.journey.domain.days import moment_of
from services.journey.domain.messages.verdict import Outcome, Reason, Verdict
from services.journey.domain.plays.run import Run

USEFUL = timedelta(days=7)
LOOKED_BACK = timedelta(days=8)  # further than any cap
RUN_ENDED = "run_ended"
NOT_WANTED = Verdict(Outcome.SKIP, Reason.TOO_LATE, said=RUN_ENDED)
_ENDED_WITHOUT = frozenset({"reached", "left", "removed", "retired", "stopped"})


def ended_without(run: Run) -> bool:
    """Whether a run is over in a way that leaves no use for what it still had to say."""
    return run.ending in _ENDED_WITHOUT


def has_app(state: State, now: int) -> bool:
    """Whether they have an app that can show something."""
    return any(is_on(changes, now) for changes in state.apps.values())


def trouble(state: State, now: int) -> datetime | None:
    """Since when a ticket is open; None: none is."""
    return _since(state.tickets, now)


def replied(state: State, now: int) -> datetime | None:
    """Since when a reply of theirs waits; None: none does."""
    return _since(state.replies, now)


def _since(switches: Switches, now: int) -> datetime | None:
    on = [changes[-1].at for changes in switches.values() if is_on(changes, now)]
    return moment_of(min(on)) if on else None
