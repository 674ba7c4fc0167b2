"""Effects over a real PostgreSQL: once each, whoever runs them, and no kind waits for another."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from shared import metrics
from shared.clock import WallClock, wall_now
from shared.effects import rows
from shared.effects.effect import Accepted, Away, NotNow, Policy, Refused, Suppressed, Uncertain
from shared.effects.kind import Kind, singly
from shared.effects.runner import KEPT, Runner
from tests.served import until

pytestmark = pytest.mark.servers

SECOND = timedelta(seconds=1)
QUICK = Policy(within=SECOND, lease=2 * SECOND, at_once=2)


class Outside:
    """A kind's other side: gives the outcomes it is told to, then Accepted; notes what was done."""

    def __init__(self, name, *outcomes, policy=QUICK, prepare=None) -> None:
        self.name = name
        self.outcomes = list(outcomes)
        self.done = []
        self.at_once = self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.batches = []
        self.prepare = singly(prepare or self._prepare)
        self.kind = Kind(name, policy, self._prepare_all, self._act)

    async def _prepare_all(self, connection, effects, now):
        self.batches.append([effect.id for effect in effects])
        return await self.prepare(connection, effects, now)

    @staticmethod
    async def _prepare(connection, effect, now):
        return effect.id

    async def _act(self, ready):
        self.done.append(ready)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await self.gate.wait()
        finally:
            self.at_once -= 1
        outcome = self.outcomes.pop(0) if self.outcomes else Accepted()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def runner(engine, *outsides) -> Runner:
    return Runner(engine, [each.kind for each in outsides], WallClock())


async def hurry(engine) -> None:
    """What is to be tried again later is due now, and all leases have run out."""
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE effect SET due_at = now() - interval '1 s'"))
        await connection.execute(
            text("UPDATE effect SET lease_until = now() - interval '1 s' WHERE lease IS NOT NULL")
        )


async def test_what_is_planned_is_done_once_and_a_cause_plans_once(engine, plan, states):
    outside = Outside("mail")
    ids = await plan("mail", 5)
    await plan("mail", 5)
    await runner(engine, outside).drain()
    await runner(engine, outside).drain()
    assert sorted(outside.done) == ids
    assert outside.most_at_once <= QUICK.at_once
    assert await states() == dict.fromkeys(ids, ("accepted", 0, None))


async def test_what_is_rolled_back_is_never_done(engine, states):
    async with engine.connect() as connection:
        now = wall_now()
        await rows.plan(connection, [rows.Planned("x", "mail", "a", now, now + SECOND)], now)
        await connection.rollback()
    await runner(engine, Outside("mail")).drain()
    assert await states() == {}


@pytest.mark.parametrize(
    ("outcomes", "policy", "acts", "expected"),
    [
        pytest.param([Refused("550")], QUICK, 1, ("failed", 0, "550"), id="refused"),
        pytest.param([NotNow("450"), NotNow("451")], QUICK, 3, ("accepted", 0, None), id="later"),
        pytest.param([Uncertain("cut")], QUICK, 1, ("unknown", 0, "cut"), id="not repeatable"),
        pytest.param([OSError("x")], QUICK, 1, ("unknown", 0, "OSError"), id="a fault of ours"),
        pytest.param(
            [Uncertain("cut")], Policy(repeats=1), 2, ("accepted", 1, None), id="repeatable"
        ),
        pytest.param(
            [Uncertain("a"), Uncertain("b")], Policy(repeats=1), 2, ("unknown", 1, "b"), id="twice"
        ),
    ],
)
async def test_what_becomes_of_it(engine, plan, states, outcomes, policy, acts, expected):
    outside = Outside("mail", *outcomes, policy=policy)
    (id_,) = await plan("mail")
    for _ in range(4):
        await runner(engine, outside).drain()
        await hurry(engine)
    assert len(outside.done) == acts
    assert await states() == {id_: expected}


