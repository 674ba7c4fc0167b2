"""The authority that certifies devices and apps: its files, its signatures, its revocations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from shared import pki
from shared.pki_files import write_private

NAME = "Playcaller devices"


@dataclass(frozen=True)
class Certified:
    """A certificate that was just signed; `serial` in hexadecimal."""

    certificate_pem: str
    serial: str
    expires_at: datetime


class DeviceAuthority:
    """Signs for devices and apps; whoever has its key can be any of them.

    Args:
        ca: certificate of the authority, PEM.
        key: its private key, PEM.
    """

    def __init__(self, ca: Path, key: Path) -> None:
        self.ca_file = ca
        self.key_file = key

    def ensure(self, now: datetime) -> "DeviceAuthority":
        """Make it where there is none."""
        if not (self.ca_file.exists() and self.key_file.exists()):
            for folder in (self.ca_file.parent, self.key_file.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            key = pki.new_key()
            write_private(self.key_file, pki.key_pem(key))
            self.ca_file.write_bytes(pki.certificate_pem(pki.authority(NAME, key, now)))
        return self

    @property
    def ca_pem(self) -> str:
        """Its own certificate."""
        return self.ca_file.read_text("ascii")

    def certify(self, source: str, request: bytes, now: datetime) -> Certified:
        """Sign for a source. Raises ValueError: what is wrong with the request."""
        ca, key = self._read()
        certificate = pki.client(source, pki.read_request(request), ca, key, now)
        pem = pki.certificate_pem(certificate).decode("ascii")
        return Certified(pem, f"{certificate.serial_number:x}", certificate.not_valid_after_utc)

    def revocations(self, serials: Mapping[str, datetime], now: datetime) -> bytes:
        """The revocation list as a file holds it."""
        ca, key = self._read()
        by_number = {int(serial, 16): at for serial, at in serials.items()}
        return pki.revocations_pem(pki.revocations(by_number, ca, key, now))

    def _read(self) -> tuple[x509.Certificate, pki.Key]:
        return (
            pki.read_certificate(self.ca_file.read_bytes()),
            pki.read_key(self.key_file.read_bytes()),
        )
