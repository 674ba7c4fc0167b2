"""An authority's files in a folder, and what it signed for our servers and accounts: made when missing."""

import os
import ssl
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from shared import pki

RENEW = timedelta(days=30)
LOCAL = ("localhost", "127.0.0.1", "::1")


class PkiFiles:
    """`ca.pem`, `server.pem`, `server-key.pem` in one folder, `ca-key.pem` there or elsewhere.

    Args:
        folder: keys in it are readable by their owner only.
        ca_key_folder: where the authority's own key is kept, when others read `folder`.
    """

    def __init__(self, folder: Path, ca_key_folder: Path | None = None) -> None:
        self.folder = folder
        self.ca = folder / "ca.pem"
        self.ca_key = (ca_key_folder or folder) / "ca-key.pem"
        self.server = folder / "server.pem"
        self.server_key = folder / "server-key.pem"

    def context(self) -> ssl.SSLContext:
        """What a client checks our servers with; trusts this authority only."""
        return ssl.create_default_context(cafile=self.ca)

    def ensure(self, now: datetime, hosts: Sequence[str] = LOCAL) -> "PkiFiles":
        """Make what is missing or about to expire."""
        for folder in (self.folder, self.ca_key.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (self.ca.exists() and self.ca_key.exists()):
            key = pki.new_key()
            write_private(self.ca_key, pki.key_pem(key))
            certificate = pki.authority("Playcaller local authority", key, now)
            self.ca.write_bytes(pki.certificate_pem(certificate))
            self.server.unlink(missing_ok=True)
        if not (self.server_key.exists() and _lasts(self.server, now)):
            key = pki.new_key()
            ca, ca_key = pki.read_certificate(self.ca.read_bytes()), self.ca_key.read_bytes()
            certificate = pki.server(hosts, key, ca, pki.read_key(ca_key), now)
            write_private(self.server_key, pki.key_pem(key))
            self.server.write_bytes(pki.certificate_pem(certificate))
        return self

    def ensure_accounts(self, names: Iterable[str], folder: Path, now: datetime) -> None:
        """Certificates with which our own accounts sign in at our servers, `<name>.pem` in `folder`."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ca, ca_key = pki.read_certificate(self.ca.read_bytes()), self.ca_key.read_bytes()
        for name in names:
            certificate, private = account_files(folder, name)
            if private.exists() and _lasts(certificate, now) and _is_of(certificate, ca):
                continue
            key = pki.new_key()
            client_certificate = pki.client(
                name, pki.request(name, key), ca, pki.read_key(ca_key), now
            )
            write_private(private, pki.key_pem(key))
            write_private(certificate, pki.certificate_pem(client_certificate))


def account_files(folder: Path, name: str) -> tuple[Path, Path]:
    """Where an account's certificate and key are."""
    return folder / f"{name}.pem", folder / f"{name}-key.pem"


def _lasts(certificate: Path, now: datetime) -> bool:
    if not certificate.exists():
        return False
    return pki.read_certificate(certificate.read_bytes()).not_valid_after_utc > now + RENEW


def _is_of(certificate: Path, ca: x509.Certificate) -> bool:
    return pki.is_signed_by(pki.read_certificate(certificate.read_bytes()), ca)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, in one step."""
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)
    half.touch(mode=0o600)
    half.write_bytes(content)
    os.replace(half, path)  # noqa: PTH105 - atomic on every system
