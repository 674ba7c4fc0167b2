"""The key that tokens are signed with; read again when its file has changed (rotation)."""

import json
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from shared import ids, log
from shared.clock import monotonic
from shared.errors import BadSettings
from shared.web.guards import token
from shared.web.who import Who

LOOK_S = 2.0
REUSED = timedelta(minutes=1)  # signing one costs 0.2 ms, verifying it 0.5 ms at each service asked
KEPT = 4_096

_log = log.get("console.signer")


class Signer:
    """Signs tokens; the newest key counts."""

    def __init__(self, path: Path) -> None:
        """Raises BadSettings: there is no such key."""
        self._path = path
        self._looked = monotonic()
        self._signed: OrderedDict[Who, tuple[str, datetime]] = OrderedDict()
        try:
            self._load()
        except (OSError, ValueError, TypeError, JoseError) as error:
            raise BadSettings(
                f"CONSOLE_SIGNING_KEY_FILE: {path} is no private JWK ({type(error).__name__}). "
                "`./playcaller up` makes it; in containers `prepare` does."
            ) from None

    def token(self, who: Who, now: datetime) -> str:
        """A token for the next five minutes."""
        self._look()
        return token.sign(self._key, who, now, ids.random_id())

    def recent(self, who: Who, now: datetime) -> str:
        """One that is good for four minutes at least: a page asks, and soon the same person asks again.

        Whoever's roles change is somebody else here, and is given a new one.
        """
        self._look()
        asks = replace(who, token_id="", address="", request="")
        text, signed_at = self._signed.pop(asks, ("", now))
        if not text or not now - REUSED < signed_at <= now:
            text, signed_at = self.token(who, now), now
        self._signed[asks] = text, signed_at
        if len(self._signed) > KEPT:
            self._signed.popitem(last=False)
        return text

    def _look(self) -> None:
        if monotonic() - self._looked < LOOK_S:
            return
        self._looked = monotonic()
        try:
            if self._path.stat().st_mtime_ns != self._changed:
                self._load()
        except (OSError, ValueError, TypeError, JoseError) as error:
            _log.error("the signing key cannot be read: the last one stays", exc_info=error)

    def _load(self) -> None:
        changed = self._path.stat().st_mtime_ns
        key = ECKey.import_key(json.loads(self._path.read_text("utf-8")))
        if not key.is_private or key.curve_name != "P-256" or not key.kid:
            raise ValueError("no private key on P-256 with a kid")
        self._key, self._changed = key, changed
        self._signed.clear()  # with another key
