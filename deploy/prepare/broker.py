"""What the MQTT broker knows people, programs and itself by: made where missing, renewed when it ends.

Its folder is read by the broker (group) and kept by ingest; the key of the devices' authority and the
certificates of our own accounts are ingest's alone.
"""

from dataclasses import dataclass
from pathlib import Path

from deploy.prepare.keys import AUTHORITY, TLS
from shared import log, mqtt_accounts
from shared.clock import wall_now
from shared.device_authority import DeviceAuthority
from shared.pki_files import PkiFiles

BROKER = Path("/run/playcaller/broker")
DEVICES_CA = Path("/run/playcaller/devices-ca")
ACCOUNTS = Path("/run/playcaller/accounts")
HOSTS = ("mosquitto", "localhost", "127.0.0.1", "::1")

_log = log.get("prepare")


@dataclass(frozen=True)
class Folders:
    """Where the files are."""

    broker: Path = BROKER
    devices_ca: Path = DEVICES_CA
    accounts: Path = ACCOUNTS
    authority: Path = AUTHORITY
    tls: Path = TLS


def prepare(folders: Folders | None = None) -> None:
    """Write the broker's files; what ingest keeps is only made where there is none."""
    where, now = folders or Folders(), wall_now()
    where.broker.mkdir(mode=0o750, parents=True, exist_ok=True)
    _write(where.broker / "ca.pem", (where.tls / "ca.pem").read_bytes())  # of console, too
    pki = PkiFiles(where.broker, where.authority).ensure(now, HOSTS)
    pki.server_key.chmod(0o640)  # the broker is of our group
    authority = DeviceAuthority(where.devices_ca / "ca.pem", where.devices_ca / "ca-key.pem")
    authority.ensure(now)
    pki.ensure_accounts((mqtt_accounts.INGEST, mqtt_accounts.MONITOR), where.accounts, now)
    (where.broker / "own-passwords").unlink(missing_ok=True)  # of releases that signed in with them
    _write(where.broker / "acl", mqtt_accounts.acl().encode())
    _write(where.broker / "devices-ca.pem", authority.ca_file.read_bytes())
    for name, content in (("passwords", b""), ("revoked.pem", authority.revocations({}, now))):
        if not (where.broker / name).exists():
            _write(where.broker / name, content)
    _log.info("the broker's accounts, rights and certificates: all are there")


def _write(path: Path, content: bytes) -> None:
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)
    half.touch(mode=0o640)
    half.write_bytes(content)
    half.replace(path)
