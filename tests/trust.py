"""Whom tests trust beside those whom they name: an authority that nobody knows.

Nothing here talks to the world outside, but each client that is made would read the system's list of
authorities, or certifi's: 40 ms of a processor, in loops that wait for something.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import certifi

from shared import pki
from shared.clock import wall_now

SCRATCH = TemporaryDirectory(prefix="playcaller-trust-")


def nobody_outside() -> None:
    """In this process and in those that it starts."""
    file = Path(SCRATCH.name) / "nobody.pem"
    file.write_bytes(pki.certificate_pem(pki.authority("nobody", pki.new_key(), wall_now())))
    os.environ["SSL_CERT_FILE"] = str(file)
    certifi.where = lambda: str(file)
