"""`python -m services.console` runs it; `... migrate` its database; `... bootstrap` first keys."""

from pathlib import Path

from services.console.edges.commands import bootstrap, enter
from services.console.settings import Settings
from services.console.wiring import build
from shared.run import main

if __name__ == "__main__":
    main(
        "console",
        Settings,
        build,
        Path(__file__).with_name("migrations"),
        commands={"bootstrap": bootstrap, "enter": enter},
    )
