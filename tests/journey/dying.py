"""Lives of journey, each killed at another commit and taken over: `dying DATABASE SMTP FOLDER PLAY`.

Prints a line of JSON for each point. A fork for each life: only the first pays for the imports.
"""

import asyncio
import contextlib
import email
import itertools
import json
import os
import signal
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event, text

from services.journey.handlers.calls.book import choose
from services.journey.handlers.calls.keep import fire_calls
from services.journey.handlers.plays.tasks import finish
from shared.db.engine import make_engine
from shared.errors import Refusal
from shared.stream.transaction import transaction
from shared.web.who import Who
from tests.journey.conftest import empty
from tests.journey.engine import HOUR, NOON, Engine, started, with_address
from tests.journey.plays import text as play

SERIES = play("""
  - {step: more, offer: promotion, product: cam-2, discount: 15, valid: 10d, then: {refused: first}}
  - {step: first, mail: one}
  - {step: rest, wait: 1h}
  - {step: second, mail: two}
  - {step: call, task: Call, team: onboarding, do: Call., due: 1d, results: [helped]}
""")
CUSTOMERS = ("c-1",)
SOLD = "INSERT INTO product (id, name, kind, price) VALUES ('cam-2', 'Camera 2', 'device', 100)"
MINUTE = timedelta(minutes=1)


async def life(url: str, smtp: str, *, die_at: int | None) -> None:
    """From the event to the task; killed before it commits for the so-manyth time."""
    engine = make_engine(url)
    passed = itertools.count(1)

    def reached(*_) -> None:
        if next(passed) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    journey = Engine(engine, SERIES, smtp=smtp)
    await journey.publish()
    if die_at is not None:
        await with_address(engine, *CUSTOMERS)
        async with engine.begin() as connection:
            await connection.execute(text(SOLD))
        event.listen(engine.sync_engine, "commit", reached)
    else:
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE effect SET lease_until = now() - interval '1 s'"))
    await journey.handle(*(started(NOON, one) for one in CUSTOMERS), now=NOON)
    for hours in (0, 2):
        now = NOON + hours * HOUR
        await journey.fire(now)
        for minutes in range(3 if die_at is None else 1):
            await journey.send(now + minutes * MINUTE)
    await journey.fire(NOON + 3 * HOUR)
    await engine.dispose()


CALLS = play("""
  - {step: talk, call: A call, team: callers, message: books, confirm: agreed, length: 15m, at_most: 3d, do: Ask.,
     results: [helped], then: {helped: call}}
  - {step: call, task: Call, team: onboarding, do: Call., due: 1d, results: [helped]}
""")
TIME = NOON + 20 * HOUR  # 09:00 in Berlin, the day after


async def call(url: str, smtp: str, *, die_at: int | None) -> None:
    """From an invitation to a call that was held; killed as above, from the customer's choice on."""
    engine = make_engine(url)
    passed = itertools.count(1)

    def reached(*_) -> None:
        if next(passed) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    journey = Engine(engine, CALLS, smtp=smtp)
    await journey.publish()
    if die_at is not None:
        await with_address(engine, *CUSTOMERS)
        await journey.handle(started(NOON, *CUSTOMERS), now=NOON)
        await journey.send(NOON)
        event.listen(engine.sync_engine, "commit", reached)
    else:
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE effect SET lease_until = now() - interval '1 s'"))
    who = Who("account:a", "person", frozenset({"csm"}))

    async def does(at, act) -> None:
        journey.clock.moment = at
        with contextlib.suppress(Refusal):  # done by the life before
            async with journey.units.begin(who) as unit:
                (row,) = await unit.store.calls.of_customer(*CUSTOMERS)
                await act(unit, row)

    async def is_told(at) -> None:
        for minutes in range(3 if die_at is None else 1):
            await journey.send(at + minutes * MINUTE)

    await does(NOON, lambda unit, row: choose(unit, row.token, TIME))
    await is_told(NOON)
    async with transaction(engine, "journey", TIME - HOUR) as tx:
        await journey.units.due(fire_calls)(tx)
    await is_told(TIME - HOUR)
    await does(TIME + HOUR, lambda unit, row: finish(unit, row.task, "helped", None))
    await engine.dispose()


async def found(url: str, folder: str) -> dict:
    """What has come of it."""
    engine = make_engine(url)

    async def all_of(query: str) -> list:
        async with engine.connect() as connection:
            return [list(row) for row in await connection.execute(text(query))]

    files = Path(folder).glob("*.eml")  # noqa: ASYNC240 - nothing else runs
    mails = (email.message_from_bytes(path.read_bytes()) for path in files)
    told = {
        "mails": sorted(Counter(mail["Message-ID"] for mail in mails).values()),
        "runs": await all_of("SELECT step, visit, state FROM run"),
        "messages": await all_of("SELECT verdict, count(*) FROM message GROUP BY verdict"),
        "offers": await all_of("SELECT count(*), count(DISTINCT run), min(state) FROM offer"),
        "calls": await all_of("SELECT state, version, due_at FROM call"),
        "tasks": await all_of("SELECT count(*), count(DISTINCT run) FROM task"),
        "lines": await all_of(
            "SELECT run, visit, what FROM run_line GROUP BY 1, 2, 3 HAVING count(*) > 1"
        ),
        "effects": await all_of(
            "SELECT state, count(*), sum(repeats)::int FROM effect GROUP BY state"
        ),
    }
    await engine.dispose()
    return told


async def begin_anew(url: str, folder: str) -> None:
    """Nothing is there."""
    engine = make_engine(url)
    await empty(engine)
    await engine.dispose()
    for path in Path(folder).glob("*.eml"):  # noqa: ASYNC240 - nothing else runs
        path.unlink()


def forked(work) -> int:
    """Run it in a process of its own; how that ended."""
    child = os.fork()
    if child == 0:
        asyncio.run(work())
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def main(url: str, smtp: str, folder: str, lived: str = "life") -> None:
    """Every point, until a life comes to its end unharmed."""
    work = {"life": life, "call": call}[lived]
    for point in itertools.count(1):
        asyncio.run(begin_anew(url, folder))
        ended = forked(lambda at=point: work(url, smtp, die_at=at))
        survived = forked(lambda: work(url, smtp, die_at=None))
        told = asyncio.run(found(url, folder))
        line = {"point": point, "killed": ended, "taken_over": survived, **told}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        if ended == 0:
            return


if __name__ == "__main__":
    main(*sys.argv[1:5])
