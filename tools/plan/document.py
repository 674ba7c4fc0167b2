"""A team's play document: what it does in which play, in the words of the playbook. Pure."""

from collections.abc import Iterator

from services.journey.domain.plays.play import Message, Play, Playbook, Step
from services.journey.domain.plays.team import Linkage, Team
from services.journey.domain.steps.call import Call
from services.journey.domain.steps.hand_over import HandOver
from services.journey.domain.steps.task import Task

HOUR_S, DAY_S = 3_600, 86_400


def document(playbook: Playbook, name: str) -> str:
    """Steps, scripts, messages, measures and escalation of a team, as Markdown."""
    team = playbook.teams[name]
    lines = [f"# {name.capitalize()}", "", team.says, *_about(team), ""]
    for play in playbook.plays.values():
        tasks = [step for step in play.steps if name in _asked(step)]
        if tasks:
            lines += _play(play, tasks, playbook, name)
    lines += _linkages(playbook, name)
    return "\n".join(lines).rstrip() + "\n"


def _about(team: Team) -> Iterator[str]:
    if team.minutes_a_task is not None:
        yield f"A task takes {team.minutes_a_task} minutes."
    if team.calls_at_once > 1:
        yield f"Of customers who choose a time {team.calls_at_once} can choose the same."
    if team.hours is not None:
        yield f"Time to answer and to act runs in its hours, {team.hours.zone}."


def _asked(step: Step) -> set[str]:
    """The teams that a step may ask."""
    does = step.does
    if isinstance(does, HandOver):
        return {does.team, does.taker}
    return {does.team} if isinstance(does, Task) else set()


def _play(play: Play, tasks: list[Step], playbook: Playbook, name: str) -> Iterator[str]:
    yield f"## {play.name.capitalize()}"
    yield ""
    yield play.says
    yield ""
    begins = play.starts.stage or play.starts.happens
    yield f"Begins with: {begins}. Measure: {_measure(play)}."
    yield ""
    for n, step in enumerate(play.steps, 1):
        yield f"{n}. **{step.key}** ({step.does.kind}). {step.says}".rstrip()
    yield ""
    for step in tasks:
        yield from _task(play, step, name)
    for message in sorted(play.messages):
        yield from _message(playbook.messages[message])


def _measure(play: Play) -> str:
    """What tells that it was right."""
    goals = (*play.goal.all, *play.goal.any)
    return " / ".join(f"{goal.fact} {goal.op} {goal.value}" for goal in goals) or "none"


def _task(play: Play, step: Step, name: str) -> Iterator[str]:
    does = step.does
    assert isinstance(does, Task)  # noqa: S101 - whoever calls has looked
    yield f"### {does.title}"
    yield ""
    if isinstance(does, HandOver):
        side = "Offered to you" if does.taker == name else f"You offer it to {does.taker}"
        yield f"{side} by the linkage `{does.linkage}`; who accepts it does it."
        yield ""
    if isinstance(does, Call):
        yield f"At a time that the customer chooses, for {span(does.due_s)}. {does.says}"
    else:
        yield f"Due within {span(does.due_s)}. {does.says}"
    yield ""
    for result in does.outcomes:
        follows = play.after(step.key, result)
        yield f"- {result}: {'the play ends' if follows is None else f'goes on with **{follows.key}**'}"
    yield ""


def _message(message: Message) -> Iterator[str]:
    yield f"### Mail: {message.subject}"
    yield ""
    yield from (f"> {line}".rstrip() for line in message.text.splitlines())
    yield ""


def _linkages(playbook: Playbook, name: str) -> Iterator[str]:
    own = [
        linkage
        for linkage in playbook.linkages.values()
        if name in {linkage.giver, linkage.taker, linkage.escalate}
    ]
    if own:
        yield "## Hand-offs and escalation"
        yield ""
        yield from map(_linkage, own)


def _linkage(linkage: Linkage) -> str:
    return (
        f"- **{linkage.name}**: {linkage.giver} to {linkage.taker}. {linkage.what} Accepted within {span(linkage.accept_s)}, "
        f"else it goes to {linkage.escalate}."
    )


def span(seconds: int) -> str:
    """A span of time as people say it.

    >>> span(86_400), span(7_200), span(1_800)
    ('1 d', '2 h', '30 min')
    """
    if seconds % DAY_S == 0:
        return f"{seconds // DAY_S} d"
    return f"{seconds // HOUR_S} h" if seconds % HOUR_S == 0 else f"{seconds // 60} min"
