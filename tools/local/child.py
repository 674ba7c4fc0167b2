"""A child process that is given something, answers and ends."""

import asyncio
from asyncio.subprocess import Process
from pathlib import Path

from tools.local.errors import DidNotStart

PATIENCE_S = 300  # many migrations, on a machine that has other things to do


async def answer_of(child: Process, given: bytes, name: str, task: str, log: Path) -> bytes:
    """What it says on its standard output, if that is a pipe; it has ended then, whatever happens.

    Raises: DidNotStart: it could not do its task, or not in time; with the last words of its log.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            said, _ = await child.communicate(given)
    except TimeoutError as error:
        raise DidNotStart(name, f"took longer than {PATIENCE_S} s to {task}", log) from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        raise DidNotStart(name, f"could not {task}", log)
    return said or b""
