"""`python -m services.support` runs the service; `... migrate` brings its database up to date."""

from pathlib import Path

from services.support.settings import Settings
from services.support.wiring import build
from shared.run import main

if __name__ == "__main__":
    main("support", Settings, build, Path(__file__).with_name("migrations"))
