"""`./playcaller plan check` and `./playcaller playbook print`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from services.journey.domain.plays.play import Playbook
from services.journey.domain.plays.reading import nearest
from services.journey.domain.plays.schemas import schemas
from services.journey.domain.stages.journey_map import Stage
from services.journey.domain.stages.read_map import read_map
from services.journey.edges.playbook import read_folder
from shared.errors import BadSettings
from tools.plan.check import left_out
from tools.plan.document import document
from tools.screens.screen import Screen

app = typer.Typer(no_args_is_help=True, help="Look at a playbook before it is published.")
playbooks = typer.Typer(no_args_is_help=True, help="What a playbook says, for people.")
HOME_CAMERA = Path("playbooks/home-camera")


@app.callback()
def plan() -> None:
    """Look at a playbook before it is published."""


@playbooks.callback()
def playbook_says() -> None:
    """What a playbook says, for people."""


@playbooks.command("print")
def print_document(
    team: Annotated[str, typer.Option(help="One of `teams.yaml`.")],
    folder: Annotated[Path, typer.Option(help="The playbook's folder.")] = HOME_CAMERA,
) -> None:
    """Write a team's play document, as Markdown: steps, scripts, messages, measures, escalation."""
    _, playbook = _read(folder, Screen(stderr=True))
    if team not in playbook.teams:
        known = nearest(team, list(playbook.teams))
        raise typer.BadParameter(f"--team: no team of this name; {known}")
    typer.echo(document(playbook, team), nl=False)


@playbooks.command("schema")
def write_schemas(
    folder: Annotated[Path, typer.Option(help="The playbook's folder.")] = HOME_CAMERA,
) -> None:
    """Write JSON Schemas for editors into the folder `schemas`, with the words of this playbook."""
    stages, playbook = _read(folder, Screen(stderr=True))
    into = folder / "schemas"
    into.mkdir(exist_ok=True)
    for name, schema in schemas(playbook, [stage.name for stage in stages]).items():
        (into / f"{name}.json").write_text(json.dumps(schema, indent=1) + "\n", "utf-8")
    typer.echo(f"{into}: what editors complete and check by; write it again when words are new.")


def _read(folder: Path, out: Screen) -> tuple[Sequence[Stage], Playbook]:
    """The map's stages and the playbook; ends with 1 and says why if they are no good."""
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
    return stages, playbook


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="The playbook's folder.")] = HOME_CAMERA,
) -> None:
    """Say what is wrong with a playbook, all at once, and what it leaves out; 1 if it is no good."""
    out = Screen()
    stages, playbook = _read(folder, out)
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
