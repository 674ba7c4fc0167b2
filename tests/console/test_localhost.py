"""The local stack's console at http://localhost: a link that signs in once, and no other name."""

import asyncio

import httpx
import pytest

from services.console.settings import Settings
from shared.errors import BadSettings
from shared.settings import load
from tests.console.conftest import ENVIRON
from tools.local.servers import Servers
from tools.local.services import Services

LOCAL = {**ENVIRON, "DATABASE_URL": "postgresql://u:x@127.0.0.1:1/x", "CONSOLE_LOCAL_PORT": "8444"}


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"HTTP_HOST": "0.0.0.0", "CONSOLE_URL": ""}, id="every address"),  # noqa: S104
        pytest.param({"CONSOLE_URL": "https://console.example.org"}, id="another url"),
    ],
)
def test_in_clear_is_for_this_machine_only(more):
    assert load(Settings, "console", LOCAL).rules().url == "http://localhost:8444"
    with pytest.raises(BadSettings, match="CONSOLE_LOCAL_PORT is for this machine only"):
        load(Settings, "console", {**LOCAL, **more})


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("local")
    servers = Servers(folder, ["postgres", "smtp"], databases=["console"], end_with_parent=True)

    async def start():
        endpoints = await servers.start()
        nowhere = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
        made = Services(folder, endpoints, ["console"], extra=nowhere, end_with_parent=True)
        await made.prepare()
        await made.start()
        return made

    made = asyncio.run(start())
    yield made
    asyncio.run(made.stop())
    asyncio.run(servers.stop())
    servers.erase()


@pytest.mark.servers
async def test_a_link_signs_a_role_in_once_and_other_names_are_refused(running):
    address = running["console"].address
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=90) as browser:
        for role in ("csm", "admin"):
            (link,) = await running.entry_links(role)
            assert link.startswith(f"{address}/sign-in/once/")
            answer = await browser.get(link)
            assert (answer.status_code, answer.headers["location"]) == (303, "/today")
            cookies = answer.headers.get_list("set-cookie")
            port = running["console"].ports[1]
            assert any(each.startswith(f"playcaller-{port}=") for each in cookies)
            assert not any("secure" in each.lower() for each in cookies)
            assert (await browser.get("/today")).status_code == 200
            assert (await browser.get("/account")).status_code == 200
            assert (await browser.get(link)).status_code == 410
        other = await browser.get("/sign-in", headers={"Host": "console.example.org"})
        assert other.status_code == 421
    agents = [await running.entry_links("csm", "partner", organisation=o) for o in ("o-1", "o-2")]
    assert len({link for links in agents for link in links}) == 4
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=90) as browser:
        for name, links in zip(("o-1", "o-2"), agents, strict=True):
            assert (await browser.get(links[1])).status_code == 303
            who = (await browser.get("/v1/session")).json()
            assert who["account"]["organisation"] == name, who
