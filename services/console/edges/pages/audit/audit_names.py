"""What people call who did something and what it was done to; an id stays where nobody has a word."""

from collections.abc import Mapping, Sequence

from services.console.edges.pages.people import customers_called, names
from services.console.edges.pages.view import View
from services.console.edges.services.auditing import Row

SERVICE, KEY = "service:", "key:"
PLACES = {"account": "/people/", "customer": "/customers/", "device": "/devices/", "ticket": "/tickets/"}  # fmt: skip

Called = Mapping[str, str]
"""Words by `kind:id`; accounts, services and keys as subjects are written so already."""


async def called(view: View, rows: Sequence[Row]) -> Called:
    """Words for who and what of these changes."""
    words = view.request.app.state.frame.words
    subjects = {row.who for row in rows} | {f"{row.kind}:{row.id}" for row in rows}
    customers = [row.id for row in rows if row.kind == "customer"]
    known = dict(await names(view, subjects))
    for subject in subjects:
        name = subject.removeprefix(SERVICE)
        if name != subject and words.has(f"services.{name}"):
            known[subject] = words(f"services.{name}")
    keys = [who.removeprefix(KEY) for who in sorted(subjects) if who.startswith(KEY)]
    async with view.request.app.state.begin() as store:
        programs: Mapping[str, str] = await store.keys.names(keys)
    known |= {f"{KEY}{id_}": words("audit.program", name=name) for id_, name in programs.items()}
    people = await customers_called(view, customers) if customers else {}
    return known | {f"customer:{id_}": name for id_, name in people.items()}


def place(row: Row) -> str:
    """Where one looks at the thing; empty: it has no page.

    >>> place(Row(1, None, "service:console", "ticket.open", "ticket", "t-1"))
    '/tickets/t-1'
    """
    start = PLACES.get(row.kind)
    return f"{start}{row.id}" if start else ""
