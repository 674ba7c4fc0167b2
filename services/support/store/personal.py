"""Where support keeps personal data."""

from shared.personal import Personal

PERSONAL: tuple[Personal, ...] = (
    Personal(
        table="ticket_history",
        columns=("detail",),
        whose="customers",
        why="comments, notes and reasons: people write what they need to help",
        kept="as long as the ticket",
        erased="the texts are removed, the lines stay",
    ),
    Personal(
        table="ticket",
        columns=("subject",),
        whose="customers",
        why="what a ticket that no fault opened is about, in a few words of people",
        kept="as long as the ticket",
        erased="it is removed, the ticket stays",
    ),
)
