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
)
