"""The page of personal data, from what each service says in its `store/personal.py`."""

import importlib

from shared.personal import AUDIT, Personal
from shared.settings import SERVICES
from tools.reference.pages import MADE


def of(service: str) -> tuple[Personal, ...]:
    """The tables of one service."""
    declared: tuple[Personal, ...] = importlib.import_module(
        f"services.{service}.store.personal"
    ).PERSONAL
    return declared


def personal() -> str:
    """Every table that holds personal data."""
    lines = [
        "| service | table | columns | whose | why | kept | erasure |",
        "|---|---|---|---|---|---|---|",
    ]
    for service in SERVICES:
        lines += [_line(service, what) for what in of(service)]
        if not of(service):
            lines.append(f"| {service} | none | | | | | what is counted of a customer is deleted |")
    lines.append(_line("each", AUDIT))
    rows = "\n".join(lines)
    return f"""# Personal data

{MADE} The lines stand in `services/*/store/personal.py`.

Names, mail addresses, telephone numbers, streets and free text live in these columns and in no
others: not in Kafka, not in logs, metrics or error answers, not in a stored answer. A test plants
such data everywhere it may come in, dumps everything and looks for it
(`tests/acceptance/test_personal_data.py`). All other tables know a customer by an opaque id.

{rows}

How to export and to erase: [personal data](../how-to/personal-data.md).
"""


def _line(service: str, personal: Personal) -> str:
    columns = ", ".join(f"`{name}`" for name in personal.columns)
    return (
        f"| {service} | `{personal.table}` | {columns} | {personal.whose} | {personal.why} | {personal.kept} "
        f"| {personal.erased} |"
    )
