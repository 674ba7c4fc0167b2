"""Five stops of a tour through the console: stories that the data of this demo holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tools.demo.ask import Asker
from tools.local.people import PARTNER

WORN_OFF = ("novelty", "decline")  # personas that use it less and less
ASIDE = "/on-call/quarantine/analytics?topic=device.usage&reason=seq_conflict"


@dataclass(frozen=True)
class Stop:
    """One place to look at: as whom, where, and what is to be seen there."""

    title: str
    role: str
    path: str


async def stops(truth: Mapping[str, Any], asker: Asker) -> list[Stop]:
    """The stops whose story is in the data; small fleets lack one or the other."""
    customers: Mapping[str, Any] = truth["customers"]
    findings = await asker.pages("analytics", "/v1/findings")
    faulty = await _faulty(customers, asker)
    dropped = worn_off(customers, findings)
    unheard = outage(customers, findings)
    shared = await _shared(faulty or dropped or unheard or next(iter(customers)), asker)
    stories = [
        (faulty, "A firmware that faults: one device, many faults, few tickets", "csm"),
        (
            dropped,
            "A customer who wore off: the verdict, since when, and the uses behind it",
            "csm",
        ),
        (unheard, "A router outage that is not churn: nothing heard, no verdict of a drop", "csm"),
    ]
    walk = [Stop(title, role, f"/customers/{who}") for who, title, role in stories if who]
    if truth["copied"] is not None:
        title = f"A cloned device, {truth['copied']}: two speak under its name"
        walk.append(Stop(title, "oncall", ASIDE))
    return [
        *walk,
        Stop("A partner's ticket, as its agent sees it", "partner", f"/tickets/{shared}"),
    ]


def worn_off(customers: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]) -> str | None:
    """Whose use wore off and who was found for it, the last one; with the surer verdict first."""
    flagged = [
        finding
        for finding in findings
        if customers.get(finding["customer"], {}).get("persona") in WORN_OFF
        and finding["tier"] in ("watch", "at_risk")
    ]
    latest = max(
        flagged, key=lambda finding: (finding["tier"] == "at_risk", finding["day"]), default=None
    )
    return None if latest is None else str(latest["customer"])


def outage(customers: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]) -> str | None:
    """Who had an outage and was never taken for a drop; who had most."""
    taken = {finding["customer"] for finding in findings if finding["tier"] in ("watch", "at_risk")}
    counts = {
        name: len(told["outages"])
        for name, told in customers.items()
        if told["outages"] and name not in taken and told["drop"] is None
    }
    return max(counts, key=lambda name: counts[name], default=None)


async def _faulty(customers: Mapping[str, Any], asker: Asker) -> str | None:
    """Of those with the faulty firmware, the first who has a ticket."""
    for name in (name for name, told in customers.items() if told["firmware_faults"]):
        ticket_page = await asker.get("support", "/v1/tickets", customer=name, limit=1)
        if ticket_page["items"]:
            return name
    return None


async def _shared(customer: str, asker: Asker) -> str:
    """A ticket of this customer's that the partner works on; returns its id."""
    wish = {
        "customer": customer,
        "subject": "The picture freezes since the last update",
        "text": "It began after the update. I have restarted it twice and it came back each time.",
        "channel": "phone",
        "audience": "shared",
    }
    ticket = str((await asker.post("support", "/v1/tickets", wish))["id"])
    await asker.post("support", f"/v1/tickets/{ticket}/share", {"organisation": PARTNER})
    return ticket
