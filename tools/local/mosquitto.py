"""The MQTT broker mosquitto, with sessions and queues that survive its restart."""

import asyncio
import os
import pwd
from typing import ClassVar

from typing_extensions import override

from tools.local import process, unprivileged
from tools.local.errors import SomethingMissing
from tools.local.ports import LOOPBACK
from tools.local.server import Server
from tools.setup import needs

# An MQTT 5 CONNECT: clean start, keep-alive 10 s, no properties, no client id.
CONNECT = bytes([0x10, 13, 0, 4, *b"MQTT", 5, 2, 0, 10, 0, 0, 0])
CONNACK = 0x20

CONFIG = """\
# Written at every start by tools/local/mosquitto.py; the words are those of mosquitto.conf(5).
listener {port} {host}
user {user}
# Loopback only; accounts and rights are not built yet.
allow_anonymous true
persistence true
persistence_location {data}/
autosave_on_changes false
autosave_interval {autosave_s}
# Per client: ingest acks in bulk.
max_inflight_messages 1000
# Per client: rate x outage of ingest; what comes above is dropped and resent from the rings.
max_queued_messages 500000
max_packet_size 262144
max_keepalive 600
queue_qos0_messages false
persistent_client_expiration 14d
set_tcp_nodelay true
sys_interval 5
# A fleet connects thousands of clients.
connection_messages false
log_dest stderr
log_type error
log_type warning
log_type notice
log_timestamp true
log_timestamp_format %Y-%m-%dT%H:%M:%S
"""


class Mosquitto(Server):
    """The broker between devices and ingest."""

    name: ClassVar[str] = "mosquitto"
    # At each save the broker rewrites its whole state (0.2 MB for 2,000 idle sessions), so not at
    # every change. What a kill loses since the last save, sources resend from their rings.
    autosave_s: ClassVar[int] = 10

    @override
    def user(self) -> int | None:
        return unprivileged.user()

    @override
    def check_needs(self) -> None:
        program()

    @override
    async def prepare(self, ports: tuple[int, ...]) -> None:
        process.raise_open_files()
        real = unprivileged.data_folder(self.data)
        account = self.user() or os.geteuid()
        config = real / "mosquitto.conf"
        text = CONFIG.format(
            port=ports[0],
            host=LOOPBACK,
            user=pwd.getpwuid(account).pw_name,
            data=real,
            autosave_s=self.autosave_s,
        )
        config.write_text(text, encoding="utf-8")
        unprivileged.give(config)

    @override
    def command(self, ports: tuple[int, ...]) -> list[str]:
        return [program(), "-c", str(self.data.resolve() / "mosquitto.conf")]

    @override
    async def is_healthy(self, ports: tuple[int, ...]) -> bool:
        try:
            return await asyncio.wait_for(_connects(ports[0]), 2)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"mqtt://{LOOPBACK}:{self.port}"


async def _connects(port: int) -> bool:
    """Does the broker accept an MQTT 5 client?"""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(CONNECT)
        head = await reader.readexactly(4)  # type, length, flags, reason
        return head[0] == CONNACK and head[3] == 0
    finally:
        writer.close()


def program() -> str:
    """Return the broker's path. Raises SomethingMissing."""
    found = needs.find_mosquitto()
    if found is None:
        raise SomethingMissing("mosquitto (the MQTT broker)", needs.how_to_get("mosquitto"))
    return found
