"""What people and programs are called: other services know them by the ids of accounts, keys, customers."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from services.console.edges.pages import panels
from services.console.edges.pages.view import View
from shared.web.who import Role

ACCOUNT, KEY = "account:", "key:"
MOST = 500  # colleagues to choose from
CSMS: tuple[Role, ...] = ("csm", "lead")  # whom customers are given to
SEE_PEOPLE = ("csm", "agent", "lead", "admin")  # names and addresses of customers are shown to them
PATIENCE_S = 1.0  # then a list is shown with ids


async def names(view: View, subjects: Iterable[str | None]) -> Mapping[str, str]:
    """Names by subject, as far as they are known; of whoever looks it is `You`.

    Args:
        subjects: `account:<id>`, `key:<id>`, or whatever else stands for somebody: that is left out.
    """
    words = view.words
    wanted = sorted({subject for subject in subjects if subject})
    people = [subject for subject in wanted if subject.startswith(ACCOUNT)]
    programs = [subject for subject in wanted if subject.startswith(KEY)]
    if not people and not programs:
        return {}
    async with view.begin() as store:
        known: Mapping[str, str] = await store.accounts.names(_ids(people)) if people else {}
        keys: Mapping[str, str] = await store.keys.names(_ids(programs)) if programs else {}
    gone = words("tickets.who.gone")
    called = dict(zip(people, (known.get(id_, gone) for id_ in _ids(people)), strict=True))
    for subject, id_ in zip(programs, _ids(programs), strict=True):
        name = keys.get(id_)
        called[subject] = words("audit.program", name=name) if name else words("tickets.by.key")
    if view.who is not None and view.who.subject in called:
        called[view.who.subject] = words("tickets.who.me")
    return called


def _ids(subjects: Iterable[str]) -> list[str]:
    return [subject.partition(":")[2] for subject in subjects]


async def colleagues(view: View, roles: Collection[Role]) -> Sequence[tuple[str, str]]:
    """Whom work can be given to: subjects with their names; whoever looks is the first."""
    assert view.who is not None  # noqa: S101 - routes of the signed in only
    words, me = view.words, view.who.subject
    async with view.begin() as store:
        known: Mapping[str, str] = await store.accounts.colleagues(roles, MOST)
    others = [(f"{ACCOUNT}{id_}", name) for id_, name in known.items()]
    return [
        (me, words("tickets.who.me")),
        *(colleague for colleague in others if colleague[0] != me),
    ]


async def customers_called(
    view: View, ids: Iterable[str], within_s: float = PATIENCE_S
) -> Mapping[str, str]:
    """Names of customers by id; of those whose name is not to be had nothing."""
    if not view.has(*SEE_PEOPLE):
        return {}
    return await panels.in_time(view.ask.customers.names(ids), {}, within_s)
