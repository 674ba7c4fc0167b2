"""What the audit says of a change: by whom, of what, and what was and became of it."""

from collections.abc import Mapping
from typing import Any

from shared.db.audit import Author, By, Entry
from shared.web.who import Kind, Who

_BY: Mapping[Kind, By] = {
    "person": "person",
    "key": "program",
    "service": "program",
    "system": "system",
}

Told = tuple[dict[str, Any], dict[str, Any]]


def author(who: Who) -> Author:
    """The one who asks, as the audit names them."""
    return Author(
        who.subject, _BY[who.kind], sorted(who.roles), who.organisation, who.address, who.request
    )


def entry(
    who: Who,
    action: str,
    kind: str,
    id_: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str | None = None,
) -> Entry:
    """A row for the audit; within a unit of work `unit.audit(...)` makes it.

    Args:
        before, after: no personal data: of such fields their names, of what people wrote nothing.
    """
    return Entry(author(who), action, kind, id_, before, after, why)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Told:
    """Of both only what is not the same.

    >>> difference({"a": 1, "b": 2}, {"a": 1, "b": 3})
    ({'b': 2}, {'b': 3})
    """
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}
