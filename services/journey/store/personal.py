"""Where journey keeps personal data."""

from shared.personal import Personal

PERSONAL: tuple[Personal, ...] = (
    Personal(
        table="customer_profile",
        columns=("name", "email", "phone", "address", "locale"),
        whose="customers",
        why="to know and to reach them",
        kept="as long as they are customers",
        erased="the row is deleted",
    ),
    Personal(
        table="task",
        columns=("note",),
        whose="customers",
        why="what people wrote when they did something for them",
        kept="as long as they are customers",
        erased="the row is deleted",
    ),
)
