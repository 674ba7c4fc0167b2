"""The broker's door, tried as strangers would: refused, counted, and visible to on-call."""

import asyncio
import json
import queue

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import text

from services.ingest.domain.messages import addresses
from shared import pki
from shared.clock import wall_now
from shared.db.engine import make_engine
from shared.pki_files import account_files
from tests.ingest.device import new_id, of_source, until, usage
from tests.ingest.edges.mqtt_client import Client
from tests.ingest.edges.test_outages import metric, ready

pytestmark = pytest.mark.servers
NOT_AUTHORISED = 0x87
SOON_S = 60.0


class SignedBroker:
    """The broker with this ingest's registry behind it; all clients are closed at the end."""

    def __init__(self, ingest):
        self.ingest = ingest
        self.broker = ingest.mosquitto
        self.clients = []

    async def password(self, source, kind="devices"):
        made = await self.ingest.post(f"/v1/{kind}/{source}/credentials", 201)
        return made["password"]

    def connect(self, user, password, *, url=None, **more):
        made = Client(url or self.broker.url, user, password, ca=self.broker.ca, **more)
        self.clients.append(made)
        return made

    async def let_in(self, connect):
        """Connect again and again until the broker knows of it."""

        async def tried():
            made = await asyncio.to_thread(connect)
            return made if made.is_in else None

        return await until(tried, SOON_S)

    async def signed_in(self, source, kind="devices", **more):
        password = await self.password(source, kind)
        client = await self.let_in(lambda: self.connect(source, password, **more))
        return client, password

    async def certified(self, source, folder, kind="devices"):
        key = pki.new_key()
        csr = pki.request(source, key)
        pem = csr.public_bytes(pki.serialization.Encoding.PEM).decode()
        made = await self.ingest.post(f"/v1/{kind}/{source}/certificates", 201, json={"csr": pem})
        certificate, key_file = folder / f"{source}.pem", folder / f"{source}-key.pem"
        certificate.write_text(made["certificate"])
        key_file.write_bytes(pki.key_pem(key))
        return made, {"certificate": certificate, "key": key_file}

    def with_certificate(self, files, **more):
        return self.connect(None, None, url=self.broker.certificate_url, **files, **more)

    def ours(self, account, *, url=None, **more):
        """With the certificate of one of our own accounts, at the inner listener unless said."""
        certificate, key = account_files(self.broker.accounts_folder, account)
        url = url or self.broker.inner_url(account)
        return self.connect(None, None, url=url, certificate=certificate, key=key, **more)

    async def refused(self):
        return (await self.ingest.get("/v1/broker/refused"))["counts"]

    async def unread(self):
        return (await self.ingest.get("/v1/broker/refused"))["unread"]

    async def counted(self, reason, before):
        async def more():
            return (await self.refused()).get(reason, 0) > before.get(reason, 0)

        await until(more)

    def close(self):
        for client in self.clients:
            client.close()


@pytest.fixture
def door(ingest):
    made = SignedBroker(ingest)
    yield made
    made.close()


def heard_topics(client):
    """Until nothing has come for longer than the broker is silent under $SYS (5 s)."""
    topics = set()
    try:
        while True:
            topics.add(client.heard.get(timeout=6)[0])
    except queue.Empty:
        return topics


async def locked_out(connect):
    """Whoever tries again is refused, at the latest when the broker has read its files."""

    async def tried():
        made = await asyncio.to_thread(connect)
        return not made.is_in

    await until(tried, SOON_S)


async def ended(client):
    assert await asyncio.to_thread(client.ended.wait, SOON_S), "the connection goes on"


async def test_a_device_signs_in_with_its_own_password_and_is_heard(door):
    source = await door.ingest.registered("own", customer="ann")
    client, _ = await door.signed_in(source)
    topic = addresses.up("device", source, "usage")
    assert client.publish(topic, json.dumps(usage(0)).encode()) == 0

    async def arrived():
        return await of_source(door.ingest.kafka, "device.usage", source)

    assert len(await until(arrived)) == 1


async def test_nobody_gets_in_without_a_password_of_the_registry(door):
    source = await door.ingest.registered("locked")
    before = await door.refused()
    for user, password in ((None, None), (source, None), (source, "guess"), ("nobody", "x")):
        client = await asyncio.to_thread(door.connect, user, password)
        assert not client.is_in, (user, client.reason)
    await door.counted("not_authorised", before)
    told = (await door.ingest.get("/v1/broker/refused"))["last"]
    assert any(each["reason"] == "not_authorised" for each in told)


