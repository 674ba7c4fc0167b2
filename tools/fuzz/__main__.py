"""`python -m tools.fuzz [--minutes 10] [--seed N]`: exit code 0, the run was clean."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from shared.clock import wall_now
from tools.faults import restarter
from tools.faults.rig import Rig
from tools.fuzz.fuzz import Found, fuzz
from tools.screens.screen import Screen

out = Screen()


async def _run(folder: Path, minutes: float, seed: int) -> Found:
    rig = Rig(folder)
    try:
        await rig.start()
        rig.spawn(restarter.watch(rig))
        await rig.fleet(devices=8, apps=2)
        return await fuzz(rig, minutes * 60, seed, out.print)
    finally:
        await rig.stop()


def main() -> int:
    """Run, say what was found."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=int(wall_now().timestamp()))
    words = parser.parse_args()
    out.print(f"seed {words.seed}")
    with tempfile.TemporaryDirectory(prefix="playcaller-fuzz-") as folder:
        outcome = asyncio.run(_run(Path(folder), words.minutes, words.seed))
    out.print(
        f"{outcome.messages} strange messages, {outcome.requests} strange requests; "
        f"{outcome.events} events of healthy devices compared"
    )
    for sentence in outcome.wrong:
        out.print(f"! {sentence}", style="red", markup=False, soft_wrap=True)
    out.print("Clean." if not outcome.wrong else f"{len(outcome.wrong)} things are wrong.")
    return 1 if outcome.wrong else 0


sys.exit(main())
