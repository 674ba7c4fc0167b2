"""Migrate every service's database in one process: the libraries load once, not four times.

Run as `python -m tools.local.migrations` with `{"service": "url", ...}` on standard input, so that
no password is seen in the list of processes.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.local.child import answer_of
from tools.local.process import ROOT


async def migrate(urls: Mapping[str, str], log: Path) -> None:
    """Bring these databases to the present shape. Raises DidNotStart with the last words."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tools.local.migrations"),
            stdin=asyncio.subprocess.PIPE,
            stdout=out,
            stderr=out,
            cwd=ROOT,
        )
        given = json.dumps(dict(urls)).encode()
        await answer_of(child, given, "migrations", "migrate the databases", log)


async def _upgrade_all(urls: Mapping[str, str]) -> None:
    from shared.db.migrate import upgrade

    for service, url in urls.items():  # one after the other: Alembic's context is a global
        before, after = await upgrade(url, ROOT / "services" / service / "migrations")
        print(f"{service}: {f'at {after}' if before == after else f'from {before} to {after}'}")


if __name__ == "__main__":
    asyncio.run(_upgrade_all(json.load(sys.stdin)))
