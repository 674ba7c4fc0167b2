"""Kafka as the containers run it: each principal can do its work and nothing else."""

import asyncio
import contextlib
import io
import logging
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
    for_code,
)
from sqlalchemy.engine import make_url

from deploy.prepare import principals
from deploy.prepare.acls import CreateRights
from shared.errors import BadSettings
from shared.events.topics import BY_NAME, TOPICS, consumed_by, produced_by
from shared.settings import SERVICES
from shared.stream import admin, log_check
from shared.stream.cluster import Cluster, options
from shared.stream.producer import Outgoing, Producer
from shared.stream.rights import Right, rights
from shared.stream.topic_health import TopicWatch
from tests.scram import ComposeKafka
from tools.local.errors import DidNotStart
from tools.local.services import ServiceProcess

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]
SOON_S = 60.0


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    made = ComposeKafka(tmp_path_factory.mktemp("scram"))

    async def begin():
        await made.start()
        await admin.ensure_topics(made.cluster("prepare"), single=True)
        await principals.prepare(made.cluster("prepare"), {s: made.password(s) for s in SERVICES})

    try:
        asyncio.run(begin())
        yield made
    finally:
        made.stop()


@contextlib.asynccontextmanager
async def client(broker, user):
    made = await admin.connect(broker.cluster(user))
    try:
        yield made
    finally:
        await made.close()


