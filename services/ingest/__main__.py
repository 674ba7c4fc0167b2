"""Ingest as a process: `python -m services.ingest`, or `... migrate`."""

import gc
from pathlib import Path

from services.ingest.settings import Settings
from services.ingest.wiring import build
from shared.run import main

if __name__ == "__main__":
    # a chunk makes tens of thousands of short-lived objects and no cycles: look for cycles rarely,
    # and never again in what the imports have made
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    main("ingest", Settings, build, Path(__file__).with_name("migrations"))
