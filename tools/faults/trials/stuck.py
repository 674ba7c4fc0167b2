"""Work that cannot be done as it is: it is set aside, and the rest goes on."""

from shared.clock import wall_now
from tools.faults.rig import Rig
from tools.faults.trials.ways import Waiting
from tools.faults.until import until

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
