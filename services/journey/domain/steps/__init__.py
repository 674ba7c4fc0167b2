"""Every kind of steps. A new one is a file and a line here."""

from services.journey.domain.steps import branch, mail, task, wait, wait_for
from services.journey.domain.steps.step import Kind

STEPS: tuple[Kind, ...] = (mail.KIND, task.KIND, wait.KIND, wait_for.KIND, branch.KIND)
BY_WORD: dict[str, Kind] = {kind.name: kind for kind in STEPS}
