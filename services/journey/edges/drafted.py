"""What is played, with the messages of a play's draft in place of what they are."""

from dataclasses import replace
from typing import Any

from services.journey.domain.rules import Rules
from services.journey.edges.playbook import read_play
from services.journey.errors import PlaybookWrong
from shared.errors import NotFound


def drafted(rules: Rules, play: str, draft: Any | None) -> Rules:
    """The rules as the draft has them. Raises: NotFound: there is none; PlaybookWrong."""
    if draft is None:
        raise NotFound("draft", play, f"there is no draft of {play}")
    stages = [stage.name for stage in rules.journey.stages]
    playbook, problems = read_play(stages, play, draft.files, rules.playbook)
    if problems:
        raise PlaybookWrong([str(problem) for problem in problems])
    return replace(rules, playbook=playbook)
