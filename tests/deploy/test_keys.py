"""The token keys of the containers: made once, the private half for its owner only."""

import json
import ssl
from datetime import timedelta

from cryptography import x509
from joserfc.jwk import ECKey

from deploy.prepare import keys
from shared import pki
from shared.clock import wall_now
from shared.pki_files import PkiFiles
from shared.web.guards import token
from shared.web.who import Who


def test_the_halves_fit_and_a_second_run_changes_nothing(tmp_path):
    signing, public = tmp_path / "signing", tmp_path / "auth"
    signing.mkdir()
    public.mkdir()
    keys.prepare(signing, public)
    private = (signing / "signing.jwk").read_text()
    text = token.sign(
        ECKey.import_key(json.loads(private)), Who("a", "key", frozenset()), wall_now(), "t"
    )
    known = token.read_keys((public / "keys.json").read_text())
    assert token.read(text, known, wall_now())[0].subject == "a"
    assert (signing / "signing.jwk").stat().st_mode & 0o777 == 0o600
    assert '"d"' not in (public / "keys.json").read_text()
    keys.prepare(signing, public)
    assert (signing / "signing.jwk").read_text() == private


def test_a_certificate_that_its_authority_vouches_for(tmp_path):
    tls, authority, mail = (tmp_path / name for name in ("tls", "authority", "mail"))
    keys.prepare_tls(tls, authority, tmp_path, mail)
    context = ssl.create_default_context(cafile=tls / "ca.pem")
    assert context.verify_mode is ssl.CERT_REQUIRED
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
        tls / "server.pem", tls / "server-key.pem"
    )
    made = pki.read_certificate((tls / "server.pem").read_bytes())
    made.verify_directly_issued_by(pki.read_certificate((tls / "ca.pem").read_bytes()))
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"localhost", "console"} <= set(names.get_values_for_type(x509.DNSName))
    # console's volume holds no key of the authority
    assert not (tls / "ca-key.pem").exists()
    for private in (tls / "server-key.pem", authority / "ca-key.pem"):
        assert private.stat().st_mode & 0o777 == 0o600
    mails = pki.read_certificate((mail / "server.pem").read_bytes())
    mails.verify_directly_issued_by(pki.read_certificate((tls / "ca.pem").read_bytes()))
    assert not (mail / "ca-key.pem").exists()
    keys.prepare_tls(tls, authority, tmp_path, mail)
    assert pki.read_certificate((mail / "server.pem").read_bytes()) == mails
    assert pki.read_certificate((tls / "server.pem").read_bytes()) == made


def test_a_certificate_is_renewed_before_it_ends(tmp_path):
    now = wall_now()
    files = PkiFiles(tmp_path).ensure(now)
    first = files.server.read_bytes()
    assert files.ensure(now + timedelta(days=300)).server.read_bytes() == first
    assert files.ensure(now + timedelta(days=340)).server.read_bytes() != first
