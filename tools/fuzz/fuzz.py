"""The run: nonsense beside a healthy load, then everything compared."""

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from shared.clock import monotonic, wall_now
from tools.faults.compare import compare
from tools.faults.device import Device
from tools.faults.load import Load
from tools.faults.rig import CONSUMERS, Rig
from tools.faults.until import until
from tools.faults.well import settled
from tools.fuzz.people import People
from tools.fuzz.strange import payload

STRANGE = ("odd-0", "odd-1", "odd-2")  # devices; and one app
ODD_APP = "odd-app"
MESSAGES_PER_S = 40
HEALTHY_PER_S = 60
STREAMS = ("usage", "fault", "lifecycle")
SETTLE_S = 120.0
ANSWER_S = 60.0
LAST = 400  # messages remembered, to show what was sent before something died


@dataclass
class Found:
    """What the run showed; it is clean where `wrong` is empty."""

    messages: int = 0
    requests: int = 0
    events: int = 0
    wrong: list[str] = field(default_factory=list)


async def fuzz(rig: Rig, seconds: float, seed: int, tell: Callable[[str], None]) -> Found:
    """Send nonsense for so long; the rig is started and has its healthy fleet."""
    rng = random.Random(seed)  # noqa: S311 - the same nonsense again for the same seed
    healthy = dict(rig.devices)
    odd = [await rig.device(name, name) for name in STRANGE]
    odd.append(await rig.device(ODD_APP, ODD_APP, "apps"))
    for device in odd:
        await device.is_up.wait()
    findings, last = Found(), deque[bytes](maxlen=LAST)
    load = Load(healthy, HEALTHY_PER_S, seed).start()
    people = People(rig, rng)
    asking = asyncio.create_task(people.run())
    try:
        await _send(rig, odd, rng, seconds, findings, last, tell)
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await load.stop()
    findings.requests = people.sent
    findings.wrong += people.broken[:20]
    await _judge(rig, odd, findings)
    return findings


async def _send(
    rig: Rig,
    odd: list[Device],
    rng: random.Random,
    seconds: float,
    findings: Found,
    last: deque[bytes],
    tell: Callable[[str], None],
) -> None:
    began, told, seq = monotonic(), 0.0, 0
    while (passed := monotonic() - began) < seconds:
        await asyncio.sleep(0.05)
        while findings.messages < passed * MESSAGES_PER_S:
            seq += rng.choice((0, 1, 1, 1, 25))
            device = rng.choice(odd)
            stream = "app" if device.kind == "apps" else rng.choice(STREAMS)
            body = payload(stream, seq, rng, wall_now())
            findings.messages += 1
            if device.publish(stream, body):
                last.append(body)
        if rig.deaths:
            name, why = rig.deaths[0]
            findings.wrong.append(f"{name} died: {why}; sent before: {list(last)[-20:]!r}")
            return
        if passed - told > 30:
            told = passed
            tell(f"{passed:.0f} s: {findings.messages} strange messages, nothing died")


async def _judge(rig: Rig, odd: list[Device], findings: Found) -> None:
    if not await settled(rig, SETTLE_S):
        findings.wrong.append("not everything was acked and read")
    for device in odd:
        await _is_answered(device, findings)
        rig.devices.pop(device.source)  # their own numbers repeat: the healthy are compared
    compared = await compare(rig)
    findings.events = compared.kafka
    findings.wrong += compared.problems
    for service in CONSUMERS:
        aside = await rig.rows(
            service, "SELECT reason, count(*) AS n FROM quarantine WHERE reason <> $1 GROUP BY 1",
            "seq_conflict",
        )  # fmt: skip
        findings.wrong += [f"{service} set {row['n']} aside: {row['reason']}" for row in aside]
    findings.wrong += [f"{name} died: {why}" for name, why in rig.deaths]


async def _is_answered(device: Device, findings: Found) -> None:
    """Ask on every stream: the echo comes after the answers to everything before it."""
    for n, stream in enumerate(("app",) if device.kind == "apps" else STREAMS):
        number = 90_000 + n
        device.publish(stream, json.dumps({"ask": number}).encode())

        async def is_echoed(number: int = number) -> bool:
            return any(told.get("echo") == number for told in device.down)

        try:
            await until(is_echoed, ANSWER_S, "the echo")
        except TimeoutError:
            findings.wrong.append(f"{device.source}/{stream} gets no answer any more")
