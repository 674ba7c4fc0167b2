"""A customer has replied to a mail: somebody of a team sees to it, and plays are silent until then."""

from services.journey.domain.customers.state import State, Switch, is_on, turn
from services.journey.domain.plays.play import DAY
from services.journey.domain.plays.run import OpenTask

TITLE = "Answer their mail"
SAYS = (
    "They have replied to our mail “{message}”. Their words are in the mailbox that replies to us go to. "
    "Answer them, or call. Until you say what came of it, no play writes to them: they get only what they "
    "are owed."
)
RESULTS = ("answered", "needs no answer")
WITHIN_S = DAY
OF_NO_STEP = 0  # visits of steps are counted from one


def task_of(team: str, message: str, id_: str, step: str, now: int) -> OpenTask:
    """What is to be done about a reply; nothing that comes of it is told to the run.

    Args:
        message: its name; id_: of what was sent.
    """
    says = SAYS.format(message=message.replace("-", " ").capitalize())
    return OpenTask(
        team, TITLE, says, now + WITHIN_S, RESULTS, step, OF_NO_STEP, n=now, reply_to=id_
    )


def note(state: State, message: str, at: int, *, waits: bool) -> int | None:
    """Fold that a reply waits, or does not any more; None: it is so already."""
    before = state.replies.get(message, [])
    if is_on(before, at) == waits:
        return None
    version = before[-1].version + 1 if before else 1
    cause = f"reply:{message}/{version}"
    return at if turn(state.replies, message, Switch(version, at, cause, waits)) else None
