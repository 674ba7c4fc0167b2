"""A link of a mail is opened: where it leads is told at once, who opened it is known a moment later."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from services.journey.domain.customers.state import Mark, State
from services.journey.domain.days import seconds
from services.journey.domain.messages.click import KNOWN_AFTER, MOST, Opened, is_person
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.ports import Unit
from services.journey.handlers.stages.advance import Work, update_stages
from services.journey.handlers.stages.on_stages import on_stages
from shared.errors import NotFound
from shared.events import MessageChanged
from shared.stream.timers import AT_MOST


async def follow_link(unit: Unit, token: str, link: str, *, counts: bool) -> str:
    """Where the link leads. Raises NotFound: no message that was sent has it.

    Args:
        counts: it may have been a person who opened it.
    """
    led = await unit.store.clicks.of_token(token, link)
    if led is None:
        raise NotFound("link", "of a mail")
    address: str = led.address
    if counts:
        before = await unit.store.clicks.of_messages([led.id])
        known = any(row.link == link and row.person for row in before)
        if not known and len(before) < MOST:
            at = unit.now
            await unit.store.clicks.note(
                {"message": led.id, "link": link, "at": at, "person": None, "due_at": at + KNOWN_AFTER}
            )  # fmt: skip
    return address


async def fire_clicks(unit: Unit, limit: int = AT_MOST) -> int:
    """Tell people from scanners: what a person opened is a fact of the customer, and heard by their runs."""
    due = await unit.store.clicks.due(unit.now, limit)
    if not due:
        return 0
    unit = await as_played(unit)
    all_ = await unit.store.clicks.of_messages({row.message for row in due})
    by_message: dict[str, list[Opened]] = {}
    known = {(row.message, row.link) for row in all_ if row.person}
    for row in all_:
        by_message.setdefault(row.message, []).append(Opened(row.link, row.at))
    people: list[Any] = []
    scanners: list[Any] = []
    for row in due:
        person = is_person(Opened(row.link, row.at), row.sent_at, by_message[row.message])
        (people if person else scanners).append(row)
    await unit.store.clicks.settle([_key(row) for row in scanners], person=False)
    await unit.store.clicks.settle([_key(row) for row in people], person=True)
    await _tell(unit, people, known)
    return len(due)


def _key(row: Any) -> tuple[str, str, datetime]:
    return row.message, row.link, row.at


async def _tell(unit: Unit, people: Sequence[Any], known: set[tuple[str, str]]) -> None:
    """Each link of a message counts once.

    Args:
        known: message and link of which it was told before.
    """
    first: dict[tuple[str, str], Any] = {}
    for row in people:
        key = row.message, row.link
        if key not in known and (key not in first or row.at < first[key].at):
            first[key] = row
    if not first:
        return
    held = await unit.store.customers.hold_existing({row.customer for row in first.values()})
    states = await unit.store.customers.states(list(held.values()))
    works: dict[str, Work] = {}
    for row in sorted(first.values(), key=_key):
        cause = f"click:{row.message}/{row.link}"
        if row.customer not in works:
            customer = held[row.customer]
            works[row.customer] = Work(customer, states[row.customer], cause, seconds(unit.now))
        mark = Mark(seconds(row.at), cause)
        works[row.customer].fold(partial(_fold, mark), cause)
    await on_stages(unit, await update_stages(unit, list(works.values())))
    at: dict[str, datetime] = {}
    for (message, link), row in sorted(first.items()):
        at[message] = min(row.at, at.get(message, row.at))
        unit.emit(
            MessageChanged(
                at=row.at, customer=row.customer, message=message, name=row.name, run=row.run,
                change="clicked",
            ),
            key=f"c:{row.customer}", cause=f"click:{message}/{link}", kind="message_clicked",
        )  # fmt: skip
    await unit.store.clicks.clicked(at)


def _fold(mark: Mark, state: State) -> int:
    state.clicks.add(mark)
    return mark.at