async def read_one(where: Cluster, topic: str, group: str | None = None) -> bytes:
    """The first record of a topic; as a member of a group when one is named."""
    reader = AIOKafkaConsumer(
        **options(where), group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    if group is None:
        reader.assign([TopicPartition(topic, 0)])
    else:
        reader.subscribe([topic])
    try:
        await reader.start()
        async with asyncio.timeout(SOON_S):
            record = await reader.getone()
        if group is not None:
            await reader.commit({TopicPartition(topic, 0): record.offset + 1})
        return record.value
    finally:
        await reader.stop()


async def write_one(where: Cluster, topic: str, value: bytes, partition: int = 0) -> None:
    producer = AIOKafkaProducer(**options(where), enable_idempotence=True, acks="all")
    try:
        async with asyncio.timeout(SOON_S):
            await producer.start()
            await producer.send_and_wait(topic, value, b"k", partition=partition)
    finally:
        await producer.stop()


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
async def test_a_record_passes_through_every_topic_of_the_table(broker, topic):
    value = f"of {topic.name}".encode()
    producer = Producer(broker.cluster(topic.producer), topic.producer)
    async with asyncio.timeout(SOON_S):
        await producer.send([Outgoing(topic.name, 0, b"k", value, [])])
    await producer.stop()
    for service in topic.consumers:
        assert await read_one(broker.cluster(service), topic.name, group=service) == value
    for service in topic.onlookers:  # in no group
        assert await read_one(broker.cluster(service), topic.name) == value


@pytest.mark.parametrize("service", SERVICES)
async def test_nobody_writes_anothers_topics(broker, service):
    for topic in TOPICS:
        if topic.producer != service:
            with pytest.raises(KafkaError) as refused:
                await write_one(broker.cluster(service), topic.name, b"forged")
            assert isinstance(refused.value, TopicAuthorizationFailedError) or (
                not produced_by(service)  # not even a producer's number is given to it
            ), refused.value


@pytest.mark.parametrize("service", SERVICES)
async def test_nobody_reads_what_is_not_for_them(broker, service):
    for topic in TOPICS:
        if service not in (*topic.consumers, *topic.onlookers):
            with pytest.raises(TopicAuthorizationFailedError):
                await read_one(broker.cluster(service), topic.name)


@pytest.mark.parametrize("service", SERVICES)
async def test_nobody_joins_anothers_group(broker, service):
    mine = consumed_by(service) or TOPICS
    for other in set(SERVICES) - {service}:
        with pytest.raises(GroupAuthorizationFailedError):
            await read_one(broker.cluster(service), mine[0].name, group=other)


@pytest.mark.parametrize("service", SERVICES)
async def test_nobody_makes_or_deletes_topics_users_or_rights(broker, service):
    async with client(broker, service) as mine:
        made = await mine.create_topics([NewTopic("mine", 1, 1)])
        deleted = await mine.delete_topics(["device.fault"])
        codes = [made.topic_errors[0][1], deleted.topic_error_codes[0][1]]
        assert [for_code(code).__name__ for code in codes] == [
            "TopicAuthorizationFailedError",
            "TopicAuthorizationFailedError",
        ]
        with pytest.raises(KafkaError, match="ClusterAuthorizationFailed"):
            await principals.set_passwords(mine, {"ingest": "another"})
        with pytest.raises(KafkaError, match="ClusterAuthorizationFailed"):
            await principals.set_rights(mine, {Right(service, "write", "topic", "device.fault")})
    async with client(broker, "prepare") as of_prepare:
        assert set(await of_prepare.list_topics()) >= set(BY_NAME)
        assert "mine" not in await of_prepare.list_topics()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_starts_and_sees_how_topics_stand(broker, service):
    where = broker.cluster(service)
    await admin.wait_for_topics(where)
    for topic in TOPICS:  # partition 1 of each has a record that no group has read
        await write_one(broker.cluster(topic.producer), topic.name, b"unread", partition=1)
    with pytest.raises(BadSettings, match="DURABILITY is replicated"):
        await admin.wait_for_topics(where, single=False)
    sample = await TopicWatch(where).sample()
    assert {each.topic for each in sample.topics} == set(BY_NAME)
    assert not [each for each in sample.topics if each.state == "UNKNOWN"]
    waiting = [each for each in sample.topics if each.group is not None]
    assert all(each.lag_messages and each.lag_seconds is not None for each in waiting), waiting
    assert await log_check.check(where, []) == {}


@pytest.mark.parametrize(("user", "password"), [("support", "another0"), ("nobody", "another0")])
async def test_a_wrong_password_is_said_in_one_line(broker, user, password):
    where = broker.cluster(user, password)
    for begin in (admin.wait_for_topics(where), Producer(where, user).start()):
        with pytest.raises(BadSettings) as refused:
            async with asyncio.timeout(SOON_S):
                await begin
        assert str(refused.value) == (
            f"KAFKA_SASL_PASSWORD: Kafka refuses the user {user} with this password, or does not "
            "know the user: `prepare` sets both."
        )


async def test_nobody_gets_in_without_a_name(broker):
    with pytest.raises(KafkaError):
        async with asyncio.timeout(SOON_S):
            await write_one(Cluster(broker.bootstrap), "device.fault", b"forged")


async def test_over_tls_only_a_broker_whose_certificate_is_known_is_talked_to(broker):
    topic = produced_by("support")[0].name
    await write_one(broker.over_tls("support", broker.ca_file), topic, b"over TLS", partition=2)
    for stranger, why in (
        (
            None,
            "nobody in it vouches for the certificate of 127.0.0.1:",
        ),  # the system's authorities
        (broker.folder / "no-such.pem", "holds no certificates (FileNotFoundError)"),
        (broker.log, "holds no certificates (SSLError)"),
    ):
        with pytest.raises(BadSettings, match="KAFKA_TLS_CA_FILE") as refused:
            async with asyncio.timeout(SOON_S):
                await admin.wait_for_topics(broker.over_tls("support", stranger))
        assert why in str(refused.value)


async def test_a_second_run_changes_no_right_and_takes_surplus_away(broker):
    async with client(broker, "prepare") as of_prepare:
        wanted = rights()
        assert await principals.present(of_prepare) == wanted
        assert await principals.set_rights(of_prepare, wanted) == (set(), set())
        surplus = Right("console", "read", "topic", "device.usage")
        others = Right("somebody", "read", "topic", "device.usage")
        await principals.set_rights(of_prepare, wanted | {surplus, others})
        assert await principals.set_rights(of_prepare, wanted) == (set(), {surplus})
        assert await principals.present(of_prepare) == wanted | {others}


# kind, name, pattern, principal, host, operation, permission
SURPLUS = [
    (2, "device.", 4, "User:support", "*", 4, 3),  # a prefix
    (3, "jour", 4, "User:support", "*", 3, 3),  # groups by prefix
    (4, "kafka-cluster", 3, "User:support", "*", 12, 3),  # idempotent writes on the cluster
    (4, "kafka-cluster", 3, "User:ingest", "*", 2, 3),  # everything on the cluster
    (2, "device.fault", 3, "User:console", "10.0.0.7", 3, 3),  # from one host
    (2, "device.usage", 3, "User:journey", "*", 3, 2),  # denied
    (5, "any", 3, "User:journey", "*", 4, 3),  # a transactional id
    (2, "device.usage", 3, "User:*", "*", 3, 3),  # for everybody
]


async def test_surplus_of_every_form_is_seen_and_taken_away(broker):
    async with client(broker, "prepare") as of_prepare:
        wanted = rights()
        before = await principals._all(of_prepare)
        await of_prepare._send_to_controller(CreateRights(SURPLUS))
        async with asyncio.timeout(SOON_S):  # brokers hear of it a moment after the controller
            while True:
                if len(await principals._all(of_prepare)) == len(before) + len(SURPLUS):
                    break
                await asyncio.sleep(0.05)
        made, removed = await principals.set_rights(of_prepare, wanted)
        assert made == set()
        assert len(removed) == len(SURPLUS)
        assert await principals.set_rights(of_prepare, wanted) == (set(), set())


async def test_another_password_is_taken_and_the_old_one_refused(broker):
    async with client(broker, "prepare") as of_prepare:
        await principals.set_passwords(of_prepare, {"console": "an0ther-pa55word"})
        await principals.until_taken(broker.cluster("console", "an0ther-pa55word"))
        with pytest.raises(BadSettings, match="refuses the user console"):
            await admin.connect(broker.cluster("console"))
        await principals.set_passwords(of_prepare, {"console": broker.password("console")})
    await principals.until_taken(broker.cluster("console"))


async def test_kafkas_own_users_get_other_passwords_as_the_page_says(broker):
    """The last one is the old one again: for the tests behind this, and the file stays right."""
    first, second = "0" * 23 + "1", broker.password("prepare")
    done = await asyncio.to_thread(broker.change, "prepare", f"{first}\n")
    assert done.returncode == 0, done.stderr
    await principals.until_taken(broker.cluster("prepare", first))
    with pytest.raises(BadSettings, match="refuses the user prepare"):
        await admin.connect(broker.cluster("prepare"))
    client = await admin.connect(broker.cluster("prepare", first))
    try:
        await principals.set_passwords(client, {"prepare": second})
        await principals.until_taken(broker.cluster("prepare"))
    finally:
        await client.close()
    assert (await asyncio.to_thread(broker.change, "prepare", second)).returncode == 0
    for user, password in (("support", second), ("prepare", "too short")):
        refused = await asyncio.to_thread(broker.change, user, password)
        assert refused.returncode == 2
        assert second not in refused.stderr
    await principals.until_taken(broker.cluster("prepare"))


async def test_no_password_is_in_a_log(broker):
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger().addHandler(handler)
    try:
        await principals.prepare(
            broker.cluster("prepare"), {s: broker.password(s) for s in SERVICES}
        )
    finally:
        logging.getLogger().removeHandler(handler)
    said = heard.getvalue() + broker.log.read_text("utf-8")
    for user in (*SERVICES, "broker", "prepare"):
        assert broker.password(user) not in said
        assert broker.password(user) not in repr(broker.cluster(user))


def process_of(service, broker, database, folder, password_file):
    """A service with its secrets in files, as in a container."""
    url = folder / "database_url"
    url.write_text(database.replace("+asyncpg", ""), "utf-8")
    url.chmod(0o600)
    environment = {
        "DATABASE_URL_FILE": str(url),
        "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap,
        "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "KAFKA_SASL_USER": service,
        "KAFKA_SASL_PASSWORD_FILE": str(password_file),
        "KAFKA_SESSION_S": "6",
        "DURABILITY": "single",
    }
    return ServiceProcess(service, folder, environment, end_with_parent=True)


async def test_a_service_runs_as_its_principal_and_nothing_secret_is_in_its_environment(
    broker, postgres, tmp_path
):
    password = tmp_path / "password"
    password.write_text(broker.password("support"), "utf-8")
    password.chmod(0o600)
    database = await postgres.migrated("support")
    process = process_of("support", broker, database, tmp_path, password)
    await process.start()  # until it is ready: it has joined its group and may produce
    try:
        where = f"/proc/{process.find().pid}/environ"
        environ = await asyncio.to_thread(lambda: Path(where).read_bytes().decode())
        assert "KAFKA_SASL_PASSWORD_FILE" in environ
        for secret in (broker.password("support"), make_url(database).password):
            assert secret not in environ + process.log.read_text("utf-8")
    finally:
        await process.stop()


async def test_a_service_with_a_wrong_password_ends_with_one_line(broker, postgres, tmp_path):
    password = tmp_path / "password"
    password.write_text("an0ther-pa55word", "utf-8")
    password.chmod(0o600)
    database = await postgres.migrated("support")
    process = process_of("support", broker, database, tmp_path, password)
    with pytest.raises(DidNotStart):
        await process.start()
    said = process.log.read_text("utf-8")
    assert said.splitlines()[-1].startswith("KAFKA_SASL_PASSWORD: Kafka refuses the user support")
    assert "an0ther-pa55word" not in said
    assert "Traceback" not in said