async def test_a_device_cannot_publish_for_another_nor_listen_to_it(door):
    mine = await door.ingest.registered("mine", customer="ann")
    other = await door.ingest.registered("other", customer="bea")
    client, _ = await door.signed_in(mine)
    assert client.publish(addresses.up("device", mine, "usage"), b'{"ask":1}') == 0

    async def known():
        return await door.unread() is not None  # the broker tells its count every five seconds

    await until(known)
    before = await door.unread()
    assert client.publish(addresses.up("device", other, "usage")) == NOT_AUTHORISED
    assert client.publish(addresses.up("app", other, "app")) == NOT_AUTHORISED
    bucket = addresses.bucket_of(mine)
    assert client.publish(f"pc/v1/{bucket}/devices/{mine}/down") == NOT_AUTHORISED
    assert client.publish(f"pc/v1/{bucket}/clock/up") == NOT_AUTHORISED
    for topic in ("$SYS/broker/version", "$CONTROL/dynamic-security/v1"):
        assert client.publish(topic) != 0
    assert await of_source(door.ingest.kafka, "device.usage", other) == []
    theirs = await door.ingest.get("/v1/rejects", source=other)
    assert theirs["items"] == [], "ingest never saw it"

    async def counted():
        return await door.unread() >= before + 4

    await until(counted)


async def test_who_subscribes_to_everything_hears_only_what_is_its_own(door):
    mine = await door.ingest.registered("ears", customer="ann")
    other = await door.ingest.registered("mouth", customer="bea")
    client, _ = await door.signed_in(mine)
    for pattern in ("#", "$SYS/#", "pc/v1/#", "$share/x/#", "+/+/+/+/+/up/+"):
        client.subscribe(pattern)
    speaking = door.ingest.device(other)
    speaking.publish("usage", usage(0))
    own = addresses.parse(addresses.up("device", mine, "usage")).down
    door.ingest.device(mine).publish("usage", {"ask": 1})
    assert await asyncio.to_thread(heard_topics, client) == {own}


async def test_a_stolen_client_id_takes_nobodys_place(door):
    victim = await door.ingest.registered("victim")
    thief = await door.ingest.registered("thief")
    sitting, _ = await door.signed_in(victim, client_id=victim)
    stealing, _ = await door.signed_in(thief, client_id=victim)
    assert stealing.is_in
    assert sitting.is_in
    assert sitting.publish(addresses.up("device", victim, "usage"), b'{"ask":1}') == 0
    third = await door.ingest.registered("third")
    await door.signed_in(third, client_id="_ingest-0")
    health = await door.ingest.get("/readyz")
    assert "mqtt" not in health.get("waiting", {}), "ingest's sessions stand"


async def test_a_new_password_ends_the_old_one_and_its_live_connection(door):
    source = await door.ingest.registered("rotated")
    client, old = await door.signed_in(source)
    new = await door.password(source)
    await ended(client)
    assert (await door.let_in(lambda: door.connect(source, new))).is_in
    await locked_out(lambda: door.connect(source, old))


async def test_a_restart_leaves_who_came_back_with_a_new_password_alone(door):
    ingest = door.ingest
    source, gone = await ingest.registered("back"), await ingest.registered("gone")
    _, old = await door.signed_in(source)
    new = await door.password(source)
    await locked_out(lambda: door.connect(source, old))
    leaving, _ = await door.signed_in(gone)  # by now the one look that ends connections is over
    client = await door.let_in(lambda: door.connect(source, new))
    await ingest.process.kill()
    engine = make_engine(ingest.database)
    revoke = "UPDATE credential SET revoked_at = now(), why = 'revoked' WHERE source = :id"
    async with engine.begin() as connection:  # as another process would just now
        await connection.execute(text(revoke), {"id": gone})
    await engine.dispose()
    await ingest.process.start()
    await ended(leaving)

    async def told():
        return await metric(ingest, "playcaller_ingest_broker_reloads_total") >= 1

    await until(told)
    await ready(ingest)
    assert client.publish(addresses.up("device", source, "usage"), b'{"ask":1}') == 0
    assert not client.ended.is_set()


