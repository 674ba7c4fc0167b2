"""What people call who did something and what it was done to; an id stays where nobody has a word."""

from collections.abc import Iterator, Mapping, Sequence

from services.console.edges.pages.people import ACCOUNT, customers_called, names
from services.console.edges.pages.view import View
from services.console.edges.services.auditing import Row

SERVICE, ALL = "service:", "all"
PLACES = {"account": "/people/", "customer": "/customers/", "device": "/devices/", "ticket": "/tickets/"}  # fmt: skip

Called = Mapping[str, str]
"""Words by `kind:id`; accounts, services and keys as subjects are written so already."""


async def called(view: View, rows: Sequence[Row]) -> Called:
    """Words for who and what of these changes."""
    words = view.words
    subjects = {row.who for row in rows} | {f"{row.kind}:{row.id}" for row in rows}
    customers = [row.id for row in rows if row.kind == "customer"]
    everybody = f"{ACCOUNT}{ALL}"
    told = {text for row in rows for _, text in _told(row)}
    known = dict(await names(view, (subjects | told) - {everybody}))
    if everybody in subjects:
        known[everybody] = words("audit.everybody")
    for subject in subjects:
        name = subject.removeprefix(SERVICE)
        if name != subject and words.has(f"services.{name}"):
            known[subject] = words(f"services.{name}")
    people = await customers_called(view, customers) if customers else {}
    return known | {f"customer:{id_}": name for id_, name in people.items()}


def _told(row: Row) -> Iterator[tuple[str, str]]:
    """Accounts that a change tells of: its text of each, and the account's subject."""
    for values in (row.before or {}, row.after or {}):
        for name, value in values.items():
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and (name == "accounts" or text.startswith(ACCOUNT)):
                    yield text, f"{ACCOUNT}{text.removeprefix(ACCOUNT)}"


def people_of(row: Row, known: Called) -> Mapping[str, str]:
    """What the accounts are called that a change tells of, by its text of each."""
    return {text: known.get(subject, text) for text, subject in _told(row)}


def place(row: Row) -> str:
    """Where one looks at the thing; empty: it has no page.

    >>> place(Row(1, None, "service:console", "ticket.open", "ticket", "t-1"))
    '/tickets/t-1'
    """
    start = PLACES.get(row.kind) if row.id != ALL else None
    return f"{start}{row.id}" if start else ""
