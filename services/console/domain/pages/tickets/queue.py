"""What somebody wants to see of a queue of tickets, as the address says it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Self
from urllib.parse import quote, urlencode

STATES = ("open", "resolved", "all")
SORTS = ("waiting", "newest")


@dataclass(frozen=True, slots=True)
class Queue:
    """Filters and order; an empty one filters nothing.

    Attributes:
        state: `all` for both.
        sort: `waiting`: of open ones the one that waits longest first.
        assigned: `false`: those of nobody.
        after: where the page before ended.
    """

    state: str = "open"
    sort: str = "waiting"
    assignee: str = ""
    assigned: str = ""
    team: str = ""
    priority: str = ""
    fault_code: str = ""
    text: str = ""
    after: str = ""

    @classmethod
    def asked(cls, query: Mapping[str, str]) -> Self:
        """What an address asks for; what it does not say is as the day begins.

        >>> Queue.asked({"state": "", "text": "lens"}) == Queue(state="open", text="lens")
        True
        """
        return cls(**{name: query[name] for name in cls.__slots__ if query.get(name)})

    def asks(self, *, partner: bool) -> Mapping[str, str]:
        """The query for support; a partner asks by state and code alone.

        >>> Queue(text="lens").asks(partner=False)
        {'state': 'open', 'sort': 'waiting', 'text': 'lens'}
        >>> Queue(state="all", text="lens").asks(partner=True)
        {}
        """
        wanted = {name: value for name, value in asdict(self).items() if value}
        if wanted["state"] == "all":
            del wanted["state"]
        if partner:
            known = ("state", "fault_code", "after")
            return {name: wanted[name] for name in known if name in wanted}
        if self.state != "open":
            wanted["sort"] = "newest"  # who does not wait has not waited longest
        return wanted

    @property
    def query(self) -> str:
        """Its query, from the first page on."""
        return self._query("")

    @property
    def filters(self) -> Mapping[str, str]:
        """What counts of it: whatever the order and the page.

        >>> Queue(state="all", team="cameras").filters
        {'team': 'cameras'}
        """
        asked = self.asks(partner=False)
        return {name: value for name, value in asked.items() if name not in ("sort", "after")}

    def ticket(self, id_: str, act: str = "") -> str:
        """Where one of its tickets is shown or acted on, so that the way back is known.

        >>> Queue(team="cameras", after="x").ticket("a/b", "assign")
        '/tickets/a%2Fb/assign?state=open&sort=waiting&team=cameras'
        """
        below = f"/{act}" if act else ""
        return f"/tickets/{quote(id_, safe='')}{below}?{self._query('')}"

    def address(self, after: str = "") -> str:
        """Where it is shown, from a page on.

        >>> Queue(team="cameras").address("x")
        '/tickets?state=open&sort=waiting&team=cameras&after=x'
        """
        return f"/tickets?{self._query(after)}"

    def _query(self, after: str) -> str:
        wanted = asdict(replace(self, after=after))
        return urlencode({name: value for name, value in wanted.items() if value})


def views(me: str) -> Mapping[str, Queue]:
    """What a desk looks at every day, by name."""
    return {"unassigned": Queue(assigned="false"), "mine": Queue(assignee=me), "open": Queue()}
