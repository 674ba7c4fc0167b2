"""Where ingest keeps personal data."""

from shared.personal import Personal

PERSONAL: tuple[Personal, ...] = (
    Personal(
        table="reject",
        columns=("payload", "detail", "topic", "source", "stream"),
        whose="customers",
        why="the bytes of what was refused, to find out why and to judge it again; may hold anything",
        kept="14 days, what can be cured 30",
        erased="the rows of the person's devices and apps are deleted",
    ),
)
