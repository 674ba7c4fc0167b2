"""The command line: run the whole system for work, look at it, and play the demo."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from shared.errors import BadSettings
from tools import checks, installation, sign_in
from tools.folder import DEFAULT_FOLDER, Folder
from tools.installation import Installation
from tools.local.errors import LocalError
from tools.local.process import PRIVATE
from tools.local.servers import alone
from tools.on_demand import OnDemand
from tools.screens.say import Progress
from tools.screens.screen import Screen


class Commands(OnDemand):
    """Those of this file, and the groups that have one of their own."""

    elsewhere: ClassVar = {
        "fleet": "tools.fleet.cli:app",
        "backtest": "tools.backtest.cli:app",
        "plan": "tools.plan.cli:app",
        "playbook": "tools.plan.cli:playbooks",
        "ca": "tools.local.ca:app",
    }


app = typer.Typer(
    cls=Commands,
    help="Playcaller on this machine. `up` starts everything for work, `demo` plays 90 days.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="The keys that tokens are signed with.", no_args_is_help=True)
app.add_typer(keys, name="keys")
erasures = typer.Typer(help="Customers who are erased.", no_args_is_help=True)
app.add_typer(erasures, name="erasures")
out = Screen()
err = Screen(stderr=True)


@app.command()
def up(folder: Folder = DEFAULT_FOLDER) -> None:
    """Start servers and services in the background and wait until all are ready."""
    from tools.supervisor import begin as supervisor

    here = Installation(folder)
    try:
        with alone(here.folder):
            asyncio.run(supervisor.end(here.folder))
            admin_link = supervisor.begin(here.folder)
    except BaseException:
        rest = ", ".join(here.pids())
        still = f"Still running: {rest}. `./playcaller down` stops it." if rest else "Nothing runs."
        err.print(f"Not all is up. {still}")
        raise
    installation_summary(here, admin_link)


@app.command()
def down(folder: Folder = DEFAULT_FOLDER) -> None:
    """Stop what `up` started; the data stays."""
    with alone(folder):
        asyncio.run(Installation(folder).down(Progress(out)))
    out.print(f"Stopped. The data is kept in {folder}; `./playcaller up` goes on with it.")


@app.command()
def status(
    folder: Folder = DEFAULT_FOLDER,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show whether every server, service and topic is healthy; exit code 1 when one is not."""
    from tools.screens import status as screen  # start-up time of other commands

    state = asyncio.run(screen.look(Installation(folder)))
    if as_json:
        out.print(state.to_json(), markup=False, soft_wrap=True)
    else:
        screen.draw(state, out)
    raise typer.Exit(0 if state.healthy else 1)


@app.command()
def logs(
    service: Annotated[str | None, typer.Argument(help="All when left out.")] = None,
    lines: Annotated[int, typer.Option("-n", "--lines", help="How many last lines.")] = 50,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Wait for more.")] = False,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Show the last log lines of one server or service, or of all, in order of time."""
    from tools.screens import logs as screen

    screen.show(folder, service, lines, follow=follow, out=out)


@app.command()
def reset(
    folder: Folder = DEFAULT_FOLDER,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Stop everything and delete all data of `up`, after you typed `delete`."""
    here = Installation(folder)
    if not yes:
        out.print(f"This deletes all customers, tickets, events and logs in {folder}.")
        if typer.prompt("Type `delete` to go on", default="", show_default=False) != "delete":
            out.print("Nothing was deleted.")
            raise typer.Exit(1)
    with alone(folder):
        asyncio.run(here.reset(Progress(out)))
    out.print("Deleted. `./playcaller up` starts with empty databases.")


for command in (
    sign_in.token,
    sign_in.login,
    checks.audit,
    checks.reconcile,
    checks.gaps,
):
    app.command()(command)
keys.command()(sign_in.rotate)


@app.command()
def show(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Draw one customer's life: stages, daily uses, faults, tickets, risk."""
    from tools.local.auth import Operator
    from tools.screens import life

    urls = installation.urls(folder)
    story = asyncio.run(life.read(urls, customer, Operator(folder)))
    life.draw(story, out)


@app.command()
def rehearse(
    play: Annotated[str, typer.Argument(help="The play's name.")],
    history: Annotated[str, typer.Option(help="How far back, in days.")] = "90d",
    playbook: Annotated[
        Path | None, typer.Option(help="The folder of one that is not published yet.")
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Let customers live through a play once more, from their known past; nothing is sent."""
    from services.journey.edges.playbook import read_texts
    from tools.local.auth import Operator
    from tools.screens import rehearsed

    days, files = rehearsed.days(history), None if playbook is None else read_texts(playbook)
    if files == {}:
        raise typer.BadParameter(f"--playbook: {playbook} has no plays, messages or teams")
    url = installation.urls(folder)["journey"]
    rehearsed.draw(asyncio.run(rehearsed.ask(url, play, days, files, Operator(folder), err)), out)


@erasures.command()
def reapply(
    service: Annotated[
        list[str] | None, typer.Option(help="May be given several times; all when left out.")
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Erase again whoever is erased anywhere: after a restore, before the services start."""
    from tools.local.erasures import WHERE

    wanted = service or list(WHERE)
    if set(wanted) - set(WHERE):
        raise typer.BadParameter(f"--service: one of {', '.join(WHERE)}")
    count = asyncio.run(Installation(folder).reapply_erasures(wanted))
    out.print(f"{count} erasures hold in {', '.join(wanted)}.")


@app.command()
def demo(
    customers: Annotated[int, typer.Option(min=1, help="How many households.")] = 1000,
    days: Annotated[int, typer.Option(min=1, help="How many simulated days.")] = 90,
    seed: Annotated[int, typer.Option(help="The same seed plays the same lives.")] = 1,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Leave it running; `down --folder .playcaller-demo` ends it."),
    ] = False,
) -> None:
    """Let a fleet live through many days on real servers, and check that every event counted."""
    from tools.demo import run as play

    raise typer.Exit(asyncio.run(play.run(customers=customers, days=days, seed=seed, keep=keep)))


@app.command()
def migrate(folder: Folder = DEFAULT_FOLDER) -> None:
    """Bring every service's database to the present shape (the servers must run)."""
    asyncio.run(Installation(folder).migrate(Progress(out)))


@app.command()
def topics(
    bootstrap: Annotated[
        str | None,
        typer.Option(envvar="KAFKA_BOOTSTRAP_SERVERS", help="Left out: the Kafka of `up`."),
    ] = None,
    single: Annotated[
        bool, typer.Option("--single", help="One copy of each partition is enough.")
    ] = False,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Make the Kafka topics that do not exist yet; waits for Kafka."""
    from shared.stream import admin

    where = bootstrap or Installation(folder).kafka()
    changes = asyncio.run(admin.ensure_topics(where, single=single or bootstrap is None))
    out.print(
        f"Made {len(changes)} topics: {', '.join(changes)}" if changes else "All topics are there."
    )


def installation_summary(here: Installation, admin_link: str | None) -> None:
    """Say where everything is and what to try next."""
    from tools.screens import addresses

    addresses.draw(installation.read_endpoints(here.folder), here.folder, admin_link, out)


def main() -> None:
    """Run a command; what a person can cure ends in a plain message, not in a traceback."""
    os.umask(PRIVATE)  # what is written is for its owner
    try:
        app(prog_name="playcaller")
    except (LocalError, BadSettings) as problem:
        err.print(str(problem), markup=False, soft_wrap=True)
        sys.exit(1)
