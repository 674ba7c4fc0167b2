"""A partner's agent calls a customer: key, token, shared ticket, reveal, contact from journey."""

import asyncio

import httpx
import pytest

from tests.system import System, until
from tools.local import certificates

pytestmark = pytest.mark.servers
ANN = {"name": "Ann Onymous", "email": "ann@mail.example", "phone": "+49 170 5550123"}


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    made = System(tmp_path_factory.mktemp("partner"))
    asyncio.run(made.start())
    yield made
    asyncio.run(made.stop())


async def test_a_partner_reads_contact_data_for_a_reason_and_nothing_else(system):
    await system.post("journey", "/v1/customers", {"id": "ann", "profile": ANN})
    await system.post("ingest", "/v1/devices", {"id": "cam-2024-000187", "model": "cam"})
    await system.post("ingest", "/v1/devices/cam-2024-000187/claim", {"customer": "ann"})
    device = await system.device("cam-2024-000187")
    device.send("fault", device.event("fault", "fault", code="sd_card"))

    async def opened():
        return (await system.get("support", "/v1/tickets", customer="ann"))["items"]

    ticket = (await until(opened))[0]["id"]
    device.close()
    await system.post("support", "/v1/organisations", {"id": "helpers", "name": "Helpers"})
    await system.post("support", f"/v1/tickets/{ticket}/share", {"organisation": "helpers"})

    token = await partner_token(system)
    url = f"{system.urls['support']}/v1/tickets/{ticket}"
    async with httpx.AsyncClient(
        trust_env=False, timeout=30, headers={"Authorization": f"Bearer {token}"}
    ) as partner:
        for path in (
            f"{system.urls['journey']}/v1/customers/ann",
            f"{system.urls['ingest']}/v1/devices",
        ):
            assert (await partner.get(path)).status_code == 403
        shown = await partner.get(url)
        assert shown.json()["device_ends"] == "…187"
        assert "ann" not in shown.text.lower()
        assert (await partner.get(f"{url}/contact")).status_code == 403
        await partner.post(f"{url}/reveal", json={"reason": "call back"})
        contact = await partner.get(f"{url}/contact")
    assert (contact.status_code, contact.json()) == (200, ANN), contact.text


async def partner_token(system):
    """As a partner's program gets it: an admin makes a key, console exchanges it."""
    trusted = certificates.of(system.folder).context()
    async with httpx.AsyncClient(verify=trusted, trust_env=False, timeout=30) as http:
        wish = {"name": "helpers", "roles": ["partner"], "organisation": "helpers"}
        console = system.urls["console"]
        admin = system.client().auth
        made = await http.post(f"{console}/v1/keys", json=wish, auth=admin)
        assert made.status_code == 201, made.text
        headers = {"Authorization": f"Bearer {made.json()['key']}"}
        return (await http.post(f"{console}/v1/tokens", headers=headers)).json()["access_token"]
