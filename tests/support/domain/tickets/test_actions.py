"""What people do to tickets, and what is refused."""

import pytest

from services.support.domain.faults import reports
from services.support.domain.tickets import actions
from services.support.domain.tickets.actions import By
from services.support.domain.tickets.ticket import Channel, Origin, Resolution, State
from services.support.domain.tickets.work import TicketWork
from services.support.errors import NewerTicketOpen, TicketOpen, TicketResolved
from tests.support.build import NOON, RULES, at, fault, numbered, resolved_ticket, ticket, work_of

KIM = By("kim", at(5), "wish-1")


def done(work, action, on=None):
    before = work.ticket if on is None else on
    action(work.tickets, before, KIM)
    work.follow(before, work.tickets.changed[before.id])
    return work


def test_assign():
    work = done(work_of(ticket(assignee="bo")), actions.assign("kim"))
    assert (work.ticket.assignee, work.ticket.touched_at, work.ticket.version) == ("kim", at(5), 2)
    (entry,) = work.tickets.entries
    assert (entry.who, entry.what, entry.at) == ("kim", "assigned", at(5))
    assert entry.detail == {"assignee": "kim", "before": "bo"}
    assert [change.told for change in work.tickets.changes] == ["assigned"]


def test_a_resolved_ticket_takes_comments():
    work = done(work_of(resolved_ticket(NOON)), actions.comment("called the customer"))
    assert work.tickets.entries[0].detail == {"text": "called the customer"}
    assert work.ticket.state is State.RESOLVED


def test_resolve_ends_what_waited():
    work = work_of(ticket(), recovery_due=at(30))
    done(work, actions.resolve(Resolution.FIX, "new card"))
    assert (work.ticket.resolution, work.ticket.resolved_at) == (Resolution.FIX, at(5))
    assert work.state.recovery_due is None
    assert work.tickets.entries[0].detail == {"resolution": "fix", "note": "new card"}


@pytest.mark.parametrize(
    "action",
    [actions.assign("kim"), actions.resolve(Resolution.FIX, None)],
    ids=["assign", "resolve"],
)
def test_a_resolved_ticket_must_be_reopened_first(action):
    with pytest.raises(TicketResolved):
        done(work_of(resolved_ticket(NOON)), action)


def test_reopen():
    work = done(work_of(resolved_ticket(NOON)), actions.reopen("not gone"))
    assert (work.ticket.state, work.ticket.reopen_count, work.ticket.opened_by) == (
        State.OPEN,
        1,
        "kim",
    )
    with pytest.raises(TicketOpen):
        done(work, actions.reopen(None))


def test_an_older_ticket_cannot_be_reopened_beside_an_open_one():
    old = resolved_ticket(NOON, id="00000000-0000-0000-0000-000000000000")
    with pytest.raises(NewerTicketOpen, match="11111111"):
        done(work_of(ticket(), old), actions.reopen(None), on=old)


def test_an_older_ticket_reopened_becomes_the_one_that_faults_join():
    old = resolved_ticket(NOON, id="00000000-0000-0000-0000-000000000000")
    work = done(work_of(resolved_ticket(NOON), old), actions.reopen(None), on=old)
    reports.fold(work, numbered(fault(10, 1)), RULES)
    assert work.ticket.id == old.id
    assert work.facts.faults == 2


ASKED = actions.Request("ana", "No picture at night", "It is black", Channel.PHONE, device="cam-1")


def test_what_a_customer_asks_for_is_a_conversation_without_a_fault():
    work = TicketWork()
    made = actions.open_for(ASKED, KIM, work)
    assert (made.origin, made.customer, made.device) == (Origin.PERSON, "ana", "cam-1")
    assert (made.state, made.opened_at, made.touched_at) == (State.OPEN, at(5), at(5))
    (entry,) = work.entries
    assert (entry.who, entry.what) == ("kim", "opened")
    assert entry.detail == {"channel": "phone", "text": "It is black"}
    assert [(change.told, change.fault_code) for change in work.changes] == [("opened", None)]
    assert actions.open_for(ASKED, KIM, TicketWork()).id == made.id, "one wish, one ticket"


def test_a_conversation_is_assigned_ended_and_opened_again_without_a_fault():
    work = TicketWork([actions.open_for(ASKED, KIM, TicketWork())])
    (id_,) = work._held
    for action in (
        actions.assign("cameras"),
        actions.assign("account:kim"),
        actions.resolve(Resolution.EDUCATION, None),
        actions.reopen("still black"),
    ):
        action(work, work.get(id_), KIM)
    ended = work.get(id_)
    assert (ended.is_open, ended.reopen_count, ended.version) == (True, 1, 5)
    assert (ended.assignee, ended.team) == ("account:kim", "cameras")
    assert [entry.what for entry in work.entries] == [
        "assigned",
        "assigned",
        "resolved",
        "reopened",
    ]