@pytest.mark.parametrize("how", ["credentials/revoke", "retire"])
async def test_who_is_revoked_or_retired_is_out_at_once(door, how):
    source = await door.ingest.registered("leaving")
    client, password = await door.signed_in(source)
    await door.ingest.post(f"/v1/devices/{source}/{how}")
    await ended(client)
    await locked_out(lambda: door.connect(source, password))


async def test_a_certificate_lets_in_as_its_name_and_nobody_else(door, tmp_path):
    source = await door.ingest.registered("certified", customer="ann")
    other = await door.ingest.registered("neighbour", customer="bea")
    _, files = await door.certified(source, tmp_path)
    client = await door.let_in(lambda: door.with_certificate(files, client_id=other))
    assert client.publish(addresses.up("device", source, "usage"), b'{"ask":1}') == 0
    assert client.publish(addresses.up("device", other, "usage")) == NOT_AUTHORISED


async def test_a_revoked_certificate_ends_the_live_connection_and_the_next(door, tmp_path):
    source = await door.ingest.registered("revoked")
    made, files = await door.certified(source, tmp_path)
    client = await door.let_in(lambda: door.with_certificate(files))
    before = await door.refused()
    await door.ingest.post(f"/v1/devices/{source}/credentials/{made['id']}/revoke")
    await ended(client)
    await locked_out(lambda: door.with_certificate(files))
    await door.counted("bad_certificate", before)
    shown = (await door.ingest.get(f"/v1/devices/{source}/credentials"))["items"]
    assert [(each["kind"], each["why"]) for each in shown] == [("certificate", "revoked")]


async def test_two_certificates_live_side_by_side_and_one_can_go(door, tmp_path):
    source = await door.ingest.registered("renewed")
    first, old = await door.certified(source, tmp_path)
    (tmp_path / "second").mkdir()
    _, new = await door.certified(source, tmp_path / "second")
    assert (await door.let_in(lambda: door.with_certificate(old))).is_in
    await door.ingest.post(f"/v1/devices/{source}/credentials/{first['id']}/revoke")
    assert (await door.let_in(lambda: door.with_certificate(new))).is_in


async def test_certificates_of_others_and_expired_ones_are_refused(door, tmp_path):
    before = await door.refused()
    foreign = await asyncio.to_thread(door.with_certificate, _signed(tmp_path, "foreign"))
    assert not foreign.is_in
    await door.counted("bad_certificate", before)
    authority = door.broker.authority
    past = wall_now() - pki.DEVICE_LIFE - pki.BACK
    key = pki.new_key()
    request = pki.request("old", key).public_bytes(pki.serialization.Encoding.PEM)
    files = {"certificate": tmp_path / "old.pem", "key": tmp_path / "old-key.pem"}
    files["certificate"].write_text(authority.certify("old", request, past).certificate_pem)
    files["key"].write_bytes(pki.key_pem(key))
    assert not (await asyncio.to_thread(door.with_certificate, files)).is_in
    none = await asyncio.to_thread(
        door.connect, "old", "x", url=door.broker.certificate_url
    )  # no certificate at all
    assert not none.is_in


def _signed(folder, name):
    """A certificate of an authority that nobody here knows."""
    ca_key, key = pki.new_key(), pki.new_key()
    ca = pki.authority("Elsewhere", ca_key, wall_now())
    made = pki.client(name, pki.request(name, key), ca, ca_key, wall_now())
    files = {"certificate": folder / f"{name}.pem", "key": folder / f"{name}-key.pem"}
    files["certificate"].write_bytes(pki.certificate_pem(made))
    files["key"].write_bytes(pki.key_pem(key))
    return files


async def test_apps_sign_in_over_websockets_and_out(door):
    first, second = new_id("phone"), new_id("tablet")
    for app in (first, second):
        await door.ingest.post("/v1/apps", 201, json={"id": app, "customer": "ann"})
    url = door.broker.websocket_url
    one, password = await door.signed_in(first, "apps", url=url)
    two, _ = await door.signed_in(second, "apps", url=url)
    assert one.publish(addresses.up("app", first, "app"), b'{"ask":1}') == 0
    assert one.publish(addresses.up("app", second, "app"), b"{}") == NOT_AUTHORISED
    await door.ingest.post(f"/v1/apps/{first}/credentials/revoke")  # sign-out
    await ended(one)
    await locked_out(lambda: door.connect(first, password, url=url))
    assert two.is_in, "the customer's other installs stay"


