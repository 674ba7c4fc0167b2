"""What support holds of customers, and where of it there is personal data."""

from shared.personal import Held, Personal, personal_of

_TICKETS = "ticket = ANY(CAST(:tickets AS text[]))"
# texts that people wrote: domain/tickets/actions.py, handlers/customers/reveal.py
_WORDS = "CAST('{text,note,reason}' AS text[])"
_TICKET = """ticket.id, origin, customer, device, subject, channel, priority,
          state, opened_at, opened_by, reopened_at, resolved_at, resolution,
          previous_ticket, reopen_count, assignee, team, touched_at, historical, version,
          (SELECT to_json(f) FROM ticket_fault f WHERE f.ticket = ticket.id) AS fault,
          (SELECT coalesce(json_agg(h ORDER BY h.at, h.id), '[]')
            FROM (SELECT id, at, who, what, detail FROM ticket_history WHERE ticket = ticket.id) h) AS history,
          (SELECT coalesce(json_agg(s.organisation), '[]')
            FROM shared_with s WHERE s.kind = 'ticket' AND s.id = ticket.id) AS shared_with"""

HELD: tuple[Held, ...] = (
    Held(
        "ticket_history",  # given out within the ticket
        find=f"{_TICKETS} AND detail ?| {_WORDS}",
        erases=f"detail = detail - {_WORDS}",
        personal=Personal(
            table="ticket_history",
            columns=("detail",),
            whose="customers",
            why="comments, notes and reasons: people write what they need to help",
            kept="as long as the ticket",
            erased="the texts are removed, the lines stay",
        ),
    ),
    Held("reveal", find=_TICKETS),
    Held("shared_with", find="kind = 'ticket' AND id = ANY(CAST(:tickets AS text[]))"),
    Held("device", erases="customer = NULL", name="devices", order="id"),
    Held(
        "ticket",
        erases="customer = NULL, subject = NULL",
        name="tickets",
        gives=_TICKET,
        order="opened_at, id",
        personal=Personal(
            table="ticket",
            columns=("subject",),
            whose="customers",
            why="what a ticket that no fault opened is about, in a few words of people",
            kept="as long as the ticket",
            erased="it is removed, the ticket stays",
        ),
    ),
    Held("customer", find="id = ANY(CAST(:customers AS text[]))", name="customer"),
)
PERSONAL: tuple[Personal, ...] = personal_of(HELD)
