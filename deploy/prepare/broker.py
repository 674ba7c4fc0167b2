"""What the MQTT broker knows people, programs and itself by: made where missing, renewed when it ends.

Its folder is read by the broker (group) and kept by ingest; the key of the devices' authority is
ingest's alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deploy.prepare.keys import AUTHORITY, TLS
from shared import ids, log, mqtt_accounts, mqtt_passwords, secret_files
from shared.clock import wall_now
from shared.device_authority import DeviceAuthority
from shared.errors import BadSettings
from shared.pki_files import PkiFiles

BROKER = Path("/run/playcaller/broker")
DEVICES_CA = Path("/run/playcaller/devices-ca")
HOSTS = ("mosquitto", "localhost", "127.0.0.1", "::1")
ACCOUNTS = {"MQTT_URL": mqtt_accounts.INGEST, "INGEST_MONITOR_URL": mqtt_accounts.MONITOR}
SALT_BITS = 96

_log = log.get("prepare")


@dataclass(frozen=True)
class Folders:
    """Where the files are."""

    broker: Path = BROKER
    devices_ca: Path = DEVICES_CA
    authority: Path = AUTHORITY
    tls: Path = TLS


def read(environ: Mapping[str, str]) -> dict[str, str]:
    """Passwords of our own accounts, by name, out of the addresses that ingest gets.

    Raises: BadSettings.
    """
    resolved = secret_files.resolve(environ, tuple(ACCOUNTS))
    complaints = list(resolved.complaints)
    found: dict[str, str] = {}
    for name, account in ACCOUNTS.items():
        url = urlsplit(resolved.environ.get(name, "").strip())
        if url.username == account and url.password:
            found[account] = unquote(url.password)
        elif name not in resolved.from_files or url.scheme:
            complaints.append(
                f"{name} must be mqtts://{account}:PASSWORD@HOST:PORT (or {name}_FILE)."
            )
    if complaints:
        raise BadSettings("prepare cannot start:\n" + "\n".join(f"  - {c}" for c in complaints))
    return found


def prepare(passwords: Mapping[str, str], folders: Folders | None = None) -> None:
    """Write the broker's files; what ingest keeps is only made where there is none."""
    where, now = folders or Folders(), wall_now()
    where.broker.mkdir(mode=0o750, parents=True, exist_ok=True)
    _write(where.broker / "ca.pem", (where.tls / "ca.pem").read_bytes())  # of console, too
    pki = PkiFiles(where.broker, where.authority).ensure(now, HOSTS)
    pki.server_key.chmod(0o640)  # the broker is of our group
    authority = DeviceAuthority(where.devices_ca / "ca.pem", where.devices_ca / "ca-key.pem")
    authority.ensure(now)
    own = "".join(
        mqtt_passwords.line(name, password, bytes.fromhex(ids.random_hex(SALT_BITS)))
        for name, password in passwords.items()
    )
    _write(where.broker / "own-passwords", own.encode())
    _write(where.broker / "acl", mqtt_accounts.acl().encode())
    _write(where.broker / "devices-ca.pem", authority.ca_file.read_bytes())
    for name, content in (("passwords", own.encode()), ("revoked.pem", authority.revocations({}, now))):  # fmt: skip
        if not (where.broker / name).exists():
            _write(where.broker / name, content)
    _log.info("the broker's accounts, rights and certificates: all are there")


def _write(path: Path, content: bytes) -> None:
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)
    half.touch(mode=0o640)
    half.write_bytes(content)
    half.replace(path)