async def test_another_customer_ends_what_the_app_was_signed_in_with(door):
    app = new_id("sold")
    await door.ingest.post("/v1/apps", 201, json={"id": app, "customer": "ann"})
    client, _ = await door.signed_in(app, "apps")
    shown = (await door.ingest.get(f"/v1/apps/{app}/credentials"))["items"][0]
    assert shown["expires_at"] is not None, "an app's password is short-lived"
    await door.ingest.post(f"/v1/apps/{app}/move", json={"customer": "bea"})
    await ended(client)


@pytest.mark.parametrize("kept", [False, True], ids=["sold", "in the same hands"])
async def test_what_a_former_owner_may_have_read_out_of_a_device_ends_with_its_sale(
    door, tmp_path, kept
):
    source = await door.ingest.registered("resold", customer="ann")
    client, password = await door.signed_in(source)
    _, files = await door.certified(source, tmp_path)
    more = {"keep_credentials": True} if kept else {}
    await door.ingest.post(f"/v1/devices/{source}/move", json={"customer": "bea", **more})
    if kept:
        await door.let_in(lambda: door.connect(source, password))
        await door.let_in(lambda: door.with_certificate(files))
        return
    await ended(client)
    await locked_out(lambda: door.connect(source, password))
    await locked_out(lambda: door.with_certificate(files))
    again, _ = await door.signed_in(source)  # a new one, where it is set up
    await door.ingest.post(f"/v1/devices/{source}/move", json={"customer": "bea"})
    assert again.is_in, "moved to whom it belongs already"


async def test_ingests_own_account_reads_up_and_writes_down_and_nothing_else(door):
    ingest = door.ours("_ingest")
    source = new_id("cam")
    assert ingest.publish(addresses.up("device", source, "usage")) == NOT_AUTHORISED
    assert ingest.publish("anything") == NOT_AUTHORISED
    assert ingest.publish(addresses.parse(addresses.up("device", source, "usage")).down) in (0, 16)
    monitor = door.ours("_monitor")
    assert monitor.publish(addresses.up("device", source, "usage")) == NOT_AUTHORISED
    assert monitor.publish("$SYS/broker/version") != 0


async def test_no_credential_of_a_source_opens_the_inner_listener(door, tmp_path):
    inner = door.broker.inner_url("_ingest")
    victim, source = await door.ingest.registered("victim"), await door.ingest.registered("thief")
    client, password = await door.signed_in(source)
    _, files = await door.certified(source, tmp_path)
    victims, _ = await door.signed_in(victim)
    forged = signed(door.broker.authority, "_ingest", tmp_path)  # by whom devices are certified
    own_server = {"certificate": door.broker.accounts_folder.parent / "server.pem"}
    own_server["key"] = own_server["certificate"].with_name("server-key.pem")
    for user, word, more in (
        (source, password, {}),  # as it is outside
        (source, password, {"client_id": victim}),  # to end another's session
        (source, password, {"client_id": "_ingest-0"}),  # to end ours
        ("_ingest", password, {}),
        (source, password, files),  # a certificate of the devices' authority
        (None, None, files),
        (None, None, forged),
        (None, None, own_server),  # ours, but a server's
    ):
        assert not door.connect(user, word, url=inner, **more).is_in, (user, more)
    assert victims.is_in
    assert client.is_in
    assert door.ours("_monitor").is_in


def signed(authority, name, folder):
    """A certificate of an authority for any name, as whoever stole its key would make it."""
    key = pki.new_key()
    ca, ca_key = authority.ca_file.read_bytes(), authority.key_file.read_bytes()
    made = pki.client(name, pki.request(name, key), pki.read_certificate(ca), pki.read_key(ca_key), wall_now())  # fmt: skip
    certificate, key_file = folder / f"{name}.pem", folder / f"{name}-key.pem"
    certificate.write_bytes(pki.certificate_pem(made))
    key_file.write_bytes(pki.key_pem(key))
    return {"certificate": certificate, "key": key_file}


@pytest.mark.parametrize("name", ["pc-ingest-0", "_ingest-0", "_ingest"])
async def test_nobody_is_registered_or_let_in_under_a_name_like_ours(door, name):
    await door.ingest.post("/v1/devices", 422, json={"id": name, "model": "m"})
    await door.ingest.post("/v1/apps", 422, json={"id": name, "customer": "ann"})
    await door.ingest.post(f"/v1/devices/{name}/credentials", 404 if name[0] == "p" else 422)
    for url in (door.broker.url, door.broker.websocket_url, door.broker.inner_url("_ingest")):
        assert not door.connect(name, "guess", url=url, client_id="_ingest-0").is_in, url


