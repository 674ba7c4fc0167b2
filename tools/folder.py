"""The argument of all commands that says which installation is meant."""

from pathlib import Path
from typing import Annotated

import typer

from tools.local.servers import DEFAULT_FOLDER as DEFAULT_FOLDER

Folder = Annotated[
    Path,
    typer.Option(envvar="PLAYCALLER_HOME", help="Where data, logs and addresses are kept."),
]
