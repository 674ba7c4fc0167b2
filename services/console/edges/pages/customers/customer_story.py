"""The timeline of a customer: what all services tell of it; who is away is named, the rest is shown."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from services.console.domain.pages.customers.causes import cause
from services.console.domain.pages.customers.story import PAGE, Told, page
from services.console.domain.pages.tickets.fault import in_words
from services.console.edges.pages.frame import minute
from services.console.edges.pages.people import SEE_PEOPLE, names
from services.console.edges.pages.tasks.hand_offs import TEAMS
from services.console.edges.pages.view import View
from services.console.edges.services.analytics import Contact, Unreachable
from services.console.edges.services.journey.calls import Call
from services.console.edges.services.journey.customers import Customer
from services.console.edges.services.journey.hand_offs import HandOff
from services.console.edges.services.journey.plays import OfCustomer
from services.console.edges.services.journey.referrals import Reward
from services.console.edges.services.journey.talks import Talk
from services.console.edges.services.support import Ticket, Tickets
from shared.web.client.answered import Away, Refused

T = TypeVar("T")
N = TypeVar("N")
TONES = {"at_risk": "bad", "watch": "warn", "none": "good", "learning": ""}
DEVICES = 200


async def load(view: View, customer: str) -> Mapping[str, Any]:
    """What the panel shows."""
    before = _before(view)
    until = {} if before is None else {"to": before.isoformat()}
    wanted = {"customer": customer, "sort": "newest", "limit": str(PAGE), **until}
    missing: list[str] = []
    others, own, journeys = await asyncio.gather(
        asyncio.gather(
            _or(partial(view.ask.support.tickets, wanted), Tickets([]), missing),
            _or(partial(view.ask.analytics.findings_of, customer), [], missing),
            _or(partial(view.ask.ingest.devices_of, customer, DEVICES), None, missing),
            _or(partial(view.ask.analytics.contacts_of, customer), [], missing),
        ),
        asyncio.gather(
            _or(partial(view.ask.customers.known, customer), None, missing),
            _or(lambda: _products(view, customer), {}, missing),
            _or(partial(view.ask.analytics.unreachable, customer=customer), (), missing),
        ),
        _of_journey(view, customer, missing),
    )
    tickets, findings, devices, contacts = others
    person, products, spells = own
    told = [
        *_of_person(view, person, products),
        *(_of_ticket(view, ticket) for ticket in tickets.items),
    ]
    told += [
        Told(
            finding.at,
            "trending-down",
            "story.tier",
            {"tier": _tier(view, finding.tier)},
            TONES[finding.tier],
        )
        for finding in findings
    ]
    told += [line for spell in spells for line in _of_unreachable(spell)]
    told += await _of_contacts(view, contacts)
    told += journeys
    told += [
        Told(
            span.since,
            "camera",
            "story.device",
            {"device": device.id},
            to=f"/devices/{quote(device.id)}",
        )
        for device in (devices.items if devices else ())
        for span in device.owners
        if span.customer == customer
    ]
    whole_from = tickets.items[-1].opened_at if tickets.next else None
    shown, onward = page(told, before, whole_from)
    more = (
        f"/customers/{quote(customer, safe='')}?before={quote(onward.isoformat())}#story"
        if onward
        else ""
    )
    return {"told": shown, "more": more, "missing": missing, "zone": person.zone if person else ""}


async def _of_journey(view: View, customer: str, missing: list[str]) -> Sequence[Told]:
    """Conversations, hand-offs, referrals and messages."""
    talks, calls, handed, rewards, played = await asyncio.gather(
        _or(lambda: _talks(view, customer), (), missing),
        _or(lambda: _calls(view, customer), (), missing),
        _or(lambda: _hand_offs(view, customer), (), missing),
        _or(lambda: _rewards(view, customer), (), missing),
        _or(partial(view.ask.plays.of_customer, customer), None, missing),
    )
    told = [*await _of_talks(view, talks), *(_of_call(view, call) for call in calls)]
    told += [line for hand_off in handed for line in _of_hand_off(hand_off)]
    return [*told, *_of_rewards(rewards), *_of_messages(played)]


async def _products(view: View, customer: str) -> Mapping[str, str]:
    """What products are called; the panel of offers asks the same question."""
    return {offer.product: offer.name for offer in await view.ask.products.offers(customer)}


async def _talks(view: View, customer: str) -> Sequence[Talk]:
    return await view.ask.talks.of(customer) if view.has(*SEE_PEOPLE) else []


async def _of_talks(view: View, talks: Sequence[Talk]) -> Sequence[Told]:
    words = view.words
    people = await names(view, [talk.who for talk in talks])
    told = []
    for talk in talks:
        values = {
            "kind": words(f"talks.kind_{talk.kind}"),
            "outcome": words(f"talks.outcome_{talk.outcome}"),
            "who": people.get(talk.who, talk.who),
        }
        learned = words("talks.learned", what=talk.discovery) if talk.discovery else ""
        because = " ".join(filter(None, (talk.note, learned)))
        told.append(Told(talk.at, "message", "story.talk", values, because=because))
    return told


async def _calls(view: View, customer: str) -> Sequence[Call]:
    return await view.ask.calls.of(customer) if view.has(*TEAMS) else []


def _of_call(view: View, call: Call) -> Told:
    """What has become of an agreed time, when it was said; while it is ahead, that it was agreed."""
    values = {"call": call.title, "team": call.team.capitalize()}
    if call.state == "booked" and call.starts_at is not None:
        values["when"] = minute(call.starts_at, view.looks)
    tone = {"held": "good", "no_show": "warn", "cancelled": "warn"}.get(call.state, "")
    to = f"/tasks/{quote(call.task, safe='')}" if call.task else ""
    return Told(call.changed_at, "phone", f"story.call_{call.state}", values, tone, to)


async def _hand_offs(view: View, customer: str) -> Sequence[HandOff]:
    return await view.ask.hand_offs.of_customer(customer) if view.has(*TEAMS) else []


async def _rewards(view: View, customer: str) -> Sequence[Reward]:
    return (await view.ask.referrals.rewards({"customer": customer, "limit": str(PAGE)})).items


def _of_rewards(rewards: Sequence[Reward]) -> Sequence[Told]:
    """A purchase with a code, theirs or a friend's, and what became of the reward for it."""
    told = []
    for reward in rewards:
        values = {"product": reward.product, "amount": f"{reward.amount:,.2f}"}
        to = f"/referrals?customer={quote(reward.customer, safe='')}"
        told.append(Told(reward.redeemed_at, "heart", f"story.reward_{reward.side}", values, to=to))
        if reward.settled_at is not None:
            tone = "good" if reward.state == "final" else "warn"
            what = f"story.reward_{reward.state}"
            told.append(Told(reward.settled_at, "heart", what, values, tone, to))
    return told


