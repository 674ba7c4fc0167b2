"""The token keys of the containers: made once, the private half for its owner only."""

import json

from joserfc.jwk import ECKey

from deploy.prepare import keys
from shared.clock import wall_now
from shared.web import token
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
