"""The MQTT broker mosquitto: everybody with a credential, TLS outside, sessions that survive a restart."""

import asyncio
import json
import os
import pwd
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

from typing_extensions import override

from shared import ids, mqtt_accounts, mqtt_passwords
from shared.clock import wall_now
from shared.device_authority import DeviceAuthority
from shared.mqtt_accounts import CLOCK, INGEST, MONITOR
from shared.pki_files import account_files
from tools.local import certificates, process, unprivileged
from tools.local.auth import write_private
from tools.local.errors import SomethingMissing
from tools.local.ports import LOOPBACK
from tools.local.server import Server
from tools.setup import needs

# An MQTT 5 CONNECT: clean start, keep-alive 10 s, no client id, no name. Source: MQTT 5.0 section 3.1.
HELLO = b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x0a\x00\x00\x00"
CONNACK = 0x20
SALT_BITS = 96

CONFIG = """\
# Written at every start by tools/local/mosquitto.py; the words are those of mosquitto.conf(5).
user {user}
pid_file {data}/mosquitto.pid
# One file of each for all listeners: why is in docs/decisions/0013-the-brokers-door.md.
allow_anonymous false
password_file {broker}/passwords
acl_file {broker}/acl
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
retain_available false
set_tcp_nodelay true
sys_interval 5
# Whom it refuses, ingest counts: it reads the log as topics.
connection_messages true
log_dest stderr
log_dest topic
log_type error
log_type warning
log_type notice
# who subscribes to many filters slows everybody: ingest ends that session
log_type subscribe
log_timestamp true
log_timestamp_format %Y-%m-%dT%H:%M:%S

# Inner: our own accounts, each with a certificate of our own authority; no password opens it.
listener {ports[0]} {host}
{tls}
cafile {broker}/ca.pem
require_certificate true
use_identity_as_username true

# Devices and apps with a password. Who signs in is who it is: the client id is taken from the name.
listener {ports[1]} {host}
use_username_as_clientid true
{tls}

# Devices with a certificate; its common name is who it is.
listener {ports[2]} {host}
use_username_as_clientid true
{tls}
cafile {broker}/devices-ca.pem
crlfile {broker}/revoked.pem
require_certificate true
use_identity_as_username true

# Apps, over WebSockets.
listener {ports[3]} {host}
protocol websockets
use_username_as_clientid true
{tls}
"""
TLS = """\
certfile {broker}/server.pem
keyfile {broker}/server-key.pem
tls_version tlsv1.2
ciphers ECDHE+AESGCM:ECDHE+CHACHA20"""
TESTS = """
# Tests: plain, with a password, any client id.
listener {port} {host}
"""