async def test_what_speaks_against_it_comes_first_and_one_bad_one_holds_no_other_up(
    engine, plan, states
):
    async def prepare(connection, effect, now):
        if effect.id == "mail-0":
            return Suppressed("no_consent")
        if effect.id == "mail-1":
            raise KeyError("spoilt")
        if effect.id == "mail-2":
            return Refused("seal_broken")
        return effect.id

    outside = Outside("mail", prepare=prepare)
    await plan("mail", 4)
    await runner(engine, outside).drain()
    assert outside.done == ["mail-3"]
    assert await states() == {
        "mail-0": ("suppressed", 0, "no_consent"),
        "mail-1": ("planned", 0, "KeyError"),
        "mail-2": ("failed", 0, "seal_broken"),
        "mail-3": ("accepted", 0, None),
    }


async def test_one_bad_of_a_batch_is_found_by_halves(engine, plan, states):
    async def prepare(connection, effect, now):
        if effect.id == "mail-37":
            raise KeyError("spoilt")
        return effect.id

    outside = Outside("mail", policy=Policy(batch=64), prepare=prepare)
    ids = await plan("mail", 64)
    await runner(engine, outside).drain()
    assert sorted(outside.done) == sorted(set(ids) - {"mail-37"})
    assert (await states())["mail-37"] == ("planned", 0, "KeyError")
    assert len(outside.batches) <= 1 + 2 * 6, "twice the logarithm of 64, not 64"


async def test_a_batch_is_prepared_together_and_done_a_few_at_once(engine, plan, states):
    outside = Outside("mail", policy=Policy(at_once=3, batch=50))
    outside.gate.clear()
    ids = await plan("mail", 50)
    draining = asyncio.create_task(runner(engine, outside).drain())
    await until(lambda: outside.at_once == 3)
    outside.gate.set()
    await draining
    assert [len(batch) for batch in outside.batches] == [50]
    assert outside.most_at_once == 3
    assert await states() == dict.fromkeys(sorted(ids), ("accepted", 0, None))


async def test_when_nobody_is_there_what_has_not_begun_goes_back_untried(engine, plan, states):
    outside = Outside("mail", *[Away("gone")] * 9, policy=Policy(at_once=2, batch=20))
    await plan("mail", 20)
    await runner(engine, outside).drain()
    assert len(outside.done) == 1, "the others are not tried against somebody who is away"
    found = await states()
    assert {state for state, *_ in found.values()} == {"planned"}
    assert sorted(why for *_, why in found.values()) == ["gone"] + ["nobody_takes_it"] * 19


async def test_a_process_that_is_told_to_stop_begins_nothing_more(engine, plan, states):
    outside = Outside("mail", policy=Policy(at_once=2, batch=20))
    outside.gate.clear()
    await plan("mail", 20)
    running = asyncio.create_task(runner(engine, outside).run())
    await until(lambda: outside.at_once == 2)
    running.cancel()
    asyncio.get_running_loop().call_later(0.2, outside.gate.set)
    await asyncio.gather(running, return_exceptions=True)
    assert len(outside.done) == 2
    kinds = sorted((state, why) for state, _, why in (await states()).values())
    assert kinds == [("accepted", None)] * 2 + [("planned", "not_begun")] * 18


async def test_what_a_process_died_with_is_taken_alone(engine, plan, states):
    outside = Outside("mail", policy=Policy(batch=20))
    await plan("mail", 6)
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE effect SET why = 'process_died' WHERE id IN ('mail-1', 'mail-3')")
        )
    await runner(engine, outside).drain()
    assert outside.batches == [["mail-0"], ["mail-1"], ["mail-2"], ["mail-3"], ["mail-4", "mail-5"]]


