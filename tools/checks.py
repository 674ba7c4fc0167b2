"""Commands that compare what is stored with what should be: audit, reconcile, gaps."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from tools import installation
from tools.folder import DEFAULT_FOLDER, Folder
from tools.screens.screen import Screen

out = Screen()
err = Screen(stderr=True)


def audit(
    heads: Annotated[
        Path | None,
        typer.Option(help="Heads kept the last time; these walks must pass them. Written anew."),
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Verify every service's audit; with --heads also that nothing is missing at its end."""
    from tools import chains

    kept = {} if heads is None else chains.read(heads)
    urls = installation.urls(folder)
    walked = asyncio.run(chains.walk_installation(folder.absolute(), urls, kept))
    for service, chain in walked.items():
        out.print(chains.said(service, chain), soft_wrap=True)
    if any(chain.broken for chain in walked.values()):
        err.print("Somebody who owns the database changed what may only be added to.")
        raise typer.Exit(1)
    if heads is not None:
        chains.write(heads, walked)
        out.print(f"Heads kept in {heads}: store it where the databases are not.", soft_wrap=True)


def reconcile(
    apply: Annotated[
        bool, typer.Option("--apply", help="Publish again what Kafka has lost; moves no offset.")
    ] = False,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Compare every database with Kafka: is the log the one that was read, is all there that was told?"""
    from shared.clock import wall_now
    from tools.reconcile.reconcile import reconcile as compare
    from tools.screens import reconciled

    places = installation.read_endpoints(folder)
    urls = {n: u.replace("postgresql", "postgresql+asyncpg", 1) for n, u in places["postgresql"].items()}  # fmt: skip
    consuming = {name: url for name, url in urls.items() if name != "console"}
    lines = asyncio.run(compare(places["kafka"], consuming, wall_now(), apply=apply))
    reconciled.draw(lines, out)
    raise typer.Exit(1 if any(line.wrong for line in lines) else 0)


def gaps(
    source: Annotated[
        str | None, typer.Argument(help="A device or app; all when left out.")
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """List the numbers of sources that no service, or not every one, has counted, and why."""
    from tools.gaps.read import read
    from tools.screens import gaps as screen

    places = installation.read_endpoints(folder)["postgresql"]
    numbers_missing = asyncio.run(
        read({n: url for n, url in places.items() if n != "console"}, source)
    )
    screen.draw(numbers_missing, out)
    raise typer.Exit(1 if any(not gap.why for gap in numbers_missing) else 0)
