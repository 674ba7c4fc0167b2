"""Commands by which somebody comes in: a token, a link, a new signing key."""

import asyncio
from typing import Annotated

import typer

from tools import installation
from tools.folder import DEFAULT_FOLDER, Folder
from tools.installation import Installation
from tools.local.people import PARTNER, PEOPLE
from tools.screens.screen import Screen

out = Screen()


def token(
    role: Annotated[
        list[str] | None, typer.Option(help="May be given several times; `admin` if left out.")
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Print a token for curl, good for five minutes: whoever reads the signing key may."""
    from shared.web.who import ROLES
    from tools.local.auth import LocalKeys

    roles = [known for known in ROLES if known in (role or ["admin"])]
    if len(roles) != len(role or ["admin"]) or "partner" in roles:
        raise typer.BadParameter(f"--role: one of {', '.join(ROLES)} (a partner uses its key)")
    if not LocalKeys(folder).signing_file.exists():
        raise installation.NotRunning(folder.absolute())
    out.print(LocalKeys(folder).token(*roles), soft_wrap=True)


def login(
    role: Annotated[
        str, typer.Option(help="csm, agent, lead, product, marketing, oncall, admin, partner.")
    ],
    organisation: Annotated[
        str, typer.Option(help="Whose partner agent it is; made where it is not there yet.")
    ] = PARTNER,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Print a link that signs somebody of this role in once, in a browser on this machine."""
    if role not in PEOPLE:
        raise typer.BadParameter(f"--role: one of {', '.join(PEOPLE)}")
    link = asyncio.run(Installation(folder).entry_link(role, organisation))
    out.print(link, markup=False, soft_wrap=True)


def rotate(
    compromised: Annotated[
        bool, typer.Option("--compromised", help="The old key is worth nothing at once.")
    ] = False,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Sign tokens with a new key, while everything runs; old tokens last their five minutes."""
    from tools.local.auth import LocalKeys
    from tools.local.rotation import rotate as to_another

    if not LocalKeys(folder).signing_file.exists():
        raise installation.NotRunning(folder.absolute())
    kid = asyncio.run(to_another(folder, compromised=compromised))
    what = "Tokens of the old one are refused." if compromised else "The old one stays beside it."
    out.print(f"Tokens are signed with key {kid} from now on. {what}")
