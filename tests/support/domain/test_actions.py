"""What people do to tickets, and what is refused."""

import pytest

from services.support.domain import actions, reports
from services.support.domain.actions import By
from services.support.domain.ticket import Resolution, State
from services.support.errors import NewerTicketOpen, TicketOpen, TicketResolved
from tests.support.build import NOON, RULES, at, fault, numbered, progress, resolved_ticket, ticket

KIM = By("kim", at(5), "wish-1")


def done(work, action, on=None):
    action(work, work.ticket if on is None else on, KIM)
    return work


def test_assign():
    work = done(progress(ticket(assignee="bo")), actions.assign("kim"))
    assert (work.ticket.assignee, work.ticket.touched_at, work.ticket.version) == ("kim", at(5), 2)
    (entry,) = work.entries
    assert (entry.who, entry.what, entry.at) == ("kim", "assigned", at(5))
    assert entry.detail == {"assignee": "kim", "before": "bo"}
    assert [change.told for change in work.changes] == ["assigned"]


def test_a_resolved_ticket_takes_comments():
    work = done(progress(resolved_ticket(NOON)), actions.comment("called the customer"))
    assert work.entries[0].detail == {"text": "called the customer"}
    assert work.ticket.state is State.RESOLVED


def test_resolve_ends_what_waited():
    work = progress(ticket(), recovery_due=at(30))
    done(work, actions.resolve(Resolution.FIX, "new card"))
    assert (work.ticket.resolution, work.ticket.resolved_at) == (Resolution.FIX, at(5))
    assert work.episode.recovery_due is None
    assert work.entries[0].detail == {"resolution": "fix", "note": "new card"}


@pytest.mark.parametrize(
    "action",
    [actions.assign("kim"), actions.resolve(Resolution.FIX, None)],
    ids=["assign", "resolve"],
)
def test_a_resolved_ticket_must_be_reopened_first(action):
    with pytest.raises(TicketResolved):
        done(progress(resolved_ticket(NOON)), action)


def test_reopen():
    work = done(progress(resolved_ticket(NOON)), actions.reopen("not gone"))
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
        done(progress(ticket()), actions.reopen(None), on=old)


def test_an_older_ticket_reopened_becomes_the_one_that_faults_join():
    old = resolved_ticket(NOON, id="00000000-0000-0000-0000-000000000000")
    work = done(progress(resolved_ticket(NOON)), actions.reopen(None), on=old)
    reports.fold(work, numbered(fault(10, 1)), RULES)
    assert work.ticket.id == old.id
    assert work.ticket.faults == 2
