"""One customer's life on a terminal, read over HTTP from journey, support and analytics."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from tools.local.errors import LocalError
from tools.screens.screen import cell, shown

LAST_DAYS = 90
BARS = "▁▂▃▄▅▆▇█"
NO_REPORT = "·"  # no device reported that day: not the same as no use
NEWEST_TICKETS = 8
TIER_COLOUR = {"none": "green", "watch": "yellow", "at_risk": "red"}


class UnknownCustomer(LocalError):
    """No customer has this id."""

    def __init__(self, customer: str, journey: str) -> None:
        super().__init__(
            f"There is no customer {customer}. All of them:  "
            f'curl -H "Authorization: Bearer $(./playcaller token)" {journey}/v1/customers'
        )


@dataclass(frozen=True)
class Life:
    """What the services say about one customer; None where one did not answer."""

    customer: dict[str, Any]
    days: list[dict[str, Any]] | None
    risk: dict[str, Any] | None
    tickets: list[dict[str, Any]] | None


async def read(urls: Mapping[str, str], customer: str, auth: httpx.Auth) -> Life:
    """Ask the three services. Raises UnknownCustomer, LocalError when journey is away."""
    async with httpx.AsyncClient(trust_env=False, timeout=10, auth=auth) as client:
        try:
            answer = await client.get(f"{urls['journey']}/v1/customers/{customer}")
        except (httpx.HTTPError, KeyError):
            raise LocalError("journey does not answer. See:  ./playcaller status") from None
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise UnknownCustomer(customer, urls["journey"])
        answer.raise_for_status()
        days, risk, tickets = await asyncio.gather(
            _get(client, urls, "analytics", f"/v1/customers/{customer}/days?last={LAST_DAYS}"),
            _get(client, urls, "analytics", f"/v1/customers/{customer}/risk"),
            _get(client, urls, "support", f"/v1/tickets?customer={customer}&limit=200"),
        )
    return Life(shown(answer.json()), _items(days), risk, _items(tickets))


def sparkline(days: Sequence[Mapping[str, Any]]) -> str:
    """Draw one character per day: height by uses, a dot where nothing reported.

    >>> sparkline([{"uses": 0, "reported": True}, {"uses": 8, "reported": True},
    ...            {"uses": 4, "reported": True}, {"uses": 0, "reported": False}])
    '▁█▅·'
    """
    top = max((day["uses"] for day in days), default=0) or 1
    last = len(BARS) - 1
    return "".join(
        BARS[round(day["uses"] / top * last)] if day["reported"] or day["uses"] else NO_REPORT
        for day in days
    )


def marks(days: Sequence[Mapping[str, Any]], moments: Mapping[str, Sequence[str]]) -> str:
    """Return a line below the sparkline, with each letter under the days of its moments.

    >>> marks([{"day": "2026-03-01"}, {"day": "2026-03-02"}, {"day": "2026-03-03"}],
    ...       {"T": ["2026-03-02T08:00:00Z"]})
    ' T'
    """
    under = {moment[:10]: letter for letter, all_of in moments.items() for moment in all_of}
    return "".join(under.get(str(day["day"]), " ") for day in days).rstrip()


def draw(life: Life, out: Console) -> None:
    """Print the whole story, the present first."""
    customer = life.customer
    _draw_head(customer, life.risk, out)
    if history := customer.get("history"):
        out.print("\n[bold]Stages[/]")
        out.print(_stages(history))
    if life.days is None:
        out.print("\nanalytics does not answer: no daily uses and no risk.", style="red")
    elif life.days:
        _draw_days(life, out)
    if life.tickets is None:
        out.print("\nsupport does not answer: no tickets.", style="red")
    else:
        _draw_tickets(life.tickets, out)


def _draw_head(customer: Mapping[str, Any], risk: Mapping[str, Any] | None, out: Console) -> None:
    name = (customer.get("profile") or {}).get("name") or ""
    facts = (customer["id"], name, customer.get("kind"), customer.get("zone"))
    out.print(" · ".join(str(fact) for fact in facts if fact), style="bold", markup=False)
    since = f", since {_day(customer['stage_since'])}" if customer.get("stage_since") else ""
    out.print(f"stage  {customer.get('stage') or 'none yet'}{since}", markup=False)
    if plan := customer.get("subscription"):
        out.print(
            f"plan   {plan.get('plan')}, {plan.get('status')}, renews {_day(plan.get('renews_at'))}",
            markup=False,
        )
    if risk:
        tier = str(risk.get("tier", "none"))
        numbers = [
            f"{name.replace('_', ' ')} {risk[name]:.2f}"
            for name in ("posterior", "severity", "risk", "expected_per_day", "recent_per_day")
            if isinstance(risk.get(name), int | float)
        ]
        onset = f", since {_day(risk['onset'])}" if risk.get("onset") else ""
        colour = TIER_COLOUR.get(tier, "white")
        out.print(f"risk   [{colour}]{cell(tier)}[/]{cell(onset)}  [dim]{', '.join(numbers)}[/]")


def _stages(history: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 0, 0, 2))
    for entry in sorted(history, key=lambda line: str(line["at"])):
        cause = cell(entry.get("cause") or "")
        table.add_row(cell(_day(entry["at"])), cell(entry["stage"]), f"[dim]{cause}[/]")
    return table


def _draw_days(life: Life, out: Console) -> None:
    days = life.days or []
    uses = [day["uses"] for day in days]
    out.print(f"\n[bold]Daily uses[/]  {_day(days[0]['day'])} to {_day(days[-1]['day'])}")
    below = marks(
        days,
        {
            "S": [entry["at"] for entry in life.customer.get("history") or []],
            "T": [ticket["opened_at"] for ticket in life.tickets or []],
        },
    )
    out.print(f"  {sparkline(days)}", markup=False, soft_wrap=True)
    out.print(f"  {below}", style="dim", markup=False, soft_wrap=True)
    out.print(
        f"  most {max(uses)} a day, {sum(uses)} in all;  {NO_REPORT} nothing reported, "
        "S stage, T ticket opened",
        style="dim",
    )


def _draw_tickets(tickets: Sequence[Mapping[str, Any]], out: Console) -> None:
    faults = sum(int(ticket.get("faults") or 0) for ticket in tickets)
    out.print(f"\n[bold]Tickets[/]  {len(tickets)}, from {faults} faults")
    newest = sorted(tickets, key=lambda held: str(held["opened_at"]), reverse=True)
    table = Table(box=None, show_header=False, padding=(0, 0, 0, 2))
    for ticket in newest[:NEWEST_TICKETS]:
        table.add_row(
            cell(_day(ticket["opened_at"])),
            cell(ticket.get("state")),
            cell(ticket.get("fault_code") or ticket.get("origin")),
            cell(ticket.get("device") or ""),
            cell(f"{ticket.get('faults') or 0} faults"),
            f"[dim]{cell(ticket['id'])}[/]",
        )
    out.print(table)
    if len(tickets) > NEWEST_TICKETS:
        out.print(f"  and {len(tickets) - NEWEST_TICKETS} older ones", style="dim")


def _day(moment: str | None) -> str:
    return moment[:10] if moment else "-"


async def _get(
    client: httpx.AsyncClient, urls: Mapping[str, str], service: str, path: str
) -> Any:  # JSON
    """Return the answer, {} when the service knows nothing of it, None when it is away."""
    try:
        answer = await client.get(urls[service] + path)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return {}
        return shown(answer.json()) if answer.status_code == httpx.codes.OK else None
    except (httpx.HTTPError, KeyError, ValueError):
        return None


def _items(answer: Any) -> list[dict[str, Any]] | None:  # JSON
    """Return the list of an answer, be it a page or a bare list; None stays None."""
    if answer is None:
        return None
    return list(answer.get("items", ()) if isinstance(answer, dict) else answer)
