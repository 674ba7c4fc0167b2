"""Another signing key, while everything runs: first everybody knows it, then it signs."""

import asyncio
import json
from pathlib import Path

from joserfc.jwk import ECKey

from shared import ids
from shared.web.guards import auth, token
from tools.local.auth import LocalKeys, write_private

KNOWN_S = auth.LOOK_S + 1.0  # every service has looked at the file again by then


async def rotate(folder: Path, *, compromised: bool = False) -> str:
    """Draw a key, publish it beside the old one, wait, sign with it; returns its name (`kid`).

    Tokens of the old key last their five minutes, so it stays published until the next rotation.

    Args:
        compromised: the old key is worth nothing at once: its tokens and its file entry go.
    """
    keys = LocalKeys(folder).ensure()
    old = ECKey.import_key(json.loads(keys.signing_file.read_text("utf-8")))
    new = token.new_key(ids.random_id()[:8])
    if not compromised:
        write_private(keys.public_file, token.public_set(new, old))
        await asyncio.sleep(KNOWN_S)
    write_private(keys.signing_file, json.dumps(new.as_dict(private=True)))
    if compromised:
        write_private(keys.public_file, token.public_set(new))
    return str(new.kid)
