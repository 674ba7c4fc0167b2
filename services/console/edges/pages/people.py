"""What colleagues are called: other services know them by the id of their account."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from services.console.edges.pages.view import View
from shared.web.who import Role

ACCOUNT = "account:"
MOST = 500  # colleagues to choose from


async def names(view: View, subjects: Iterable[str | None]) -> Mapping[str, str]:
    """Names by subject, as far as they are known; of whoever looks it is `You`.

    Args:
        subjects: `account:<id>`, or whatever else stands for somebody: that is left out.
    """
    words = view.request.app.state.frame.words
    wanted = {each for each in subjects if each and each.startswith(ACCOUNT)}
    if not wanted:
        return {}
    async with view.request.app.state.begin() as store:
        known: Mapping[str, str] = await store.accounts.names(
            [each.removeprefix(ACCOUNT) for each in sorted(wanted)]
        )
    called = {
        each: known.get(each.removeprefix(ACCOUNT), words("tickets.who.gone")) for each in wanted
    }
    if view.who is not None and view.who.subject in called:
        called[view.who.subject] = words("tickets.who.me")
    return called


async def colleagues(view: View, roles: Collection[Role]) -> Sequence[tuple[str, str]]:
    """Whom work can be given to: subjects with their names; whoever looks is the first."""
    assert view.who is not None  # noqa: S101 - routes of the signed in only
    words, me = view.request.app.state.frame.words, view.who.subject
    async with view.request.app.state.begin() as store:
        known: Mapping[str, str] = await store.accounts.colleagues(roles, MOST)
    others = [(f"{ACCOUNT}{id_}", name) for id_, name in known.items()]
    return [(me, words("tickets.who.me")), *(each for each in others if each[0] != me)]
