"""What a playbook leaves out, in the order of the model: stages, plays, measures, people."""

from collections.abc import Sequence

from services.journey.domain.plays.play import Play, Playbook
from services.journey.domain.steps.task import Task


def left_out(playbook: Playbook, stages: Sequence[str]) -> list[str]:
    """Sentences about what nobody has thought of yet; none of it keeps a playbook from being used."""
    plays = list(playbook.plays.values())
    begun = {play.starts.stage for play in plays} | {s for play in plays for s in play.stages}
    complaints = [
        f"stage `{stage}`: no play begins or stays there" for stage in stages if stage not in begun
    ]
    for play in plays:
        if play.goal.is_empty:
            complaints.append(f"play `{play.name}`: no goal, so nothing is measured")
        complaints += [
            f"play `{play.name}`: step `{step.key}` says nothing of what it is for"
            for step in play.steps
            if not step.says and step.does.kind in {"mail", "task"}
        ]
    used = {name for play in plays for name in play.messages}
    complaints += [
        f"message `{name}`: no play sends it" for name in sorted(set(playbook.messages) - used)
    ]
    busy = {team for play in plays for team in _teams(play)}
    complaints += [f"team `{name}`: no play asks it" for name in sorted(set(playbook.teams) - busy)]
    return complaints


def _teams(play: Play) -> set[str]:
    return {step.does.team for step in play.steps if isinstance(step.does, Task)}
