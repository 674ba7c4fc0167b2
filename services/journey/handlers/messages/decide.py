"""Messages are about to go: whether they may is asked, written down, and told to their runs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from services.journey.domain.calls.call import News
from services.journey.domain.days import seconds
from services.journey.domain.messages.fill import BadTemplate
from services.journey.domain.messages.held_renewal import call_instead
from services.journey.domain.messages.letter import Letter, says_code, says_offer, write
from services.journey.domain.messages.of_runs import RUN_ENDED
from services.journey.domain.messages.purpose import Channel, Purpose
from services.journey.domain.messages.verdict import COMPARED, Outcome, Reason, Verdict
from services.journey.domain.messages.words import (
    NO_CALL,
    NO_OFFER,
    call_words,
    offer_words,
    words,
)
from services.journey.domain.plays.advance import park
from services.journey.domain.plays.play import Message as Written
from services.journey.domain.plays.run import Known, Moved, Run
from services.journey.domain.steps.call import BOOKED
from services.journey.domain.steps.mail import HELD_BACK, SENT
from services.journey.handlers.calls.book import calendar_of
from services.journey.handlers.messages.cases import Case, read_cases
from services.journey.handlers.messages.rates import judge
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.plays.move import move
from services.journey.handlers.plays.save import save
from services.journey.handlers.ports import Unit
from shared import ids
from shared.effects.effect import Deferred, Suppressed

# where a message has been taken out of the playbook since: a template that cannot be filled
NONE = Written("", "", Purpose.SERVICE, "", "{{ message_is_gone }}")
GONE, TEMPLATE, SEEN, OFFER_OVER = "no_message", "template_failed", "seen", "offer_over"
NO_CODE = "no_code"
CALL_CHANGED = "call_changed"
TO_CALENDARS = frozenset({News.BOOKED, News.MOVED, News.CANCELLED})  # a reminder changes nothing


class Links(NamedTuple):
    """Where customers leave a topic, answer a question, choose when they are called; where links lead over."""

    leave: str
    answer: str
    book: str
    go: str


class Going(NamedTuple):
    """A letter, when it was decided that it goes, and until when it is of use.

    Attributes:
        opens: what an app opens on a click.
    """

    letter: Letter
    decided_at: datetime
    until: datetime
    opens: str | None = None


Found = Going | Suppressed | Deferred


class Answer(NamedTuple):
    """What a verdict comes to.

    Attributes:
        found: for whoever sends.
        decided: columns of the message's row.
        told: what the run hears; None: nothing yet.
        spoilt: why the run cannot go on by itself.
        calls: a person does it instead, and the run waits for them.
    """

    found: Found
    decided: Mapping[str, Any]
    told: str | None = None
    spoilt: str | None = None
    calls: bool = False


async def decide(unit: Unit, ids_: Sequence[str], links: Links) -> dict[str, Found]:
    """Whether messages may go now, and their letters if so, by id.

    What was let through before (it may have gone out, or the server took none) is asked again but for
    its run, which has gone on: with the same answer the same letter goes out.

    Args:
        links: of our public pages; a token is put behind each.
    """
    unit = await as_played(unit)
    rows = await unit.store.messages.several(ids_)
    decided: dict[str, Found] = {id_: Suppressed(GONE) for id_ in ids_}
    waiting = [rows[id_] for id_ in ids_ if id_ in rows]
    while waiting:  # of each customer one at a time: the next one is asked about with it
        first = {row.customer: row for row in reversed(waiting)}
        waiting = [row for row in waiting if first[row.customer] is not row]
        decided |= await _decide(unit, list(first.values()), links)
    return decided


async def _decide(unit: Unit, rows: Sequence[Any], links: Links) -> dict[str, Found]:
    cases = await read_cases(unit, rows)
    judged = await judge(unit, cases)
    answers = {id_: _answer(case, judged[id_], unit, links) for id_, case in cases.items()}
    await unit.store.clicks.lead(
        {
            link: address
            for answer in answers.values()
            if isinstance(answer.found, Going)
            for link, address in answer.found.letter.leads_to.items()
        },
        unit.now,
    )
    await unit.store.messages.decided([answer.decided for answer in answers.values()])
    moved: list[Moved] = []
    for id_, answer in answers.items():
        moved += await _moved(unit, cases[id_], answer)
    await save(unit, moved)
    return {id_: answer.found for id_, answer in answers.items()}


def _answer(case: Case, verdict: Verdict, unit: Unit, links: Links) -> Answer:
    row, why = case.row, verdict.said if verdict.said == RUN_ENDED else verdict.reason.value
    decided = {
        "id": row.id, "verdict": verdict.outcome.value, "why": why, "decided_at": unit.now,
        "leave_token": row.leave_token, "answer_token": row.answer_token,
        "link_token": row.link_token, "links": row.links,
        "contact": None if case.contact is None else case.contact.id,
    }  # fmt: skip
    if (
        row.verdict == Outcome.SEND and case.channel is Channel.APP
    ):  # told again: that it went out stays
        decided |= {"verdict": row.verdict, "why": row.why, "decided_at": row.decided_at}
        if row.seen_at is not None:
            return Answer(Suppressed(SEEN), decided)
    if _is_old_news(case):
        decided |= {"verdict": Outcome.SKIP.value, "why": CALL_CHANGED}
        return Answer(Suppressed(CALL_CHANGED), decided)
    if verdict.outcome in {Outcome.DEFER, Outcome.HOLD}:
        later = verdict.until or unit.now + timedelta(hours=1)
        return Answer(Deferred(later, verdict.reason.value), decided)
    if verdict.outcome is Outcome.SKIP:
        asks = row.asks is not None or case.call is not None
        if verdict.reason is Reason.TROUBLE_LASTED and not asks:
            return Answer(Suppressed(why), decided, told=HELD_BACK, calls=True)
        word = SENT if verdict.reason in COMPARED else HELD_BACK
        return Answer(Suppressed(why), decided, told=word)
    return _going(case, decided, unit, links)


def _going(case: Case, decided: dict[str, Any], unit: Unit, links: Links) -> Answer:
    """The letter is written; what cannot be filled parks its run and harms no other."""
    row = case.row
    token = row.leave_token or ids.secret()
    asks = None if row.asks is None else row.answer_token or ids.secret()
    mail = case.channel is Channel.EMAIL
    goes = row.link_token or ids.secret()
    message = unit.rules.message(row.play, row.version, row.message) or NONE
    offer = _offer(case)
    lacks = _lacks(message, offer, case.code)
    if lacks is not None:
        decided |= {"verdict": Outcome.SKIP.value, "why": lacks}
        return Answer(Suppressed(lacks), decided, told=HELD_BACK)
    try:
        letter = write(
            message, case.address or "",
            words(
                case.state, case.person, seconds(unit.now), offer,
                _call(case, links), case.code,
            ),
            f"{links.leave}{token}", "" if asks is None else f"{links.answer}{asks}",
            footer=mail, go_url=f"{links.go}{goes}/" if mail else "",
        )  # fmt: skip
    except BadTemplate as error:
        decided |= {"verdict": Outcome.SKIP.value, "why": TEMPLATE}
        return Answer(Suppressed(TEMPLATE), decided, spoilt=f"{TEMPLATE}: {error}")
    if case.call is not None and row.news in TO_CALENDARS:
        letter = replace(letter, calendar=calendar_of(case.call, links.book))
    decided |= {"leave_token": token, "answer_token": asks}
    if letter.leads_to:
        decided |= {"link_token": goes, "links": sorted(letter.leads_to)}
    if row.verdict == Outcome.SEND:
        decided["decided_at"] = row.decided_at
    return Answer(Going(letter, decided["decided_at"], case.until, row.opens), decided, told=SENT)


def _lacks(message: Written, offer: Mapping[str, object], code: str) -> str | None:
    """What it speaks of and there is not; None: nothing."""
    if offer is NO_OFFER and says_offer(message):
        return OFFER_OVER
    return NO_CODE if not code and says_code(message) else None


def _offer(case: Case) -> Mapping[str, object]:
    """What its run offers them, if it can still be accepted."""
    row = case.offer
    if row is None:
        return NO_OFFER
    return offer_words(row.name, row.price, row.list_price, row.valid_until, case.zone)


def _call(case: Case, links: Links) -> Mapping[str, object]:
    """What its step has them choose, and what they have chosen."""
    row = case.call
    if row is None:
        return NO_CALL
    url = f"{links.book}{row.token}"
    return call_words(url, row.starts_at, case.row.news, case.customer.zone)


def _is_old_news(case: Case) -> bool:
    """Whether it would remind of a call that is not at that time any more."""
    row, call = case.row, case.call
    if row.news != News.SOON:
        return False
    return call is None or call.state != BOOKED or call.starts_at != row.until


async def _moved(unit: Unit, case: Case, answer: Answer) -> list[Moved]:
    """The run goes on, or is parked, if it waits for this."""
    if not case.waits:
        return []
    if answer.spoilt is not None:
        return [park(case.run, answer.spoilt, seconds(unit.now))]
    if answer.told is None:
        return []
    if answer.calls and (called := _called(unit, case.run)) is not None:
        return [called]
    customer = case.customer
    known = {customer.id: Known(case.state, customer.stage, customer.zone)}
    return await move(unit, [replace(case.run, told=answer.told)], known)


def _called(unit: Unit, run: Run) -> Moved | None:
    """The run waits for a person who does what the mail was to do; None: nobody could, or is to."""
    if run.control:
        return None
    played, now = unit.rules.play_of(run.play, run.version), seconds(unit.now)
    task = None if played is None else call_instead(played[0], unit.rules.playbook.teams, run, now)
    return None if task is None else Moved(run, acts=(task,))
