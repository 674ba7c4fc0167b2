"""Migrate every service's database in one process: the libraries load once, not four times.

Run as `python -m tools.local.migrations` with `{"service": "url", ...}` on standard input, so that
no password is seen in the list of processes.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.local.errors import DidNotStart
from tools.local.process import ROOT

PATIENCE_S = 300  # many migrations, on a machine that has other things to do


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
        try:
            async with asyncio.timeout(PATIENCE_S):
                await child.communicate(json.dumps(dict(urls)).encode())
        except TimeoutError as error:
            raise DidNotStart("migrations", f"took longer than {PATIENCE_S} s", log) from error
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
    if child.returncode != 0:
        raise DidNotStart("migrations", "failed", log)


async def _upgrade_all(urls: Mapping[str, str]) -> None:
    from shared.db.migrate import upgrade

    for service, url in urls.items():  # one after the other: Alembic's context is a global
        before, after = await upgrade(url, ROOT / "services" / service / "migrations")
        print(f"{service}: {f'at {after}' if before == after else f'from {before} to {after}'}")


if __name__ == "__main__":
    asyncio.run(_upgrade_all(json.load(sys.stdin)))
