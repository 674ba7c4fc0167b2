"""What a device tells before anybody owns it: whoever claims it is given it, whatever died meanwhile."""

import asyncio
import random

from tools.faults.rig import Rig
from tools.faults.until import until

_rng = random.Random(13)  # noqa: S311 - no secret
TIMES = 3
GIVEN = (
    "SELECT 1 FROM customer_state WHERE customer = $1 "
    "AND convert_from(state, 'UTF8')::jsonb -> 'setup_completed' IS NOT NULL"
)


async def _not_given(rig: Rig, customers: list[str]) -> list[str]:
    """Customers whose set-up journey does not know in the end."""
    wrong = []
    for customer in customers:

        async def is_given(customer: str = customer) -> bool:
            return bool(await rig.rows("journey", GIVEN, customer))

        try:
            await until(is_given, 60, "the set-up is adopted", every_s=0.5)
        except TimeoutError:
            wrong.append(f"{customer} claimed a device whose set-up is lost")
    return wrong


async def told_then_killed(rig: Rig) -> list[str]:
    """A set-up told while nobody owns the device; ingest killed at some moment, then claimed (N13)."""
    owners = []
    for n in range(TIMES):
        source, customer = f"young-{n}", f"cust-young-{n}"
        device = await rig.device(source, None)
        await device.is_up.wait()
        device.happen("lifecycle", "setup_completed")
        await asyncio.sleep(_rng.uniform(0.0, 0.1))
        await rig.kill("ingest")
        await rig.start_again("ingest")
        await rig.claim(source, customer)
        owners.append(customer)
    return await _not_given(rig, owners)


async def told_without_database(rig: Rig) -> list[str]:
    """The same while PostgreSQL is away: not acked, so a lost broker and a dead ingest lose nothing (N20)."""
    device = await rig.device("early", None)
    await device.is_up.wait()
    await rig.servers.postgres.stop()
    seq = device.happen("lifecycle", "setup_completed")
    await asyncio.sleep(8)
    wrong = []
    if seq in device.stream("lifecycle").acked:
        wrong.append("the set-up was acked before it was stored")
    await rig.kill("ingest")
    await rig.servers.mosquitto.kill()
    (rig.servers.mosquitto.data.resolve() / "mosquitto.db").unlink(missing_ok=True)
    await asyncio.gather(rig.servers.postgres.start(), rig.servers.mosquitto.start())
    await rig.start_again("ingest")

    async def is_acked() -> bool:
        return seq in device.stream("lifecycle").acked

    await until(is_acked, 60, "the set-up is sent again and acked")
    await rig.claim("early", "cust-early")
    return wrong + await _not_given(rig, ["cust-early"])
