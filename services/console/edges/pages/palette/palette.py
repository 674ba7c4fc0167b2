"""`/palette`: customers, devices, tickets and pages by a few letters, from all services at once."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.palette import Hit, matching
from services.console.domain.pages.tickets.fault import in_words
from services.console.edges.pages.tickets.tickets import ROLES as TICKETS
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.support import Ticket
from shared.errors import TryLater
from shared.web.problems import Problem
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
MOST = 6  # of a kind
AT_ONCE_S = 0.1  # what comes later is asked for once more, while people read what came
PATIENCE_S = 2.0
LONGEST = 100
NAMED: frozenset[Role] = frozenset({"csm", "agent", "lead", "admin"})  # find customers by name
REGISTRY: frozenset[Role] = NAMED | {"oncall"}

Find = Callable[[View, str], Coroutine[Any, Any, Sequence[Hit]]]


@router.get("/palette")
async def read_palette(view: Viewing, q: str = "", again: bool = False) -> Response:
    """What the letters lead to; without scripts a page of its own.

    Args:
        again: some service was late the first time.
    """
    text = " ".join(q.split())[:LONGEST]
    patient = again or not view.is_fragment
    wait_s = PATIENCE_S if patient else AT_ONCE_S
    suited, late = await _found(view, text, wait_s) if text else ([], False)
    hits = [*matching(_pages(view), text), *suited]
    template = "_palette.html" if view.is_fragment else "palette.html"
    return view.page(template, hits=hits, text=text, late=late, patient=patient)


async def _found(view: View, text: str, wait_s: float) -> tuple[Sequence[Hit], bool]:
    """Hits of the services that answered in time, and whether one did not."""
    finds = [find for roles, find in FINDS if view.has(*roles)]
    tasks = [asyncio.create_task(find(view, text)) for find in finds]
    if tasks:
        await asyncio.wait(tasks, timeout=wait_s)
    hits: list[Hit] = []
    late = False
    for task in tasks:
        if not task.done():
            task.cancel()
            late = True
            continue
        error = task.exception()
        if error is None:
            hits += task.result()
        elif isinstance(error, Problem | TryLater):
            late = True
        else:
            raise error
    return hits, late


def _pages(view: View) -> Sequence[Hit]:
    words = view.words
    shown = [page for pages in view.navigation.values() for page in pages]
    own = Hit("page", words("account.title"), "/account")
    return [*(Hit("page", words(page.title), page.path) for page in shown), own]


async def _customers(view: View, text: str) -> Sequence[Hit]:
    listed = await view.ask.customers.some({"text": text, "limit": str(MOST)})
    return [
        Hit(
            "customer",
            customer.name or customer.id,
            f"/customers/{quote(customer.id, safe='')}",
            customer.id,
        )
        for customer in listed.items
    ]


async def _devices(view: View, text: str) -> Sequence[Hit]:
    devices = await view.ask.ingest.devices_called(text, MOST)
    return [
        Hit("device", device.id, f"/devices/{quote(device.id, safe='')}", device.model or "")
        for device in devices
    ]


async def _tickets(view: View, text: str) -> Sequence[Hit]:
    words = view.words

    def hit(ticket: Ticket) -> Hit:
        device = ticket.device or ticket.device_ends or "?"
        of_fault = words(
            "tickets.of_device", code=in_words(ticket.fault_code or "?"), device=device
        )
        says = ticket.subject or (of_fault if ticket.fault_code else "")
        state = words(f"tickets.states.{ticket.state}")
        address = f"/tickets/{quote(ticket.id, safe='')}"
        return Hit("ticket", says or words("tickets.without_subject"), address, state)

    return [hit(ticket_called) for ticket_called in await view.ask.support.found(text, MOST)]


FINDS: tuple[tuple[frozenset[Role], Find], ...] = (
    (NAMED, _customers),
    (REGISTRY, _devices),
    (TICKETS, _tickets),
)
