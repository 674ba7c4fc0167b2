"""The keys that tokens are signed and verified with: drawn once, each half where it belongs."""

import json
from pathlib import Path

from shared import ids, log
from shared.clock import wall_now
from shared.pki_files import PkiFiles
from shared.web.guards import token

SIGNING = Path("/run/playcaller/signing")  # read by console only
PUBLIC = Path("/run/playcaller/auth")  # read by every service
TLS = Path("/run/playcaller/tls")  # read by console: sessions need HTTPS
AUTHORITY = Path("/run/playcaller/authority")  # read by nobody else
MAIL = Path("/run/playcaller/mail")  # read by the mail catcher
HOSTS = ("localhost", "127.0.0.1", "::1", "console")

_log = log.get("prepare")


def prepare(signing: Path = SIGNING, public: Path = PUBLIC) -> None:
    """Draw a key pair where there is none; an existing one stays (rotation is console's)."""
    private, document = signing / "signing.jwk", public / "keys.json"
    if private.exists() and document.exists():
        _log.info("token keys: all are there")
        return
    key = token.new_key(ids.random_hex(32))
    document.write_text(token.public_set(key), encoding="utf-8")
    private.touch(mode=0o600)
    private.write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")
    _log.info("token keys: made")


def prepare_tls(
    tls: Path = TLS, authority: Path = AUTHORITY, public: Path = PUBLIC, mail: Path = MAIL
) -> None:
    """An authority of our own, console's and the mail catcher's certificate; renewed in time."""
    public.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = PkiFiles(tls, authority).ensure(wall_now(), HOSTS)
    (public / "ca.pem").write_bytes(made.ca.read_bytes())  # what others check console with
    mail.mkdir(mode=0o700, parents=True, exist_ok=True)
    (mail / "ca.pem").write_bytes(made.ca.read_bytes())
    PkiFiles(mail, authority).ensure(wall_now(), ("mail",))
    _log.info("certificates: all are there")
