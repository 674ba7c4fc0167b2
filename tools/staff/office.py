"""The office: which colleague looks after whom, and the people of business accounts.

It looks once a week while the days pass, so that plays write to people of accounts, and what is to do for a customer
is whoever's of whom they are: the first page of whoever is signed in as customer success is about customers of their own.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tools.demo.ask import Asker
from tools.local.auth import Operator
from tools.local.certificates import of
from tools.staff.persona import draw

CSMS = frozenset({"csm", "lead"})  # roles of whom customers are given to
EVERY = 4  # of households one in so many is looked after by somebody; of business accounts each
MOST = 1_000  # of one hand-over
TEAM = "success"  # whose tasks they are given
WEEK = timedelta(days=7)
REST_S = 2.0  # between two looks at the clock
NAMES = (
    "Robin Hale",
    "Sasha Orr",
    "Jo Lind",
    "Kai Brandt",
    "Noor Haddad",
    "Lee Novak",
    "Mika Sand",
    "Toni Reyes",
)
PEOPLE: tuple[tuple[str, str], ...] = (
    ("decision_maker", "email"), ("user", "email"), ("billing", "email"), ("technical", "phone"),
)  # fmt: skip
LANGUAGES = {"Europe/Berlin": "de"}


class Office:
    """Gives new customers to the colleagues there are, and new accounts their contacts."""

    def __init__(self, asker: Asker, console: str, folder: Path) -> None:
        self._asker = asker
        self._console = console
        self._folder = folder
        self._members: set[str] = set()
        self._with_contacts: set[str] = set()
        self._given: set[str] = set()

    async def work(self) -> None:
        """Look again and again, once a week of the customers' time, until cancelled."""
        looked: datetime | None = None
        while True:
            with contextlib.suppress(httpx.HTTPError):  # a service that is away is asked again
                now = await self._asker.clock("journey")
                # why abs: a service's clock is the wall's until it hears of the customers'
                if looked is None or abs(now - looked) >= WEEK:
                    await self.look()
                    looked = now
            await asyncio.sleep(REST_S)

    async def look(self) -> None:
        """See to what is new. Raises httpx.HTTPError."""
        customers = await self._asker.pages("journey", "/v1/customers")
        for account in customers:
            if account["kind"] == "business" and account["id"] not in self._with_contacts:
                for contact in contacts_of(account["id"], account["zone"]):
                    path = f"/v1/customers/{account['id']}/contacts"
                    await self._asker.post("journey", path, contact)
                self._with_contacts.add(account["id"])
        csms = await self._colleagues()
        for csm in set(csms) - self._members:
            await self._asker.put("journey", f"/v1/teams/{TEAM}/members/{csm}", {})
            self._members.add(csm)
        fresh = [row for row in customers if row["id"] not in self._given]
        for csm, theirs in portfolios(fresh, csms).items():
            for begin in range(0, len(theirs), MOST):
                wish = {"to": csm, "customers": theirs[begin : begin + MOST]}
                await self._asker.post("journey", "/v1/portfolios/hand-over", wish)
            self._given |= set(theirs)

    async def _colleagues(self) -> Sequence[str]:
        """Those of customer success who can sign in."""
        trusted = of(self._folder).context()
        async with httpx.AsyncClient(
            base_url=self._console, verify=trusted, trust_env=False, timeout=30,
            auth=Operator(self._folder),
        ) as http:  # fmt: skip
            answer = await http.get("/v1/accounts", params={"limit": "200"})
            answer.raise_for_status()
        accounts = answer.json()["items"]
        return [f"account:{who['id']}" for who in accounts if CSMS & set(who["roles"])]


def portfolios(
    customers: Sequence[Mapping[str, Any]], csms: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """Who is given to whom: the accounts evenly, of households some."""
    given: dict[str, list[str]] = {csm: [] for csm in csms}
    for row in customers:
        looked_after = row["kind"] == "business" or draw(row["id"], "csm") < 1 / EVERY
        if looked_after and csms:
            given[csms[int(draw(row["id"], "whose") * len(csms))]].append(row["id"])
    return {csm: theirs for csm, theirs in given.items() if theirs}


def contacts_of(account: str, zone: str) -> Sequence[Mapping[str, Any]]:
    """The people of an account: two to four, the one who decides among them."""
    many = 2 + int(draw(account, "contacts") * 3)
    begin = int(draw(account, "names") * len(NAMES))
    contacts = []
    for n, (role, channel) in enumerate(PEOPLE[:many]):
        name = NAMES[(begin + n) % len(NAMES)]
        contacts.append(
            {
                "name": name, "role": role, "channel": channel, "zone": zone,
                "email": f"{name.split()[0].lower()}@{account}.example.com",
                "phone": f"+1555{int(draw(account, name) * 10_000_000):07d}",
                "language": LANGUAGES.get(zone),
            }
        )  # fmt: skip
    return contacts
