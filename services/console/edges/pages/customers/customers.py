"""`/customers`: who they are, and one of them with everything that is known."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.plot import plot, stretches
from services.console.edges.pages import files, panels
from services.console.edges.pages.accounts import wishes
from services.console.edges.pages.customers import customer_offers, customer_story
from services.console.edges.pages.devices.fleet import fleet
from services.console.edges.pages.devices.missed import missed
from services.console.edges.pages.files import File
from services.console.edges.pages.panels import Panel, Shown
from services.console.edges.pages.people import (
    CSMS,
    SEE_PEOPLE,
    colleagues,
    customers_called,
    names,
)
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.analytics import Day
from services.console.edges.services.answers import MANY, Found, paged
from services.console.edges.services.journey.customers import Listed
from services.console.edges.services.support import Tickets
from shared import ids

router = APIRouter(include_in_schema=False)

FILTERS = ("stage", "plan", "region", "model", "firmware", "text", "csm")
DAYS = 90  # of use that are drawn
BANDS: Mapping[str, Callable[[Day], bool]] = {  # behind the uses; the first that holds
    "outage": lambda day: day.outage,
    "vacation": lambda day: day.away,
    "unheard": lambda day: not day.reported,
}
OPEN, RESOLVED = 20, 5  # tickets that are shown
DEVICES = 50
NAME_S = 5.0  # a page waits longer for its heading than for its panels
KEEPERS = ("csm", "lead", "admin")
ERASERS = ("lead", "admin")
SAID = (
    *("bought", "subscribed", "profile", "erased"),
    *("csm", "talk", "contact_added", "contact_changed", "contact_removed"),
)


TABLE = {  # columns beside the name, with the keys of their words
    "stage": "customers.stage",
    "since": "customers.since",
    "plan": "customers.plan",
    "csm": "portfolios.csm",
    "kind": "customers.kind",
    "region": "customers.region",
    "id": "customers.id",
}


async def _listed(view: View) -> Mapping[str, Any]:
    wanted, after = view.asked(*FILTERS), view.request.query_params.get("after")
    listed = await view.ask.customers.some(paged(wanted, after))
    more = listed.onward(wanted)
    heads = wishes.heads(view, "/customers", TABLE)
    gives = view.has(*ERASERS)
    return {
        "customers": listed.items,
        "filtered": bool(wanted),
        "more": more,
        "heads": heads,
        "people": await names(view, (customer.csm for customer in listed.items)),
        "others": await colleagues(view, CSMS) if gives else [],
        "gives": gives,
        "back": urlencode(wanted),
        "key": ids.random_id(),
    }


COLUMNS = ("id", "name", "kind", "region", "zone", "plan", "stage", "stage_since", "csm")


async def _page(view: View, after: str | None) -> Found[Listed]:
    wanted = {**view.asked(*FILTERS), "limit": str(MANY)}
    return await view.ask.customers.some(paged(wanted, after))


async def _views(view: View) -> Mapping[str, Any]:
    """How many there are of this list, and of each saved view, by its query."""
    query = urlencode(view.asked(*FILTERS))
    saved = [kept_view.query for kept_view in view.wishes.views.get("/customers", ())]
    queries = list(dict.fromkeys([query, *saved]))
    counts = await asyncio.gather(*(_count(view, asked) for asked in queries))
    return {"query": query, "many": dict(zip(queries, counts, strict=True))}


async def _count(view: View, query: str) -> int:
    wanted = dict(parse_qsl(query))
    return await view.ask.customers.count(
        {name: wanted[name] for name in FILTERS if name in wanted}
    )


FILES = (File("customers", COLUMNS, _page),)
LIST = (
    Panel("views", "customers.views", "_customer_views.html", _views),
    Panel("list", "customers.list", "_customers.html", _listed),
)


@router.get("/customers")
async def read_customers(view: Viewing) -> Response:
    """Customers by id, as the filters of the address ask."""
    asked = view.request.query_params
    shown, stages, there = await asyncio.gather(
        panels.shown(view, LIST), panels.in_time(view.ask.stages.all(), ()), fleet(view)
    )
    return view.page(
        "customers.html",
        panels=shown,
        stages=stages,
        fleet=there,
        chosen={name: asked.get(name, "") for name in FILTERS},
        csms=await colleagues(view, CSMS),
        finds=view.has(*SEE_PEOPLE),
        query=urlencode(view.asked(*FILTERS)),
        there=wishes.there(view, TABLE),
        columns=list(wishes.heads(view, "/customers", TABLE)),
    )


def _id(view: View) -> str:
    customer: str = view.request.path_params["customer"]
    return customer


async def _person(view: View) -> Mapping[str, Any]:
    customer = await view.ask.customers.known(_id(view))
    csm, sees = None, view.has(*SEE_PEOPLE)
    people: Mapping[str, str] = {}
    if customer is not None and sees:
        csm = (await view.ask.portfolios.of(customer.id))[0].csm
        people = await names(view, [csm])
    return {"customer": customer, "sees_people": sees, "csm": people.get(csm or "", csm)}


async def _story(view: View) -> Mapping[str, Any]:
    return await customer_story.load(view, _id(view))


async def _risk(view: View) -> Mapping[str, Any]:
    return {"risk": await view.ask.analytics.risk_of(_id(view))}


async def load_use(view: View) -> Mapping[str, Any]:
    """What the panel of use shows."""
    days, risk = await asyncio.gather(
        view.ask.analytics.days_of(_id(view), DAYS), view.ask.analytics.risk_of(_id(view))
    )
    words = view.words
    labels = [f"{day.day.day} {day.day:%b}" for day in days]
    uses = [
        (label, day.uses, words("customers.uses", n=day.uses, day=label))
        for label, day in zip(labels, days, strict=True)
    ]
    bands = [
        (first, last, words(f"customers.{tone}_from", first=labels[first], last=labels[last]), tone)
        for first, last, tone in stretches([_band(day) for day in days])
    ]
    legend = [(tone, words(f"customers.{tone}")) for tone in BANDS]
    onset = risk.onset if risk is not None and risk.tier in {"watch", "at_risk"} else None
    marks = [
        (n, words("customers.onset", day=labels[n]))
        for n, day in enumerate(days)
        if day.day == onset
    ]
    return {"used": any(day.uses for day in days), "bars": plot(uses, bands, marks, legend)}


def _band(day: Day) -> str:
    """What is to be known of a day before its uses are judged."""
    return next((tone for tone in BANDS if BANDS[tone](day)), "")


async def _tickets(view: View) -> Mapping[str, Any]:
    def asked(state: str, most: int) -> Awaitable[Tickets]:
        wanted = {"customer": _id(view), "state": state, "limit": str(most)}
        return view.ask.support.tickets(wanted)

    waiting, done = await asyncio.gather(asked("open", OPEN), asked("resolved", RESOLVED))
    return {"tickets": [*waiting.items, *done.items], "too_many": waiting.next is not None}


async def _contacts(view: View) -> Mapping[str, Any]:
    customer = await view.ask.customers.known(_id(view))
    business = customer is not None and customer.kind == "business"
    sees = view.has(*SEE_PEOPLE)
    return {
        "business": business,
        "contacts": await view.ask.contacts.of(_id(view)) if business and sees else [],
        "at": f"/customers/{quote(_id(view), safe='')}/contacts",
        "sees_people": sees,
        "keeps": view.has(*KEEPERS),
    }


async def _plays(view: View) -> Mapping[str, Any]:
    return {
        "found": await view.ask.plays.of_customer(_id(view)),
        "customer": _id(view),
        "sees_people": view.has(*SEE_PEOPLE),
    }


async def _devices(view: View) -> Mapping[str, Any]:
    listed = await view.ask.ingest.devices_of(_id(view), DEVICES)
    return {
        "devices": listed.items,
        "too_many": listed.next is not None,
        "missed": await missed(view, customer=_id(view)),
    }


SIDE = (
    Panel("person", "customers.person", "_customer.html", _person),
    Panel("contacts", "contacts.title", "_customer_contacts.html", _contacts),
    Panel("risk", "customers.risk", "_customer_risk.html", _risk),
    Panel("devices", "customers.devices", "_customer_devices.html", _devices),
    Panel("offers", "customers.offers", "_customer_offers.html", customer_offers.load),
)
MAIN = (
    Panel("use", "customers.use", "_customer_use.html", load_use),
    Panel("plays", "plays.of_customer", "_customer_plays.html", _plays),
    Panel("tickets", "customers.tickets", "_customer_tickets.html", _tickets),
    Panel("story", "customers.timeline", "_customer_story.html", _story),
)


def brief(view: View, customer: str) -> tuple[Sequence[Shown], Sequence[Shown]]:
    """What somebody reads before they call: who it is and has what; how it goes, what was sent, what is open."""
    path = f"/customers/{quote(customer, safe='')}"
    side = [panel for panel in SIDE if panel.name in {"person", "devices"}]
    risk = [panel for panel in SIDE if panel.name == "risk"]
    main = [panel for panel in MAIN if panel.name != "story"]
    return panels.later(view, side, path), panels.later(view, [*risk, *main], path)


@router.get("/customers/{customer}")
async def read_customer(view: Viewing, customer: str, said: str = "") -> Response:
    """One customer: who, risk, use, tickets, devices, and all that happened."""
    return await customer_page(view, customer, said=said if said in SAID else "")


async def customer_page(view: View, customer: str, status: int = 200, **more: Any) -> Response:
    """The page; what somebody typed and what was wrong with it is in it."""
    called, shown = await asyncio.gather(
        customers_called(view, [customer], NAME_S),
        panels.shown(view, (*SIDE, *MAIN), f"/customers/{quote(customer, safe='')}"),
    )
    values = {"form": {}, "problem": "", "said": "", **more}
    return view.page(
        "customer.html",
        status=status,
        customer=customer,
        called=called.get(customer, customer),
        side=shown[: len(SIDE)],
        main=shown[len(SIDE) :],
        keeps=view.has(*KEEPERS),
        talks=view.has(*SEE_PEOPLE),
        csms=await colleagues(view, CSMS) if view.has(*KEEPERS) else [],
        erases=view.has(*ERASERS),
        key=ids.random_id(),
        **values,
    )


panels.serve(router, "/customers", LIST)
files.serve(router, "/customers", FILES)
panels.serve(router, "/customers/{customer}", (*SIDE, *MAIN))
