"""Where console keeps personal data: of the people who sign in, never of customers."""

from shared.personal import Personal

PERSONAL: tuple[Personal, ...] = (
    Personal(
        table="account",
        columns=("email", "name", "subject"),
        whose="staff",
        why="to invite them, to sign them in, to say who did what",
        kept="as long as the account",
        erased="the row is deleted",
    ),
    Personal(
        table="session",
        columns=("address", "agent"),
        whose="staff",
        why="so that they recognise a session that is not theirs",
        kept="as long as the session, at most as long as the account",
        erased="the rows are deleted",
    ),
)
