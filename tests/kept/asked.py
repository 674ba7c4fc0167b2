"""What people and services see of a database: GET routes asked in the process, without other servers.

Asked when a state is kept (keep.py) and again when it has been migrated (test_kept_state.py).
"""

from collections.abc import Iterable, Mapping
from typing import Any

import httpx
from fastapi import FastAPI

from tests.signed import headers

PERSON = ("admin", "lead", "agent", "csm", "oncall")  # together they see whatever people may see
OF_CUSTOMER = "/v1/personal/{}"
RUNTIME = ("/v1/ledger", "/v1/quarantine?limit=100", "/v1/audit?limit=200", "/v1/audit/verify")

LISTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "ingest": {
        "/v1/devices?limit=100": ("/v1/devices/{}", "/v1/devices/{}/credentials"),
        "/v1/apps?limit=100": ("/v1/apps/{}", "/v1/apps/{}/credentials"),
        "/v1/rejects?limit=100": ("/v1/rejects/{}",),
    },
    "journey": {
        "/v1/customers?limit=100": (
            "/v1/customers/{}",
            "/v1/customers/{}/contact",
            "/v1/customers/{}/subscription",
        ),
    },
    "support": {
        "/v1/tickets?limit=100": ("/v1/tickets/{}", "/v1/tickets/{}/history?limit=100"),
        "/v1/organisations": ("/v1/organisations/{}",),
    },
    "analytics": {},
    "console": {"/v1/accounts": ("/v1/accounts/{}",), "/v1/keys": ()},
}
"""What is listed, and what is asked about each `id` of the list."""
SINGLE: Mapping[str, tuple[str, ...]] = {
    "ingest": ("/v1/rejects/summary",),
    "journey": ("/v1/stages", "/v1/erasures?limit=100"),
    "support": ("/v1/tickets/summary",),
    "analytics": ("/v1/risks?limit=100", "/v1/risks/summary", "/v1/findings?limit=100"),
    "console": (),
}
ABOUT_CUSTOMERS: Mapping[str, tuple[str, ...]] = {
    "ingest": (OF_CUSTOMER,),
    "journey": (OF_CUSTOMER,),
    "support": (OF_CUSTOMER,),
    "analytics": (OF_CUSTOMER, "/v1/customers/{}/risk", "/v1/customers/{}/days?last=90"),
    "console": (),
}


async def ask(app: FastAPI, paths: Iterable[str]) -> dict[str, Any]:
    """Status and JSON of each path, in this order."""
    transport = httpx.ASGITransport(app)
    told = {}
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        for path in paths:
            roles = ("service",) if path.startswith("/v1/personal/") else PERSON
            got = await http.get(path, headers=headers(*roles))
            told[path] = [got.status_code, got.json() if got.content else None]
    return told


async def ask_all(service: str, app: FastAPI, customers: Iterable[str]) -> dict[str, Any]:
    """All there is to ask; the audit first, for some reading is audited itself."""
    told = await ask(app, [*RUNTIME[::-1], *SINGLE[service], *LISTS[service]])
    paths = [
        path.format(item["id"])
        for listed, about in LISTS[service].items()
        for item in told[listed][1]["items"]
        for path in about
    ]
    paths += [path.format(who) for path in ABOUT_CUSTOMERS[service] for who in customers]
    return told | await ask(app, paths)