def _of_messages(played: OfCustomer | None) -> Sequence[Told]:
    """Where they opened what a message leads to, and where they replied."""
    return [
        Told(
            at, sign, what, {"message": message.message.replace("-", " ").capitalize()},
            to=f"/messages/{quote(message.message, safe='')}", because=message.play.capitalize(),
        )
        for message in (played.messages if played else ())
        for at, sign, what in ((message.clicked_at, "link", "story.clicked"), (message.replied_at, "message", "story.replied"))
        if at is not None
    ]  # fmt: skip


def _of_hand_off(hand_off: HandOff) -> Sequence[Told]:
    """That it was offered, and what came of it."""
    between = {
        "task": hand_off.title,
        "giver": hand_off.giver.capitalize(),
        "taker": hand_off.taker.capitalize(),
    }
    to = f"/handoffs/{quote(hand_off.id, safe='')}"
    told = [Told(hand_off.offered_at, "users", "story.hand_off_offered", between, to=to)]
    if hand_off.settled_at is not None:
        what, tone = (
            f"story.hand_off_{hand_off.state}",
            "good" if hand_off.state == "accepted" else "warn",
        )
        told.append(Told(hand_off.settled_at, "users", what, between, tone, to, hand_off.why or ""))
    return told


def _before(view: View) -> datetime | None:
    with suppress(ValueError):
        before = datetime.fromisoformat(view.request.query_params.get("before", ""))
        return before if before.tzinfo else None
    return None


async def _or(ask: Callable[[], Awaitable[T]], nothing: N, missing: list[str]) -> T | N:
    try:
        return await ask()
    except Away as away:
        if away.service not in missing:
            missing.append(away.service)
    except Refused:
        pass
    return nothing


def _tier(view: View, tier: str) -> str:
    return view.words(f"customers.tier_{tier}")


def _of_person(view: View, person: Customer | None, products: Mapping[str, str]) -> Sequence[Told]:
    if person is None:
        return []
    words = view.words
    told = []
    for entry in person.history:
        kind, what = cause(entry.cause)
        fact = f"customers.fact_{what}"
        because = (
            words(fact)
            if kind == "time" and words.has(fact)
            else words(f"customers.by_{kind}", what=what)
        )
        told.append(
            Told(
                entry.at,
                "route",
                "story.stage",
                {"stage": entry.stage.capitalize()},
                because=because,
            )
        )
    told += [
        Told(
            purchase.at,
            "shopping",
            "story.bought",
            {"product": products.get(purchase.product, purchase.product)},
        )
        for purchase in person.purchases
    ]
    for term in person.terms:
        plan = term.subscription.plan if term.subscription else words("customers.plan_none")
        told.append(Told(term.at, "credit-card", f"story.{term.kind}", {"plan": plan}))
    return told


def _of_unreachable(spell: Unreachable) -> list[Told]:
    """A device is not heard any more; and is again."""
    device, to = {"device": spell.device}, f"/devices/{quote(spell.device)}"
    told = [Told(spell.told_at, "wifi-off", "story.unreachable", device, "warn", to=to)]
    if spell.over_at is not None:
        told.append(Told(spell.over_at, "check", "story.reachable", device, "good", to=to))
    return told


async def _of_contacts(view: View, contacts: Sequence[Contact]) -> Sequence[Told]:
    words = view.words
    people = await names(view, [contact.who for contact in contacts])
    return [
        Told(
            contact.at,
            "phone",
            "story.contact",
            {
                "outcome": words(f"at_risk.outcome_{contact.outcome}"),
                "who": people.get(contact.who, contact.who),
            },
            because=contact.note,
        )
        for contact in contacts
    ]


def _of_ticket(view: View, ticket: Ticket) -> Told:
    words = view.words
    named = ticket.subject or (
        words("tickets.of_device", code=in_words(ticket.fault_code), device=ticket.device or "")
        if ticket.fault_code
        else words("tickets.without_subject")
    )
    open_ = ticket.state == "open"
    what = "story.ticket" if open_ else "story.resolved"
    to = f"/tickets/{quote(ticket.id, safe='')}"
    return Told(
        ticket.opened_at, "ticket", what, {"ticket": named}, "warn" if open_ else "good", to
    )
