"""`python -m services.journey` runs the service; with `migrate` it migrates its database."""

from pathlib import Path

from services.journey.settings import Settings
from services.journey.wiring import build
from shared.run import main

if __name__ == "__main__":
    main("journey", Settings, build, Path(__file__).with_name("migrations"))
