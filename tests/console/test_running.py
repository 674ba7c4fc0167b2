"""The real process over HTTPS: an admin's first day, a vendor's key, rotated keys, and the end."""

import asyncio
import ssl

import httpx
import pyotp
import pytest

from shared.clock import wall_now
from shared.web.guards.auth import Keys
from tests.system import until
from tools.local import certificates
from tools.local.auth import LocalKeys
from tools.local.errors import DidNotStart
from tools.local.keys import KeyHolder, key_file, token
from tools.local.rotation import rotate
from tools.local.servers import Servers
from tools.local.services import Services

pytestmark = pytest.mark.servers

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("console")


@pytest.fixture(scope="module")
def running(folder):
    """Console with PostgreSQL and the mail catcher; Kafka's address leads nowhere."""
    servers = Servers(folder, ["postgres", "smtp"], databases=["console"], end_with_parent=True)

    async def start():
        endpoints = await servers.start()
        made = Services(
            folder,
            endpoints,
            ["console"],
            extra={"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"},
            end_with_parent=True,
            admin_link=True,
        )
        await made.prepare()
        await made.start()
        return made

    made = asyncio.run(start())
    yield made
    asyncio.run(made.stop())
    asyncio.run(servers.stop())
    servers.erase()


@pytest.fixture
async def http(running, folder):
    trusted = certificates.of(folder).context()
    url = running["console"].url
    async with httpx.AsyncClient(verify=trusted, trust_env=False, base_url=url, timeout=90) as made:
        yield made


async def test_an_admins_first_day(running, http):
    """From the link that `up` shows to a partner's key, over HTTPS with the folder's authority."""
    assert http.base_url.scheme == "https"
    secret = running.admin_link.partition("#")[2]
    who = {"email": "eve@example.org", "name": "Eve", "password": PASSWORD}
    await http.post("/v1/links/accept", json={"secret": secret, **who})
    said = await http.post("/v1/login", json={"email": who["email"], "password": PASSWORD})
    page = {"X-CSRF-Token": said.json()["csrf_token"], "Origin": running["console"].address}
    factor = (
        await http.post("/v1/me/second-factor", json={"password": PASSWORD}, headers=page)
    ).json()
    code = {"code": pyotp.TOTP(factor["secret"]).now()}
    said = await http.post("/v1/me/second-factor/confirm", json=code, headers=page)
    page["X-CSRF-Token"] = said.json()["csrf_token"]
    wish = {"name": "desk", "roles": ["partner"], "organisation": "o-1"}
    made = await http.post("/v1/keys", json=wish, headers=page)
    assert made.status_code == 201, made.text
    bearer = {"Authorization": f"Bearer {made.json()['key']}"}
    assert (await http.post("/v1/tokens", headers=bearer)).status_code == 200


async def test_no_link_password_or_key_went_to_the_log(running, folder):
    said = running["console"].log.read_text("utf-8")
    assert running.admin_link.partition("#")[2] not in said
    assert "/welcome" not in said
    assert PASSWORD not in said
    assert "eve@example.org" not in said
    assert "pk_" not in said


async def test_the_vendors_key_and_those_of_our_services_are_exchanged_for_tokens(
    running, folder, http
):
    names = sorted(path.name for path in key_file(folder, "").iterdir())
    assert names == ["analytics", "ingest", "journey", "support", "vendor"]
    for name in names:
        path = key_file(folder, name)
        assert path.stat().st_mode & 0o777 == 0o600
        holder = KeyHolder(running["console"].url, path, folder)
        answer = await http.get("/.well-known/jwks.json", auth=holder)
        assert answer.status_code == 200
        who = Keys(LocalKeys(folder).public_file).who(holder._token, wall_now())
        wanted = {"vendor"} if name == "vendor" else {"service"}
        assert who.roles == wanted
        assert who.kind == ("key" if name == "vendor" else "service")


