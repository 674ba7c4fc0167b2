"""`./playcaller plan check`."""

from pathlib import Path
from typing import Annotated

import typer

from services.journey.domain.stages.read_map import read_map
from services.journey.edges.playbook import read_folder
from shared.errors import BadSettings
from tools.plan.check import left_out
from tools.screens.screen import Screen

app = typer.Typer(no_args_is_help=True, help="Look at a playbook before it is published.")
HOME_CAMERA = Path("playbooks/home-camera")


@app.callback()
def plan() -> None:
    """Look at a playbook before it is published."""


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="The playbook's folder.")] = HOME_CAMERA,
) -> None:
    """Say what is wrong with a playbook, all at once, and what it leaves out; 1 if it is no good."""
    out = Screen()
    try:
        path = folder / "journey.yaml"
        stages = read_map(path.read_text("utf-8"), str(path)).stages
        playbook, problems = read_folder(folder, [stage.name for stage in stages])
    except (OSError, UnicodeDecodeError, BadSettings) as error:
        out.print(f"{error}", soft_wrap=True)
        raise typer.Exit(1) from None
    for problem in problems:
        out.print(f"{folder}/{problem}", soft_wrap=True)
    if problems:
        out.print(f"Nothing would be published: {len(problems)} to mend.")
        raise typer.Exit(1)
    steps = sum(len(play.steps) for play in playbook.plays.values())
    out.print(
        f"{len(playbook.plays)} plays, {steps} steps, {len(playbook.messages)} messages,"
        f" {len(playbook.teams)} teams,"
        f" {len(playbook.linkages)} linkages: nothing is wrong."
    )
    for n, (step, sentences) in enumerate(left_out(playbook, stages).items(), 1):
        out.print(f"{n} {step}{'' if sentences else ': nothing is missing'}")
        for sentence in sentences:
            out.print(f"  {sentence}", soft_wrap=True)
