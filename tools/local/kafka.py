"""Apache Kafka 4 in KRaft mode, one node, from the jars that set-up fetched through Maven."""

import asyncio
import os
import shutil
import struct
from pathlib import Path
from typing import ClassVar

from typing_extensions import override

from tools.local.errors import SomethingMissing
from tools.local.ports import LOOPBACK
from tools.local.postgres import run_to_end
from tools.local.server import Server
from tools.setup import jars, needs

CLUSTER_ID = "cGxheWNhbGxlci1sb2NhbA"  # any 16 bytes; one installation, one cluster
LOG4J = Path(__file__).with_name("log4j2.properties")
MEMORY = ("-Xms256m", "-Xmx512m", "-XX:MaxDirectMemorySize=128m")
# One quick compiler and one collector thread: starts faster and leaves the cores to the services.
SMALL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss512k", "-XX:-UsePerfData")

CONFIG = """\
# Written at every start by tools/local/kafka.py.
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
num.partitions=6
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=3
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=3000
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=1000
log.message.timestamp.type=LogAppendTime
message.max.bytes=1048588
log.segment.bytes=67108864
log.preallocate=false
log.index.size.max.bytes=1048576
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=4194304
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
background.threads=2
"""


class Kafka(Server):
    """The log: `ports` are the clients' and the controller's."""

    name: ClassVar[str] = "kafka"
    port_count: ClassVar[int] = 2
    stop_s: ClassVar[float] = 30

    @override
    def check_needs(self) -> None:
        java()
        libraries()

    @override
    async def prepare(self, ports: tuple[int, ...]) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        text = CONFIG.format(host=LOOPBACK, port=ports[0], controller=ports[1], data=self._logs)
        self._config.write_text(text, encoding="utf-8")
        if not (self._logs / "bootstrap.checkpoint").exists():
            shutil.rmtree(self._logs, ignore_errors=True)  # of a format that was cut off
            await self._make_formatted()

    @override
    def command(self, ports: tuple[int, ...]) -> list[str]:
        return [*self._java(*MEMORY), "kafka.Kafka", str(self._config)]

    @override
    async def is_healthy(self, ports: tuple[int, ...]) -> bool:
        try:
            async with asyncio.timeout(3):
                return await _has_broker(ports[0])
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False

    @property
    def bootstrap(self) -> str:
        """What clients connect to first."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def _config(self) -> Path:
        return self.data / "server.properties"

    @property
    def _logs(self) -> Path:
        return self.data / "log"

    async def _make_formatted(self) -> None:
        """Format the folder, or copy the result of the first time: that takes a Java less.

        Formatting writes two small files which hold nothing of this folder or its ports.
        """
        template = libraries() / "formatted"
        if template.is_dir():
            # the content alone: the files of the first time may be open to others
            shutil.copytree(template, self._logs, copy_function=shutil.copyfile)
            self._logs.chmod(0o700)
            return
        await run_to_end(self._format(), None)
        half = template.with_name(f"{template.name}.{os.getpid()}")
        shutil.copytree(self._logs, half)
        try:
            half.rename(template)
        except OSError:  # somebody else was faster
            shutil.rmtree(half)

    def _format(self) -> list[str]:
        command = [*self._java("-Xmx128m"), "kafka.tools.StorageTool", "format"]
        return [*command, "-t", CLUSTER_ID, "-c", str(self._config)]

    def _java(self, *memory: str) -> list[str]:
        log4j = f"-Dlog4j2.configurationFile={LOG4J.as_uri()}"
        quiet = "-Dlog4j2.disable.jmx=true"
        return [java(), *memory, *SMALL, log4j, quiet, "-cp", f"{libraries()}{os.sep}*"]


async def _has_broker(port: int) -> bool:
    """Does the metadata name at least one broker? It is listed once it is ready to serve."""
    client = b"\x00\x0aplaycaller"
    # Metadata request, version 1, correlation 1, for no topics.
    body = struct.pack(">hhi", 3, 1, 1) + client + struct.pack(">i", 0)
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(struct.pack(">i", len(body)) + body)
        (size,) = struct.unpack(">i", await reader.readexactly(4))
        answer = await reader.readexactly(size)
        (brokers,) = struct.unpack_from(">i", answer, 4)
        return bool(brokers > 0)
    finally:
        writer.close()


def java() -> str:
    """Return the path of a Java 17 or newer. Raises SomethingMissing."""
    java_path = needs.find_java()
    if java_path is None:
        raise SomethingMissing(f"Java {needs.JAVA_VERSION} or newer", needs.how_to_get("java"))
    return java_path


def libraries() -> Path:
    """Return the folder of Kafka's jars. Raises SomethingMissing."""
    folder = jars.folder()
    if not jars.are_there():
        raise SomethingMissing("Apache Kafka", "Type: make setup")
    return folder
