"""`python -m services.<name>`: settings, wiring, and one process until it is told to stop."""

import asyncio
import contextlib
import gc
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import log
from shared.assembly import Service
from shared.clock import Clock, StreamClock, WallClock, monotonic, wall_now
from shared.db import revision
from shared.db.engine import make_engine
from shared.errors import BadSettings
from shared.process import Process
from shared.settings import ServiceSettings, load
from shared.stream import erasure

S = TypeVar("S", bound=ServiceSettings)

MIGRATED_S = 60.0  # a command waits as long for the migration that runs beside it

_log = log.get("run")

Build = Callable[[S, AsyncEngine, Clock], Service]


Command = Callable[[S, AsyncEngine, list[str]], Awaitable[None]]
"""Work of a service that is no serving: `python -m services.<name> <command> [words]`."""


def main(
    name: str,
    settings_class: type[S],
    build: Build[S],
    migrations: Path,
    *,
    commands: Mapping[str, Command[S]] | None = None,
) -> None:
    """`python -m services.<name>` runs the service; with `migrate` it migrates its database."""
    try:
        settings = load(settings_class, name)
    except BadSettings as error:
        sys.exit(str(error))
    log.setup(name, settings.log_level)
    if sys.argv[1:] == ["migrate"]:
        from shared.db import migrate  # Alembic costs a running service 0.2 s for nothing

        try:
            before, after = asyncio.run(
                migrate.upgrade(settings.database_url.get_secret_value(), migrations)
            )
        except BadSettings as error:
            sys.exit(str(error))
        _log.info("database %s", f"at {after}" if before == after else f"from {before} to {after}")
        return
    if sys.argv[1:] in (["erased"], ["erase"]):
        asyncio.run(_erasures(name, settings, build, tell=sys.argv[1] == "erased"))
        return
    known = commands or {}
    if sys.argv[1:]:
        if (command := known.get(sys.argv[1])) is not None:
            asyncio.run(_command(settings, command, sys.argv[2:], migrations))
            return
        words = " | ".join(["migrate", "erased", "erase", *known])
        sys.exit(f"python -m services.{name} [{words}]: unknown word {sys.argv[1]!r}")
    try:
        code = uvloop.run(_run(name, settings, build, migrations))
    except BadSettings as error:
        sys.exit(str(error))
    sys.exit(code)


async def _erasures(name: str, settings: S, build: Build[S], *, tell: bool) -> None:
    """`erased` writes the list of the erased, `erase` reads one and applies it: after a restore.

    Both speak JSON, `{"<subject>": "<when it was asked for>"}`, and need the database only.
    """
    engine = make_engine(settings.database_url.get_secret_value(), pool=2)
    try:
        erase = build(settings, engine, WallClock()).erase
        if tell:
            pages = await erasure.everybody(engine)
            listed = {customer: at.isoformat() for page in pages for customer, at in page.items()}
            sys.stdout.write(json.dumps(listed) + "\n")
        elif erase is not None:
            given = {k: datetime.fromisoformat(at) for k, at in json.load(sys.stdin).items()}
            await erasure.again(engine, name, erase, given, wall_now())
    finally:
        await engine.dispose()


async def _command(settings: S, command: Command[S], words: list[str], migrations: Path) -> None:
    engine = make_engine(settings.database_url.get_secret_value(), pool=2)
    end = monotonic() + MIGRATED_S
    try:
        while not await revision.is_current(engine, migrations):  # it may run beside the migration
            if monotonic() > end:
                sys.exit("The database is not at its newest revision: `./playcaller migrate`")
            await asyncio.sleep(0.1)
        await command(settings, engine, words)
    finally:
        await engine.dispose()


def _calm_collector() -> None:
    """What was loaded at start never becomes garbage; batches make little that has cycles.

    Measured on journey's fold: 72 us a state with the default thresholds, 15 us without.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


async def _run(name: str, settings: S, build: Build[S], migrations: Path) -> int:
    engine = make_engine(settings.database_url.get_secret_value(), application=name)
    clock: Clock = StreamClock() if settings.clock == "stream" else WallClock()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stopping.set)
    try:
        service = build(settings, engine, clock)
        process = Process(service, settings, stopping)
        _calm_collector()
        return await process.run(migrations)
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5.0):
                await engine.dispose()
