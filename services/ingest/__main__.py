"""Ingest as a process: `python -m services.ingest`, or `... migrate`."""

from pathlib import Path

from services.ingest.settings import Settings
from services.ingest.wiring import build
from shared.run import main

if __name__ == "__main__":
    main("ingest", Settings, build, Path(__file__).with_name("migrations"))