@pytest.mark.parametrize("account", ["_ingest", "_monitor"])
async def test_our_own_accounts_are_nobody_outside(door, account):
    broker = door.broker
    for outside in (broker.url, broker.certificate_url, broker.websocket_url):
        assert not door.ours(account, url=outside).is_in, outside
        assert not door.connect(account, "", url=outside).is_in, outside


async def test_a_customer_claims_a_device_with_a_code_once(door):
    source = await door.ingest.registered("boxed")
    given = await door.ingest.post(f"/v1/devices/{source}/claim-code", 201)
    code = given["code"]
    wrong = {"code": "2222-2222-2222", "customer": "ann"}
    await door.ingest.post("/v1/claims/code", 404, json=wrong)
    spoken = {"code": code.upper().replace("-", " "), "customer": "ann"}
    claimed = await door.ingest.post("/v1/claims/code", json=spoken)
    assert (claimed["id"], claimed["customer"]) == (source, "ann")
    await door.ingest.post("/v1/claims/code", 404, json={"code": code, "customer": "bea"})


@pytest.mark.parametrize(
    ("csr", "said"),
    [
        ("nonsense", "no certificate signing request"),
        (None, "2048 bits"),
    ],
)
async def test_a_request_that_cannot_be_signed_is_explained(door, csr, said):
    source = await door.ingest.registered("clumsy")
    if csr is None:
        weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused
        csr = pki.request(source, weak).public_bytes(pki.serialization.Encoding.PEM).decode()
    problem = await door.ingest.post(f"/v1/devices/{source}/certificates", 422, json={"csr": csr})
    assert said in problem["title"] + " " + problem["detail"]
    assert problem["field"] == "body.csr"


async def test_many_get_a_password_at_once_and_those_that_can_not_are_named(door):
    known = [await door.ingest.registered("many") for _ in range(3)]
    body = {"sources": [*known, "nobody-here"]}
    made = await door.ingest.post("/v1/devices/credentials", 201, json=body)
    assert [each["username"] for each in made["credentials"]] == known
    assert len({each["password"] for each in made["credentials"]}) == 3
    assert made["left_out"][0]["kind"] == "source_not_found"
    free = new_id("free")
    await door.ingest.post("/v1/apps", 201, json={"id": free})
    await door.ingest.post(f"/v1/apps/{free}/credentials", 409)  # nobody is signed in on it


@pytest.mark.parametrize("protocol", [5, 4, 3], ids=["MQTT 5", "MQTT 3.1.1", "MQTT 3.1"])
async def test_what_is_retained_is_refused_by_name(door, protocol):
    source = await door.ingest.registered("retentive")
    client, password = await door.signed_in(source, protocol=protocol)
    before = await door.refused()
    client.client.publish(addresses.up("device", source, "usage"), b"{}", qos=1, retain=True)
    await ended(client)
    await door.counted("retain_not_supported", before)
    before = await door.refused()
    will = addresses.up("device", source, "lifecycle")
    assert not door.connect(source, password, protocol=protocol, retained_will=will).is_in
    await door.counted("retain_not_supported", before)


@pytest.mark.parametrize("protocol", [4, 3], ids=["MQTT 3.1.1", "MQTT 3.1"])
async def test_older_protocols_get_the_same_promise_and_fewer_words(door, protocol):
    source, other = await door.ingest.registered("old", customer="ann"), new_id("cam")
    client, _ = await door.signed_in(source, protocol=protocol)
    assert client.subscribe(addresses.parse(addresses.up("device", source, "usage")).down) == 1
    for seq in range(3):  # the broker's PUBACK
        client.publish(addresses.up("device", source, "usage"), json.dumps(usage(seq)).encode())
    assert (
        client.publish(addresses.up("device", other, "usage"), json.dumps(usage(0)).encode()) == 0
    )

    def acked():
        while True:
            said = json.loads(client.heard.get(timeout=90)[1])
            if "ack" in said:
                return said["ack"]

    assert (await asyncio.to_thread(acked))["stream"] == "usage"

    async def stored():
        return len(await of_source(door.ingest.kafka, "device.usage", source)) == 3

    await until(stored)
    assert await of_source(door.ingest.kafka, "device.usage", other) == [], "denied without a word"
