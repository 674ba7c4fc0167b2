"""The office: which colleague looks after whom, and the people of business accounts.

It is there when the days have passed: the first page of whoever is signed in as customer success is about
customers of their own.
"""

from collections.abc import Mapping, Sequence
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


async def colleagues(console: str, folder: Path) -> Sequence[str]:
    """Those of customer success who can sign in."""
    trusted = of(folder).context()
    async with httpx.AsyncClient(
        base_url=console, verify=trusted, trust_env=False, timeout=30, auth=Operator(folder)
    ) as http:
        answer = await http.get("/v1/accounts", params={"limit": "200"})
        answer.raise_for_status()
    accounts = answer.json()["items"]
    return [f"account:{who['id']}" for who in accounts if CSMS & set(who["roles"])]


async def furnish(asker: Asker, csms: Sequence[str]) -> None:
    """Give customers to these colleagues, and accounts their contacts."""
    customers = await asker.pages("journey", "/v1/customers")
    for account in customers:
        if account["kind"] == "business":
            for contact in contacts_of(account["id"], account["zone"]):
                await asker.post("journey", f"/v1/customers/{account['id']}/contacts", contact)
    for csm, theirs in portfolios(customers, csms).items():
        for begin in range(0, len(theirs), MOST):
            wish = {"to": csm, "customers": theirs[begin : begin + MOST]}
            await asker.post("journey", "/v1/portfolios/hand-over", wish)


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
