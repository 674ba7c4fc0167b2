"""Work that cannot be done as it is: it is halved or set aside, and the rest goes on."""

import asyncio

from shared.clock import wall_now
from tools.faults.rig import Rig
from tools.faults.trials.sources import devices_of
from tools.faults.trials.ways import Waiting
from tools.faults.until import until

TOO_MUCH = """
CREATE OR REPLACE FUNCTION too_much() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF (SELECT count(*) FROM fresh WHERE code LIKE 'slow%') > 20
THEN RAISE EXCEPTION 'canceling statement due to statement timeout' USING ERRCODE = '57014'; END IF;
RETURN NULL; END $$;
CREATE TRIGGER too_much AFTER INSERT ON fault_key REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION too_much();
"""
CODES = 6


async def batch_times_out(rig: Rig) -> list[str]:
    """A batch that is too much for one statement, always: halved until it goes through (N21)."""
    await rig.execute("support", TOO_MUCH)
    await rig.kill("support")
    devices = devices_of(rig)
    for device in devices:
        for n in range(CODES):
            device.happen("fault", "fault", code=f"slow{n}", component="t")
    await asyncio.sleep(4)
    await rig.starting("support")
    query = "SELECT count(*) AS n FROM fault_key WHERE code LIKE 'slow%'"

    async def all_there() -> bool:
        return bool((await rig.rows("support", query))[0]["n"] == CODES * len(devices))

    try:
        await until(all_there, 180, "all faults of the batch are counted", every_s=1)
    finally:
        await rig.execute("support", "DROP TRIGGER too_much ON fault_key")
    return []


RAISES = """
CREATE OR REPLACE FUNCTION raises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'this timer cannot fire'; END $$;
CREATE TRIGGER raises BEFORE UPDATE ON fault_key FOR EACH ROW
WHEN (OLD.code = 'raises' AND OLD.recovery_due IS NOT NULL AND NEW.recovery_due IS NULL)
EXECUTE FUNCTION raises();
"""
SOON_S = 6.0


async def timer_raises(rig: Rig) -> list[str]:
    """One timer cannot fire: it is parked, those beside it fire, nobody dies; later it fires (N22)."""
    deaths = len(rig.deaths)
    await rig.execute("support", RAISES)
    for source, code in (("cam-8", "raises"), ("cam-9", "calm")):
        await Waiting(rig.devices[source], code, wall_now(), SOON_S).applied(rig)
    await until(lambda: _state(rig, "calm", "resolved"), 60, "the timer beside it has fired")
    wrong = [f"{name} died: {why}" for name, why in rig.deaths[deaths:]]
    if not await _state(rig, "raises", "open"):
        wrong.append("the timer that cannot fire has fired")
    await rig.execute("support", "DROP TRIGGER raises ON fault_key")
    await rig.execute("support", "UPDATE fault_key SET due_at = now() WHERE code = 'raises'")
    await rig.kill("support")
    await rig.start_again("support")
    await until(lambda: _state(rig, "raises", "resolved"), 60, "the parked timer fires")
    return wrong


async def _state(rig: Rig, code: str, state: str) -> bool:
    query = "SELECT t.state FROM fault_key k JOIN ticket t ON t.id = k.ticket WHERE k.code = $1"
    return [row["state"] for row in await rig.rows("support", query, code)] == [state]
