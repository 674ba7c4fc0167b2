"""The servers of one folder: healthy, reused, brought back after a kill, refused plainly."""

import asyncio
import os
import signal
import socket
import time
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests import fallen
from tools.local import identity, process
from tools.local.errors import FolderBusy, SomethingMissing
from tools.local.identity import Identity
from tools.local.mail import Mail
from tools.local.ports import free_port
from tools.local.servers import Servers, _locked

pytestmark = pytest.mark.servers


@pytest.fixture
async def make(tmp_path: Path):
    """Make `Servers` of this test's folder; in the end all are stopped and their data deleted."""
    made: list[Servers] = []

    def of(*which: str, databases: tuple[str, ...] = ()) -> Servers:
        made.append(Servers(tmp_path, which, databases=databases, end_with_parent=True))
        return made[-1]

    yield of
    for servers in made:
        await servers.stop()
        servers.erase()


async def test_a_fresh_database_belongs_to_its_own_role_and_no_other(postgres):
    mine, other = await postgres.database("mine"), await postgres.database("other")

    connection = await asyncpg.connect(mine.replace("+asyncpg", ""))
    await connection.execute("CREATE TABLE mine (a int)")
    await connection.close()

    stranger = mine.replace("+asyncpg", "").rpartition("/")[0] + "/" + other.rpartition("/")[2]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(stranger)


async def test_kafka_makes_topics_and_stamps_arrival(kafka):
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic("local.test", 3, 1)])
        assert "local.test" in await admin.list_topics()
        assert "unknown.topic" not in await admin.list_topics()
    finally:
        await admin.close()


async def test_the_broker_comes_back_on_its_port(mosquitto):
    before, ports = mosquitto.url, mosquitto.ports
    await mosquitto.kill()
    assert not await mosquitto.is_healthy(ports)
    await mosquitto.start()
    assert mosquitto.url == before


async def test_started_twice_is_the_same_and_stopped_twice_is_no_error(make):
    first, second = make("smtp"), make("smtp")
    one = await first.start()
    two = await second.start()
    assert one == two
    await second.stop()
    await first.stop()
    assert first.pids() == {}


async def test_a_killed_predecessor_is_replaced(make):
    servers = make("postgres", databases=("journey",))
    before = await servers.start()
    os.kill(before.pids["postgres"], signal.SIGKILL)
    after = await servers.start()
    assert after.pids != before.pids
    assert after.database_urls == before.database_urls
    connection = await asyncpg.connect(after.database_urls["journey"].replace("+asyncpg", ""))
    await connection.close()


async def test_a_stranger_with_a_reused_process_id_is_left_alone(make):
    servers = make("smtp")
    identity.save(Identity(os.getpid(), "another start", (1,)), servers.smtp.record)
    await servers.stop()  # would end this very test if it trusted the number alone
    await servers.start()
    assert servers.pids()["smtp"] != os.getpid()
    await servers.stop()


async def test_a_record_cut_off_in_the_middle_is_no_obstacle(make):
    servers = make("smtp")
    servers.smtp.record.parent.mkdir(parents=True)
    servers.smtp.record.write_text('{"pid": 12')
    assert await servers.start()
    await servers.stop()


async def test_what_is_missing_is_named_before_anything_starts(make, monkeypatch):
    monkeypatch.setattr("tools.setup.needs.find_mosquitto", lambda: None)
    servers = make("mosquitto", "smtp")
    with pytest.raises(SomethingMissing, match="mosquitto") as refusal:
        await servers.start()
    assert "install" in str(refusal.value)
    assert "docker compose up" in str(refusal.value)
    assert servers.pids() == {}


async def test_two_commands_do_not_start_in_one_folder(make):
    servers = make("smtp")
    with _locked(servers.folder), pytest.raises(FolderBusy, match="Wait for it"):
        await servers.start()


async def test_one_that_fails_takes_the_others_down_again(make, monkeypatch):
    async def never(self: Mail, ports: tuple[int, ...]) -> bool:
        return False

    monkeypatch.setattr(Mail, "is_healthy", never)
    monkeypatch.setattr(Mail, "start_s", 0.2)
    servers = make("mosquitto", "smtp")
    with pytest.raises(Exception, match="did not answer within"):
        await servers.start()
    assert servers.pids() == {}


async def test_a_port_taken_in_the_last_moment_is_replaced(make, monkeypatch):
    servers = make("smtp")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        choices = iter([(taken.getsockname()[1],), (free_port(),)])

        async def choose(keep):
            return next(choices)

        monkeypatch.setattr(servers.smtp, "_choose_ports", choose)
        # Somebody else's server must not pass for ours, whatever it answers.
        monkeypatch.setattr(servers.smtp, "is_healthy", healthy_but_on(taken.getsockname()[1]))
        await servers.start()
    assert list(choices) == []


def healthy_but_on(taken: int):
    """Healthy on every port but the taken one."""

    async def is_healthy(ports: tuple[int, ...]) -> bool:
        return ports[0] != taken and await Mail.is_healthy(None, ports)

    return is_healthy


async def test_kafka_keeps_what_it_acknowledged_through_a_kill(make):
    servers = make("kafka")
    before = await servers.start()
    admin = AIOKafkaAdminClient(bootstrap_servers=before.kafka_bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=before.kafka_bootstrap_servers, acks="all")
    await producer.start()
    await producer.send_and_wait("kept", b"one")
    await producer.stop()

    await servers.kafka.kill()
    after = await servers.start()

    assert after.kafka_bootstrap_servers == before.kafka_bootstrap_servers
    consumer = AIOKafkaConsumer(
        "kept", bootstrap_servers=after.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        record = await asyncio.wait_for(consumer.getone(), 30)
    finally:
        await consumer.stop()
    assert record.value == b"one"
    assert record.timestamp_type == 1  # LogAppendTime, though nobody asked for it at creation


def test_a_server_that_ends_by_itself_is_named_with_its_logs_end_and_runs_again(tmp_path):
    servers = Servers(tmp_path, ("mosquitto",), databases=(), end_with_parent=True)
    asyncio.run(servers.start())
    try:
        assert fallen.started_again(servers) == []
        before, ports = servers.mosquitto.who, servers.mosquitto.ports
        os.kill(before.pid, signal.SIGSEGV)
        while not process.has_ended(before):
            time.sleep(process.POLL_S)
        last_words = servers.mosquitto.log.read_text().splitlines()[-1]
        (told,) = fallen.started_again(servers)
        assert told.startswith("mosquitto was ended by signal 11 (SIGSEGV) in this test.\n")
        assert last_words in told, "its log's end"
        assert servers.mosquitto.who not in (None, before)
        assert servers.mosquitto.ports == ports
        asyncio.run(servers.mosquitto.kill())
        assert fallen.started_again(servers) == [], "who ends it on purpose is no fall"
        fallen.start_left(servers)
        assert servers.mosquitto.who is not None, "for the tests after it"
    finally:
        asyncio.run(servers.stop())
        servers.erase()
