"""A partner's agent calls a customer: key, token, shared ticket, reveal, contact from journey."""

import asyncio
import re

import httpx
import pytest

from tests.system import System, until
from tools.local import certificates

pytestmark = pytest.mark.servers
OF_PARTNERS = ("support", "journey", "console")  # where a partner has routes of its own
SERIAL = "cam-2024-000311"
BEA = {"name": "Beatrix Quillfeather", "email": "bea@mail.example", "phone": "+49 170 5550456"}
ANN = {"name": "Ann Onymous", "email": "ann@mail.example", "phone": "+49 170 5550123"}


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    made = System(tmp_path_factory.mktemp("partner"))
    asyncio.run(made.start())
    yield made
    asyncio.run(made.stop())


async def opened(system, customer, profile, serial, code):
    """The ticket that a fault of this customer's device opens."""
    await system.post("journey", "/v1/customers", {"id": customer, "profile": profile})
    await system.post("ingest", "/v1/devices", {"id": serial, "model": "cam"})
    await system.post("ingest", f"/v1/devices/{serial}/claim", {"customer": customer})
    device = await system.device(serial)
    device.send("fault", device.event("fault", "fault", code=code))

    async def found():
        return (await system.get("support", "/v1/tickets", customer=customer))["items"]

    ticket = (await until(found))[0]["id"]
    device.close()
    return ticket


# a key may reveal where it is confined to the route by somebody with a second factor
WITH_CONTACT = [
    "GET /v1/tickets/{ticket_id}",
    "POST /v1/tickets/{ticket_id}/reveal",
    "GET /v1/tickets/{ticket_id}/contact",
]


async def test_a_partner_reads_contact_data_for_a_reason_and_nothing_else(system):
    ticket = await opened(system, "ann", ANN, "cam-2024-000187", "sd_card")
    await system.post("support", "/v1/organisations", {"id": "helpers", "name": "Helpers"})
    await system.post("support", f"/v1/tickets/{ticket}/share", {"organisation": "helpers"})

    token = await partner_token(system, scopes=WITH_CONTACT)
    url = f"{system.urls['support']}/v1/tickets/{ticket}"
    async with httpx.AsyncClient(
        trust_env=False, timeout=90, headers={"Authorization": f"Bearer {token}"}
    ) as partner:
        for path in (
            f"{system.urls['journey']}/v1/customers/ann",
            f"{system.urls['ingest']}/v1/devices",
        ):
            assert (await partner.get(path)).status_code == 403
        shown = await partner.get(url)
        assert shown.json()["device_ends"] == "…187"
        assert '"ann"' not in shown.text.lower()
        assert (await partner.get(f"{url}/contact")).status_code == 403
        await partner.post(f"{url}/reveal", json={"reason": "call back"})
        contact = await partner.get(f"{url}/contact")
    assert (contact.status_code, contact.json()) == (200, ANN), contact.text


async def test_whatever_a_partner_asks_for_it_cannot_tell_what_exists(system):
    """P12, over every route of every service: what is there and what is not look the same."""
    ticket = await opened(system, "bea", BEA, SERIAL, "motor")
    await system.post("support", "/v1/organisations", {"id": "rivals", "name": "Rivals"})
    foreign = ("bea", SERIAL, ticket, "rivals")
    asked = 0
    trusted = certificates.of(system.folder).context()
    for name, url in system.urls.items():
        token = await partner_token(system, f"keen-{name}")  # it lives five minutes
        async with httpx.AsyncClient(
            base_url=url, trust_env=False, timeout=90, verify=trusted,
            headers={"Authorization": f"Bearer {token}"},
        ) as partner:  # fmt: skip
            described = (await partner.get("/openapi.json")).json()
            for verb, path in routes(described):
                seen = [await ask(partner, verb, path, id_) for id_ in (*foreign, "nobody-has-it")]
                assert len(set(seen)) == 1, f"{name} {verb} {path}: {seen}"
                # contact in clear wants a second factor, or a key confined to that route
                wanted = (401, 422) if path.endswith("/reveal") else expected(name)
                assert seen[0][0] in wanted, f"{name} {verb} {path}: {seen[0]}"
                asked += len(seen)
    assert asked > 150, "the walk has found hardly any route"


def routes(described):
    return [
        (verb, path)
        for path, verbs in described["paths"].items()
        for verb in verbs
        if "{" in path and path.startswith("/v1/")
    ]


def expected(name):
    """Routes that are for others refuse partners; those of their own know nothing of the rest."""
    return (403, 404, 422) if name in OF_PARTNERS else (403,)


async def ask(partner, verb, path, id_):
    target = re.sub(r"{[^}]+}", id_, path)
    answer = await partner.request(verb, target, json={})
    told = answer.text.replace(target, "PATH").replace(id_, "ID")  # it may hear what it said
    for planted in (*BEA.values(), SERIAL):
        assert planted not in told, f"{verb} {path}"
    return answer.status_code, answer.headers.get("etag"), told


async def partner_token(system, name="helpers", scopes=None):
    """As a partner's program gets it: an admin makes a key, console exchanges it."""
    trusted = certificates.of(system.folder).context()
    async with httpx.AsyncClient(verify=trusted, trust_env=False, timeout=30) as http:
        wish = {"name": name, "roles": ["partner"], "organisation": "helpers", "scopes": scopes}
        console = system.urls["console"]
        admin = system.client().auth
        made = await http.post(f"{console}/v1/keys", json=wish, auth=admin)
        assert made.status_code == 201, made.text
        headers = {"Authorization": f"Bearer {made.json()['key']}"}
        return (await http.post(f"{console}/v1/tokens", headers=headers)).json()["access_token"]
