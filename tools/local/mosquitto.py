"""The MQTT broker mosquitto: everybody with a credential, TLS outside, sessions that survive a restart."""

import asyncio
import json
import os
import pwd
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

from typing_extensions import override

from shared import ids, mqtt_accounts, mqtt_passwords
from shared.clock import wall_now
from shared.device_authority import DeviceAuthority
from shared.mqtt_accounts import CLOCK, INGEST, MONITOR
from tools.local import certificates, process, unprivileged
from tools.local.auth import write_private
from tools.local.errors import SomethingMissing
from tools.local.ports import LOOPBACK
from tools.local.server import Server
from tools.setup import needs

CONNACK = 0x20
SALT_BITS = 96

CONFIG = """\
# Written at every start by tools/local/mosquitto.py; the words are those of mosquitto.conf(5).
user {user}
pid_file {data}/mosquitto.pid
# One file of each for all listeners. (Files per listener are a setting under which mosquitto 2.0
# spoils its list of sessions when it reads its configuration again: docs/security.md.)
per_listener_settings false
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

# Inner: our own accounts, on loopback only.
listener {ports[0]} {host}

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


class Mosquitto(Server):
    """The broker between devices and ingest.

    Args:
        accounts: further accounts of the inner listener with their lines of the ACL, for tests.
    """

    name: ClassVar[str] = "mosquitto"
    port_count: ClassVar[int] = 4
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
        config.write_text(text, encoding="utf-8")
        unprivileged.give(config)

    def _let_in(self, real: Path) -> None:
        """Write what the broker knows people, programs and itself by."""
        broker = real / "broker"
        broker.mkdir(mode=0o700, exist_ok=True)
        pki, authority = certificates.of(self.folder), self.authority.ensure(wall_now())
        own = "".join(
            mqtt_passwords.line(name, password, bytes.fromhex(ids.random_hex(SALT_BITS)))
            for name, password in self._accounts().items()
        )
        files = {
            "own-passwords": own.encode(),
            "acl": mqtt_accounts.acl(clock=True, more=self._more).encode(),
            "server.pem": pki.server.read_bytes(),
            "server-key.pem": pki.server_key.read_bytes(),
            "devices-ca.pem": authority.ca_file.read_bytes(),
        }
        # ingest's: it brings them up to date when it starts
        first = {"passwords": own.encode(), "revoked.pem": authority.revocations({}, wall_now())}
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
            return await asyncio.wait_for(_connects(ports[0], self._accounts()[MONITOR]), 2)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
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

    def inner_url(self, account: str) -> str:
        """Where one of our own accounts connects, with its password."""
        return f"mqtt://{account}:{self.password(account)}@{LOOPBACK}:{self.ports[0]}"

    def password(self, account: str) -> str:
        """Of one of our own accounts."""
        return self._accounts()[account]

    def ingest_environment(self) -> dict[str, str]:
        """The variables that tell ingest who it is here, and what of the broker it keeps."""
        real = self.data.resolve()
        return {
            "MQTT_URL": self.inner_url(INGEST),
            "INGEST_MONITOR_URL": self.inner_url(MONITOR),
            "INGEST_BROKER_FOLDER": str(real / "broker"),
            "INGEST_BROKER_PID_FILE": str(real / "mosquitto.pid"),
            "INGEST_DEVICES_CA_FILE": str(self.authority.ca_file),
            "INGEST_DEVICES_CA_KEY_FILE": str(self.authority.key_file),
        }

    def _accounts(self) -> dict[str, str]:
        """Our own accounts' passwords: drawn once."""
        return own_accounts(self.folder, (INGEST, CLOCK, MONITOR, *self._more))


def own_accounts(folder: Path, names: Iterable[str] = ()) -> dict[str, str]:
    """The passwords of a folder's accounts at the broker, drawn for those that have none yet."""
    path = folder / "run" / "mqtt-accounts.json"
    known: dict[str, str] = json.loads(path.read_text("ascii")) if path.exists() else {}
    if not set(names) <= set(known):
        path.parent.mkdir(parents=True, exist_ok=True)
        known |= {name: ids.random_hex(256) for name in names if name not in known}
        write_private(path, json.dumps(known))
    return known


async def _connects(port: int, password: str) -> bool:
    """Does the broker let our own account in?"""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(_connect(MONITOR, password))
        head = await reader.readexactly(4)  # type, length, flags, reason
        return head[0] == CONNACK and head[3] == 0
    finally:
        writer.close()


def _connect(user: str, password: str) -> bytes:
    """An MQTT 5 CONNECT: clean start, keep-alive 10 s, no client id. Source: MQTT 5.0 section 3.1."""
    parts = [b"", user.encode(), password.encode()]
    rest = b"\x00\x04MQTT\x05\xc2\x00\x0a\x00" + b"".join(len(p).to_bytes(2) + p for p in parts)
    return bytes([0x10, len(rest)]) + rest


def program() -> str:
    """Return the broker's path. Raises SomethingMissing."""
    found = needs.find_mosquitto()
    if found is None:
        raise SomethingMissing("mosquitto (the MQTT broker)", needs.how_to_get("mosquitto"))
    return found
