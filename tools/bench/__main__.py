"""Run every measure on servers of its own and print the numbers."""

import asyncio
import shutil
from pathlib import Path

from tools.bench import (
    closing,
    drain,
    engine,
    event_to_step,
    fault_to_ticket,
    finding,
    pages,
    rehearsal,
    timers,
)
from tools.bench.devices import ACCOUNT, RIGHTS, Devices
from tools.local.auth import Operator
from tools.local.servers import Servers
from tools.local.services import Services
from tools.screens.screen import Screen

FOLDER = Path(".playcaller-bench").absolute()


async def main() -> None:
    """Start, measure, stop; about a quarter of an hour."""
    out = Screen()
    shutil.rmtree(FOLDER, ignore_errors=True)
    servers = Servers(FOLDER, end_with_parent=True, mqtt_accounts=RIGHTS)
    endpoints = await servers.start()
    services = Services(FOLDER, endpoints, end_with_parent=True)
    try:
        await services.prepare()
        urls = await services.start()
        devices = Devices(servers.mosquitto.tests_url(ACCOUNT), urls["ingest"])
        auth = Operator(FOLDER)
        await devices.register(auth)
        out.rule("Fault published to ticket readable over HTTP")
        fault_to_ticket.show(out, await fault_to_ticket.measure(devices, urls["support"], auth))
        out.rule("Set-up begun to the first step of its play readable over HTTP")
        event_to_step.show(out, await event_to_step.measure(devices, urls, auth))
        out.rule("Ingest drains a broker's backlog")
        drain.show(out, await drain.measure(devices, services, endpoints))
        devices.close()
    finally:
        await services.stop()
        await servers.stop()
        servers.erase()
    out.rule("A tick of journey's timers")
    await timers.run(out, FOLDER / "timers")
    out.rule("A tick of the engine of plays, and a great wake")
    await engine.measured(out, FOLDER / "engine")
    out.rule("Analytics closes a day of a region")
    await closing.run(out, FOLDER / "closing")
    out.rule("A rehearsal of 10,000 customers over 90 days")
    await rehearsal.run(out, FOLDER / "rehearsal")
    out.rule("Few among a million customers are found")
    await finding.run(out, FOLDER / "finding")
    out.rule("Pages of the console over 100,000 customers, and a hundred of them open")
    await pages.run(out, FOLDER / "pages")


asyncio.run(main())
