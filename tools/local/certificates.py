"""The certificate authority of a folder, and the server certificate it signed for loopback."""

from pathlib import Path

from shared.clock import wall_now
from shared.pki_files import PkiFiles


def of(folder: Path) -> PkiFiles:
    """The files under `<folder>/run/pki/`, made when they are missing."""
    return PkiFiles(folder.absolute() / "run" / "pki").ensure(wall_now())