async def test_a_secret_is_kept_until_it_is_known_what_became_of_it(engine, plan):
    await plan("ok", secret="s")
    await plan("lost", secret="s")
    await runner(engine, Outside("ok"), Outside("lost", Uncertain("cut"))).drain()
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT id, secret FROM effect ORDER BY id"))
        assert found.all() == [("lost-0", "s"), ("ok-0", None)]


async def test_a_slow_and_a_failing_kind_hold_no_other_up(engine, plan, states):
    slow = Outside("slow", policy=Policy(at_once=2))
    failing, quick = Outside("failing", *[Away("x")] * 9), Outside("quick")
    slow.gate.clear()
    for name in ("slow", "failing"):
        await plan(name, 20)
    running = asyncio.create_task(runner(engine, slow, failing, quick).run())
    await until(lambda: slow.at_once == QUICK.at_once and len(failing.done) > 1)
    await plan("quick", 20)
    await until(lambda: len(quick.done) == 20)
    assert len(slow.done) == QUICK.at_once
    assert len(failing.done) <= 4  # one at a time asks whether somebody is there by now
    slow.gate.set()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert {state for id_, (state, *_) in (await states()).items() if "quick" in id_} == {
        "accepted"
    }


async def test_two_runners_never_do_the_same(engine, plan):
    outside = Outside("mail")
    ids = await plan("mail", 60)
    await asyncio.gather(*(runner(engine, outside).drain() for _ in range(4)))
    assert sorted(outside.done) == sorted(ids)


async def test_who_has_lost_the_lease_changes_nothing_any_more(engine, plan, states):
    """Paused while acting, for longer than its lease: another one has said what is known."""
    outside = Outside("mail")
    outside.gate.clear()
    (id_,) = await plan("mail")
    paused = asyncio.create_task(runner(engine, outside).drain())
    await until(lambda: outside.done)
    await hurry(engine)
    await runner(engine, outside).tend()
    assert await states() == {id_: ("unknown", 0, "process_died")}
    outside.gate.set()
    await paused
    assert await states() == {id_: ("unknown", 0, "process_died")}
    assert outside.done == [id_]


async def test_an_act_that_does_not_end_is_given_up(engine, plan, states):
    outside = Outside("mail")
    outside.gate.clear()
    (id_,) = await plan("mail")
    await runner(engine, outside).drain()
    assert await states() == {id_: ("unknown", 0, "no_answer")}


async def test_what_is_under_way_is_brought_to_its_end_when_the_process_is_told_to_stop(
    engine, plan, states
):
    outside = Outside("mail")
    outside.gate.clear()
    (id_,) = await plan("mail")
    running = asyncio.create_task(runner(engine, outside).run())
    await until(lambda: outside.done)
    running.cancel()
    asyncio.get_running_loop().call_later(0.2, outside.gate.set)
    await asyncio.gather(running, return_exceptions=True)
    assert await states() == {id_: ("accepted", 0, None)}


async def test_it_is_counted_told_and_pruned(engine, plan, states):
    outside = Outside("mail", Uncertain("cut"), Away("gone"))
    await plan("mail", 3)
    one = runner(engine, outside)
    before = metrics.EFFECTS.labels("mail", "unknown")._value.get()
    await one.drain()
    await one.tend()
    waiting = metrics.EFFECTS_WAITING.labels("mail")._value.get()
    assert (waiting, metrics.EFFECTS_UNKNOWN.labels("mail")._value.get()) == (2, 1)
    assert metrics.EFFECTS.labels("mail", "unknown")._value.get() == before + 1
    said = one.facts()
    assert said["effects"].startswith("2 waiting, nobody takes mail since ")
    assert said["effects_unknown"] == "1: GET /v1/effects?state=unknown"
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE effect SET settled_at = :at"), {"at": wall_now() - KEPT}
        )
        await connection.execute(
            text("UPDATE effect SET settled_at = NULL WHERE state = 'planned'")
        )
    await one.tend()
    assert [state for state, *_ in (await states()).values()] == ["planned"] * 2
