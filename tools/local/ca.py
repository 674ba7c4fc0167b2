"""`./playcaller ca`: the authority that certifies devices, and certificates for single ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from shared import pki
from shared.pki_files import write_private
from tools import installation
from tools.folder import DEFAULT_FOLDER, Folder
from tools.local.auth import Operator
from tools.local.errors import LocalError
from tools.local.mosquitto import Mosquitto
from tools.screens.screen import Screen

app = typer.Typer(help="The authority that certifies devices.", no_args_is_help=True)
out = Screen()


class Refused(LocalError):
    """Ingest does not do what was asked."""

    def __init__(self, answer: httpx.Response) -> None:
        body: Mapping[str, Any] = answer.json()
        super().__init__(f"{answer.status_code} {body.get('title')}: {body.get('detail', '')}")


@app.command()
def show(folder: Folder = DEFAULT_FOLDER) -> None:
    """Print who certifies devices here: the fingerprint that devices are shipped with, and its end."""
    authority = Mosquitto(folder).authority
    if not authority.ca_file.exists():
        raise installation.NotRunning(folder.absolute())
    certificate = x509.load_pem_x509_certificate(authority.ca_file.read_bytes())
    out.print(
        f"{certificate.subject.rfc4514_string()}, good until {certificate.not_valid_after_utc:%Y-%m-%d}"
    )
    out.print(f"SHA-256 {certificate.fingerprint(hashes.SHA256()).hex(':')}", soft_wrap=True)
    out.print(f"certificate {authority.ca_file}", soft_wrap=True)


@app.command()
def issue(
    device: str,
    to: Path = typer.Option(Path(), help="Folder that gets certificate and key."),  # noqa: B008 - typer's way
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Draw a key for a registered device and let ingest certify it; the key never leaves here."""
    key = pki.new_key()
    csr = pki.request(device, key).public_bytes(serialization.Encoding.PEM).decode("ascii")
    issued = _post(folder, f"/v1/devices/{device}/certificates", {"csr": csr})
    to.mkdir(parents=True, exist_ok=True)
    write_private(to / f"{device}-key.pem", pki.key_pem(key))
    (to / f"{device}.pem").write_text(issued["certificate"], "ascii")
    out.print(f"{device}.pem and {device}-key.pem are in {to.absolute()}", soft_wrap=True)
    out.print(f"good until {issued['expires_at'][:10]}, credential {issued['id']}", soft_wrap=True)


@app.command()
def revoke(
    device: str,
    credential: str = typer.Option("", help="One of several, by its id; all when left out."),
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """End a device's credentials, a live connection included."""
    which = f"/{credential}" if credential else ""
    ended = _post(folder, f"/v1/devices/{device}/credentials{which}/revoke", None)["revoked"]
    out.print(f"{len(ended)} credentials of {device} ended; the broker knows it within seconds.")


def _post(folder: Path, path: str, body: Mapping[str, str] | None) -> Any:
    ingest = installation.urls(folder)["ingest"]
    with httpx.Client(base_url=ingest, auth=Operator(folder), trust_env=False, timeout=30) as http:
        answer = http.post(path, json=body)
    if answer.is_error:
        raise Refused(answer)
    return answer.json()