class Mosquitto(Server):
    """The broker between devices and ingest.

    Args:
        accounts: further accounts with their lines of the ACL, and a listener where they may have
            any client id: for tests.
    """

    name: ClassVar[str] = "mosquitto"
    port_count: ClassVar[int] = 5  # the last one for tests only
    # At each save the broker rewrites its whole state (0.2 MB for 2,000 idle sessions), so not at
    # every change. What a kill loses since the last save, sources resend from their rings.
    autosave_s: ClassVar[int] = 10

    def __init__(
        self,
        folder: Path,
        *,
        end_with_parent: bool = False,
        accounts: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        super().__init__(folder, end_with_parent=end_with_parent)
        self._more = dict(accounts or {})

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
        self._let_in(real)
        account = self.user() or os.geteuid()
        config = real / "mosquitto.conf"
        broker = real / "broker"
        text = CONFIG.format(
            ports=ports,
            host=LOOPBACK,
            user=pwd.getpwuid(account).pw_name,
            data=real,
            broker=broker,
            tls=TLS.format(broker=broker),
            autosave_s=self.autosave_s,
        )
        if self._more:
            text += TESTS.format(port=ports[4], host=LOOPBACK)
        config.write_text(text, encoding="utf-8")
        unprivileged.give(config)

    def _let_in(self, real: Path) -> None:
        """Write what the broker knows people, programs and itself by."""
        broker = real / "broker"
        broker.mkdir(mode=0o700, exist_ok=True)
        now = wall_now()
        pki, authority = certificates.of(self.folder), self.authority.ensure(now)
        pki.ensure_accounts((INGEST, MONITOR), self.accounts_folder, now)
        own = "".join(
            mqtt_passwords.line(name, password, bytes.fromhex(ids.random_hex(SALT_BITS)))
            for name, password in self._passwords().items()
        )
        files = {
            "own-passwords": own.encode(),
            "acl": mqtt_accounts.acl(clock=True, more=self._more).encode(),
            "ca.pem": pki.ca.read_bytes(),
            "server.pem": pki.server.read_bytes(),
            "server-key.pem": pki.server_key.read_bytes(),
            "devices-ca.pem": authority.ca_file.read_bytes(),
        }
        # ingest's: it brings them up to date when it starts
        first = {"passwords": own.encode(), "revoked.pem": authority.revocations({}, now)}
        files |= {name: content for name, content in first.items() if not (broker / name).exists()}
        for name, content in files.items():
            path = broker / name
            path.unlink(missing_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(content)
            unprivileged.give(path)
        unprivileged.give(broker)

    @override
    def command(self, ports: tuple[int, ...]) -> list[str]:
        return [program(), "-c", str(self.data.resolve() / "mosquitto.conf")]

    @override
    async def is_healthy(self, ports: tuple[int, ...]) -> bool:
        try:
            async with asyncio.timeout(2):
                return await _connects(ports[0], self.inner_context(MONITOR))
        except (OSError, TimeoutError, asyncio.IncompleteReadError):  # ssl.SSLError is an OSError
            return False

    @property
    def authority(self) -> DeviceAuthority:
        """Who certifies devices."""
        folder = self.folder / "run" / "devices-ca"
        return DeviceAuthority(folder / "ca.pem", folder / "ca-key.pem")

    @property
    def url(self) -> str:
        """Where devices and apps with a password connect."""
        return f"mqtts://{LOOPBACK}:{self.ports[1]}"

    @property
    def certificate_url(self) -> str:
        """Where devices with a certificate connect."""
        return f"mqtts://{LOOPBACK}:{self.ports[2]}"

    @property
    def websocket_url(self) -> str:
        """Where apps connect over WebSockets."""
        return f"wss://{LOOPBACK}:{self.ports[3]}"

    @property
    def ca(self) -> Path:
        """Whom clients trust."""
        return certificates.of(self.folder).ca

    @property
    def accounts_folder(self) -> Path:
        """Certificates and keys of our own accounts."""
        return self.folder.absolute() / "run" / "pki" / "accounts"

    def inner_url(self, account: str) -> str:
        """Where one of our own accounts connects, with its certificate."""
        return f"mqtts://{account}@{LOOPBACK}:{self.ports[0]}"

    def inner_context(self, account: str) -> ssl.SSLContext:
        """With what it does."""
        context = ssl.create_default_context(cafile=self.ca)
        context.load_cert_chain(*account_files(self.accounts_folder, account))
        return context

    def tests_url(self, account: str) -> str:
        """Where an account of tests connects, with its password."""
        return f"mqtt://{account}:{self._passwords()[account]}@{LOOPBACK}:{self.ports[4]}"

    def ingest_environment(self) -> dict[str, str]:
        """The variables that tell ingest who it is here, and what of the broker it keeps."""
        real = self.data.resolve()
        return {
            "MQTT_URL": self.inner_url(INGEST),
            "MQTT_CA_FILE": str(self.ca),
            "INGEST_MONITOR_URL": self.inner_url(MONITOR),
            "INGEST_ACCOUNTS_FOLDER": str(self.accounts_folder),
            "INGEST_BROKER_FOLDER": str(real / "broker"),
            "INGEST_BROKER_PID_FILE": str(real / "mosquitto.pid"),
            "INGEST_DEVICES_CA_FILE": str(self.authority.ca_file),
            "INGEST_DEVICES_CA_KEY_FILE": str(self.authority.key_file),
        }

    def _passwords(self) -> dict[str, str]:
        """Of the clock of simulated time and of tests' accounts: drawn once."""
        return accounts_with_password(self.folder, (CLOCK, *self._more))


def accounts_with_password(folder: Path, names: Iterable[str] = ()) -> dict[str, str]:
    """A folder's accounts at the broker that are no source, drawn for those that have none yet."""
    path = folder / "run" / "mqtt-accounts.json"
    known: dict[str, str] = json.loads(path.read_text("ascii")) if path.exists() else {}
    if not set(names) <= set(known):
        path.parent.mkdir(parents=True, exist_ok=True)
        known |= {name: ids.random_hex(256) for name in names if name not in known}
        write_private(path, json.dumps(known))
    return known


async def _connects(port: int, tls: ssl.SSLContext) -> bool:
    """Does the broker let our own account in?"""
    reader, writer = await asyncio.open_connection(LOOPBACK, port, ssl=tls)
    try:
        writer.write(HELLO)
        head = await reader.readexactly(4)  # type, length, flags, reason
        return head[0] == CONNACK and head[3] == 0
    finally:
        writer.close()


def program() -> str:
    """Return the broker's path. Raises SomethingMissing."""
    mosquitto = needs.find_mosquitto()
    if mosquitto is None:
        raise SomethingMissing("mosquitto (the MQTT broker)", needs.how_to_get("mosquitto"))
    return mosquitto
