"""What a playbook leaves out, step by step of the model: from the map to what is scaled."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from services.journey.domain.plays.check_play import behind
from services.journey.domain.plays.play import Play, Playbook
from services.journey.domain.rehearsals.past import facts_of
from services.journey.domain.stages.journey_map import Stage
from services.journey.domain.stages.touch_point import TouchPoint
from services.journey.domain.steps.ask import Ask
from services.journey.domain.steps.hand_over import HandOver
from services.journey.domain.steps.rate import Rate
from services.journey.domain.steps.task import Task
from services.journey.domain.steps.wait import Wait
from services.journey.domain.steps.wait_for import WaitFor

PERSONAL = ("phone", "chat", "meeting")  # channels on which a person speaks with a customer
ACTING = frozenset({"mail", "in_app", "task", "hand_over", "call", "ask", "rate"})
SCALED = ("referrals", "purchases", "devices")  # facts that say that a customer brings more


def left_out(playbook: Playbook, stages: Sequence[Stage]) -> Mapping[str, list[str]]:
    """By step, sentences about what nobody has thought of yet; none keeps a playbook from being used."""
    plays = list(playbook.plays.values())
    return {
        "map the journey": [*_map(stages), *_channels(plays, stages)],
        "design plays": list(_plays(playbook, stages)),
        "assign them": _nobody_asks(playbook),
        "link the teams": list(_links(playbook)),
        "run them": _nobody_sends(playbook),
        "measure": [sentence for play in plays for sentence in _measured(play)],
        "find who is at risk": _none_asks(plays, ["risk_tier"], "the risk of a customer"),
        "act on it": [
            f"play `{play.name}`: begins with a risk and has no task, so no person ever helps"
            for play in plays
            if _begins_with_risk(play) and not _teams(play)
        ],
        "sustain or scale": _none_asks(plays, SCALED, "referrals, purchases or devices"),
    }


def _measured(play: Play) -> Iterator[str]:
    """What is done last shows after it: who does not wait for the goal calls all of them missed."""
    if play.goal.is_empty:
        yield f"play `{play.name}`: no goal, so nothing is measured"
        return
    goal = {comparison.fact for comparison in (*play.goal.all, *play.goal.any)}
    if goal <= {step.does.fact for step in play.steps if isinstance(step.does, Ask | Rate)}:
        return  # an answer is the goal: nothing follows it
    waits = {step.key for step in play.steps if isinstance(step.does, Wait | WaitFor)}
    for key, reached in behind(play.steps).items():
        step = play.step(key)
        if step is not None and step.does.kind in ACTING and not reached & waits:
            yield f"play `{play.name}`: nothing is waited for after `{key}`, so a goal reached by it counts as missed"


def _begins_with_risk(play: Play) -> bool:
    """Whether it acts on a risk; an offer that spares who is at risk does not."""
    starts = play.starts
    asked = {comparison.fact for comparison in (*starts.when.all, *starts.when.any)}
    return "risk_tier" in asked | {starts.happens}


def _map(stages: Sequence[Stage]) -> Iterator[str]:
    for stage in stages:
        if not stage.touch_points:
            yield f"stage `{stage.name}`: no touch points"
        for touch_point in stage.touch_points:
            where = f"stage `{stage.name}`: touch point `{touch_point.moment}`"
            if touch_point.goal is None:
                yield f"{where}: no goal"
            if touch_point.gives is None:
                yield f"{where}: gives the customer nothing of value"


def _channels(plays: Sequence[Play], stages: Sequence[Stage]) -> Iterator[str]:
    """Channels that plays use and the map does not know of."""
    mapped = {touch_point.channel for stage in stages for touch_point in stage.touch_points}
    if "email" not in mapped and any(play.messages for play in plays):
        yield "channel `email`: plays write to customers, and no touch point says when"
    if mapped.isdisjoint(PERSONAL) and any(_teams(play) for play in plays):
        yield f"channels {', '.join(PERSONAL)}: plays ask persons, and no touch point says when"


def _plays(playbook: Playbook, stages: Sequence[Stage]) -> Iterator[str]:
    plays = list(playbook.plays.values())
    begun = {play.starts.stage for play in plays} | {s for play in plays for s in play.stages}
    for stage in stages:
        if stage.name not in begun:
            yield f"stage `{stage.name}`: no play begins or stays there"
        for touch_point in stage.touch_points:
            if (said := _done_by(touch_point, playbook)) is not None:
                yield f"stage `{stage.name}`: touch point `{touch_point.moment}`: {said}"
    for play in plays:
        for step in play.steps:
            if not step.says and step.does.kind in {"mail", "task", "call", "hand_over"}:
                yield f"play `{play.name}`: step `{step.key}` says nothing of what it is for"


def _done_by(touch_point: TouchPoint, playbook: Playbook) -> str | None:
    """What keeps a touch point from being done by its play."""
    if touch_point.play is None:
        return "no play"
    play = playbook.plays.get(touch_point.play)
    if play is None:
        return f"there is no play `{touch_point.play}`"
    if touch_point.channel == "email" and not play.messages:
        return f"play `{touch_point.play}` writes nothing"
    if touch_point.channel in PERSONAL and not _teams(play):
        return f"play `{touch_point.play}` asks no person"
    return None


def _links(playbook: Playbook) -> Iterator[str]:
    """A play that asks several teams hands customers over between them."""
    linked = {frozenset((linkage.giver, linkage.taker)) for linkage in playbook.linkages.values()}
    for play in playbook.plays.values():
        for pair in combinations(sorted(_teams(play)), 2):
            if frozenset(pair) not in linked:
                yield f"play `{play.name}`: {' and '.join(pair)} have no linkage between them"
    for name, team in playbook.teams.items():
        alone = not any(name in pair for pair in linked)
        if alone and team.organisation is not None:
            yield f"team `{name}`: a partner's, and no linkage leads to it"


def _nobody_asks(playbook: Playbook) -> list[str]:
    busy = {team for play in playbook.plays.values() for team in _teams(play)}
    busy |= {
        team for linkage in playbook.linkages.values() for team in (linkage.taker, linkage.escalate)
    }
    idle = [f"team `{name}`: no play asks it" for name in sorted(set(playbook.teams) - busy)]
    return idle + [
        f"team `{name}`: no `minutes_a_task` and `hours_a_day`, so no rehearsal knows what is too much"
        for name, team in sorted(playbook.teams.items())
        if team.minutes_a_task is None or team.hours_a_day is None
    ]


def _nobody_sends(playbook: Playbook) -> list[str]:
    used = {name for play in playbook.plays.values() for name in play.messages}
    return [f"message `{name}`: no play sends it" for name in sorted(set(playbook.messages) - used)]


def _none_asks(plays: Sequence[Play], facts: Sequence[str], what: str) -> list[str]:
    asked = {fact for play in plays for fact in facts_of(play)}
    return [] if asked & set(facts) else [f"no play asks for {what}"]


def _teams(play: Play) -> set[str]:
    tasks = [step.does for step in play.steps if isinstance(step.does, Task)]
    return {task.team for task in tasks} | {t.taker for t in tasks if isinstance(t, HandOver)}
