"""`python -m tools.pictures`: every page of the running demo into docs/screens/, changed ones only."""

import argparse
import asyncio
import sys
from pathlib import Path

from tools.installation import Installation, NotRunning, read_endpoints
from tools.local.process import ROOT
from tools.pictures.album import Album
from tools.pictures.walk import walk

MOST_BYTES = 6 * 1024 * 1024


def main() -> None:
    """Walk through the pages and say what has changed; exit code 1: too much, or nothing runs."""
    words = argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__)
    words.add_argument("--folder", type=Path, default=ROOT / ".playcaller-demo")
    words.add_argument("--to", type=Path, default=ROOT / "docs" / "screens")
    asked = words.parse_args()
    here = Installation(asked.folder)
    try:
        console = read_endpoints(here.folder)["console"]
    except NotRunning:
        sys.exit("The demo does not run. Start it with:  make demo KEEP=1")
    album = Album(asked.to)
    asyncio.run(walk(here, console, album))
    album.forget_others()
    size = album.size
    print(f"{album.kept} as before, {album.written} new or changed, {size / 2**20:.1f} MB in all")
    if size > MOST_BYTES:
        sys.exit(f"That is more than {MOST_BYTES / 2**20:.0f} MB.")


if __name__ == "__main__":
    main()
