"""`python -m services.analytics` runs the service; `... migrate` brings its database up to date."""

from pathlib import Path

from services.analytics.settings import Settings
from services.analytics.wiring import build
from shared.run import main

if __name__ == "__main__":
    main("analytics", Settings, build, Path(__file__).with_name("migrations"))
