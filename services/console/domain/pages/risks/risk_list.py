"""What somebody wants to see of the customers at risk, as the address says it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self
from urllib.parse import quote, urlencode

TIERS = ("at_risk", "watch", "none", "learning")  # the one looked at first is the first
STATES = ("dropped", "lapsed", "unreachable", "away", "steady", "learning")
SORTS = ("value", "risk")


@dataclass(frozen=True, slots=True)
class RiskList:
    """Filters and order; an empty one filters nothing.

    Attributes:
        sort: `value`: by what is at stake first.
        outage: `true`: only who is not judged now, as collection failed, in whatever tier.
        text: of a name or an id.
        snoozed: `true`: only who is left out for a while; else nobody of them.
        after: where the page before ended.
    """

    tier: str = "at_risk"
    sort: str = "value"
    state: str = ""
    region: str = ""
    model: str = ""
    plan: str = ""
    outage: str = ""
    text: str = ""
    snoozed: str = ""
    after: str = ""

    @classmethod
    def asked(cls, query: Mapping[str, str]) -> Self:
        """What an address asks for; what it does not say is as the day begins.

        >>> RiskList.asked({"tier": "", "region": "eu"}) == RiskList(region="eu")
        True
        """
        return cls(**{name: query[name] for name in cls.__slots__ if query.get(name)})

    def asks(self) -> Mapping[str, str]:
        """The query for analytics, which knows no names.

        >>> RiskList(text="ann", region="eu").asks()
        {'tier': 'at_risk', 'sort': 'value', 'region': 'eu', 'snoozed': 'false'}
        """
        wanted = {n: value for n, value in asdict(self).items() if value and n != "text"}
        if self.outage:
            del wanted["tier"]
        return {**wanted, "snoozed": "true" if self.snoozed == "true" else "false"}

    def counts(self) -> Mapping[str, str]:
        """The query for the numbers of all verdicts.

        >>> RiskList(text="ann", region="eu").counts()
        {'region': 'eu'}
        """
        return {
            n: value for n in ("state", "region", "model", "plan") if (value := getattr(self, n))
        }

    @property
    def query(self) -> str:
        """Its query, from the first page on."""
        return self._query(after="")

    def address(self, **other: str) -> str:
        """Where it is shown, or another one that differs in this.

        >>> RiskList(region="eu").address(tier="watch")
        '/at-risk?tier=watch&sort=value&region=eu'
        """
        return f"/at-risk?{self._query(**other)}"

    def of(self, customer: str, act: str = "") -> str:
        """Where one of its customers is shown or acted on, so that the way back is known.

        >>> RiskList().of("a/b", "snooze")
        '/at-risk/a%2Fb/snooze?tier=at_risk&sort=value'
        """
        below = f"/{act}" if act else ""
        return f"/at-risk/{quote(customer, safe='')}{below}?{self.query}"

    def _query(self, **other: str) -> str:
        wanted = {**asdict(self), "after": "", **other}
        return urlencode({name: value for name, value in wanted.items() if value})