async def test_starting_again_keeps_good_keys_and_replaces_bad_ones(running, folder):
    before = {path.name: path.read_text() for path in key_file(folder, "").iterdir()}
    key_file(folder, "journey").write_text("pk_00000000_" + "A" * 43)
    key_file(folder, "support").unlink()
    await running.start()
    after = {path.name: path.read_text() for path in key_file(folder, "").iterdir()}
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"journey", "support"}


async def test_without_the_authority_nobody_trusts_it(running):
    async with httpx.AsyncClient(verify=ssl.create_default_context(), trust_env=False) as stranger:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await stranger.get(f"{running['console'].url}/livez")


async def test_it_is_ready_without_kafka_and_says_durability(http):
    answer = (await http.get("/readyz")).json()
    assert (answer["state"], answer["waiting"]) == ("ready", {})


async def test_keys_are_rotated_while_it_runs_and_old_tokens_last_their_five_minutes(
    running, folder, http
):
    local = LocalKeys(folder)
    verifier = Keys(local.public_file)
    old = token(folder, "oncall")
    assert (await http.get("/v1/ledger", headers=bearer(old))).status_code == 200
    kid = await rotate(folder)
    holder = KeyHolder(running["console"].url, key_file(folder, "vendor"), folder)

    async def signs_with_the_new_one():
        made = await holder._exchange()
        return made if kid in jws_header(made) else None

    new = await until(signs_with_the_new_one)
    verifier._looked = float("-inf")
    assert verifier.who(new, wall_now()).roles == {"vendor"}
    assert (await http.get("/v1/ledger", headers=bearer(old))).status_code == 200
    published = (await http.get("/.well-known/jwks.json")).json()["keys"]
    assert len(published) == 2
    await rotate(folder, compromised=True)

    async def old_is_worth_nothing():
        return (await http.get("/v1/ledger", headers=bearer(old))).status_code == 401

    await until(old_is_worth_nothing)
    assert len((await http.get("/.well-known/jwks.json")).json()["keys"]) == 1


async def test_it_does_not_start_without_a_certificate(running, folder):
    console = running["console"]
    env = dict.fromkeys(("HTTP_TLS_CERT_FILE", "HTTP_TLS_KEY_FILE"), "")
    original = console._listening
    console._listening = lambda *ports: {**original(*ports), **env}
    try:
        with pytest.raises(DidNotStart, match="HTTP_TLS_CERT_FILE"):
            await console.run_command("bootstrap", given=b"{}")
    finally:
        console._listening = original


async def test_it_does_not_start_with_another_seal_key(running):
    """The admin of the first test has a second factor, sealed with the folder's key."""
    console = running["console"]
    env = {**console.environment(), **console._listening(1), "HTTP_PORT": "0"}
    env |= {"CONSOLE_SEAL_KEY_FILE": "", "CONSOLE_SEAL_KEY": "0d4e77aa" * 8}
    child = await asyncio.create_subprocess_exec(
        *console.command(()), env=env, cwd=console.working_folder(), stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(child.communicate(), 60)
    assert child.returncode == 1
    assert (
        "CONSOLE_SEAL_KEY_FILE: 1 secrets in the database were sealed with another" in said.decode()
    )
    assert "0d4e77aa" not in said.decode()


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def jws_header(text: str) -> str:
    import base64

    head = text.partition(".")[0]
    return base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)).decode()


async def test_containers_get_a_key_each_and_keep_it(running, http, tmp_path):
    """As the job `keys` of docker-compose.yml makes them, each where only its service reads it."""
    for name in ("journey", "support"):
        (tmp_path / name).mkdir()
    words = ("bootstrap", "no-admin-link", f"into={tmp_path}")
    assert await running["console"].run_command(*words) == b""
    written = {path.parent.name: path.read_text() for path in tmp_path.glob("*/key")}
    assert set(written) == {"journey", "support"}
    for name, key in written.items():
        assert (tmp_path / name / "key").stat().st_mode & 0o777 == 0o600
        bearer = {"Authorization": f"Bearer {key.strip()}"}
        assert (await http.post("/v1/tokens", headers=bearer)).status_code == 200
    await running["console"].run_command(*words)
    assert {path.parent.name: path.read_text() for path in tmp_path.glob("*/key")} == written
