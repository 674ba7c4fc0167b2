"""The OpenID provider: code flow with PKCE, `state` and `nonce`; an ID token is believed after all checks.

joserfc verifies. Keys come from the issuer in our settings and nowhere else: `jku`, `x5u` and `jwk` of a
token's header are not looked at, `kid` only chooses among those keys.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jws, jwt
from joserfc.errors import JoseError

from services.console.domain.provider import client_secret
from services.console.domain.provider.provider_keys import (
    ALGORITHMS,
    ProviderKey,
    candidates,
    usable,
)
from services.console.edges.openid.provider_http import ask, ask_token
from services.console.errors import ProviderRefused
from shared import ids
from shared.clock import monotonic
from shared.unsafe import is_loopback

LEEWAY_S = 60
KNOWN_S = 600.0  # discovery and keys are asked for again after this
AGAIN_S = 60.0  # and after an unknown `kid`, but not more often
MOST_BYTES = 16_384
SCOPE = "openid email profile"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that begins: where the browser goes, and what we remember until it comes back."""

    url: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


class OpenId:
    """One provider."""

    def __init__(
        self, issuer: str, client_id: str, secret: str, redirect: str, roles_claim: str
    ) -> None:
        """Args: roles_claim: where the provider says its groups; empty: roles are ours alone."""
        self.issuer = issuer
        self.roles_claim = roles_claim
        self._client_id = client_id
        self._secret = secret
        self._redirect = redirect
        self._found: Mapping[str, Any] = {}
        self._keys: Sequence[ProviderKey] | None = None
        self._asked = float("-inf")

    async def begin(self) -> Attempt:
        """A new attempt. Raises TryLater: the provider is away. ProviderRefused: we do not fit."""
        discovered = await self._discover()
        client_secret.method(discovered)
        state, nonce, verifier = ids.secret(), ids.secret(), ids.secret()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._client_id,
                "redirect_uri": self._redirect,
                "scope": SCOPE,
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge.rstrip(b"=").decode(),
                "code_challenge_method": "S256",
            }
        )
        page: str = discovered["authorization_endpoint"]
        return Attempt(f"{page}{'&' if '?' in page else '?'}{query}", state, nonce, verifier)

    async def claims(
        self, code: str, nonce: str, verifier: str, now: datetime
    ) -> Mapping[str, Any]:
        """What the provider says of whoever brought this code. Raises ProviderRefused, TryLater."""
        discovered = await self._discover()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
            "code_verifier": verifier,
        }
        headers = {}
        if client_secret.method(discovered) == "client_secret_basic":
            headers["Authorization"] = client_secret.basic(self._client_id, self._secret)
        else:
            form |= {"client_id": self._client_id, "client_secret": self._secret}
        answer = await ask_token(discovered["token_endpoint"], form, headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused("no ID token")
        if len(token) > MOST_BYTES:
            raise ProviderRefused(
                f"an ID token of {len(token)} characters",
                f"The provider's ID token has {len(token)} characters, {MOST_BYTES} are taken. Its "
                "admin confines what it says of you, most of all the list of groups.",
            )
        return await self.verified(token, nonce, now)

    async def verified(self, token: str, nonce: str, now: datetime) -> Mapping[str, Any]:
        """The claims of an ID token. Raises ProviderRefused: any part of it is not right."""
        try:
            claims = await self._signed(token)
            wanted: dict[str, Any] = {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self._client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
                "iat": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            }
            moment = int(now.timestamp())
            jwt.JWTClaimsRegistry(now=moment, leeway=LEEWAY_S, **wanted).validate(claims)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise ProviderRefused(type(error).__name__) from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if several and claims.get("azp") != self._client_id:
            raise ProviderRefused("for several clients, and not made for us")
        return claims

    async def _signed(self, token: str) -> dict[str, Any]:
        """The claims, when one of the provider's keys has signed them."""
        header = jws.extract_compact(token.encode()).headers()
        refused: Exception = ProviderRefused("signed with a key that the provider does not publish")
        for provider_key in await self._keys_for(header):
            try:
                return jwt.decode(token, provider_key.key, algorithms=list(ALGORITHMS)).claims
            except (JoseError, ValueError, TypeError, KeyError) as error:
                refused = error
        raise refused

    async def _keys_for(self, header: Mapping[str, Any]) -> Sequence[ProviderKey]:
        """The provider's keys it may be of; asked for again when none of those we know is."""
        discovered = await self._discover()
        known = candidates(self._keys or (), header)
        if self._keys is None or (not known and monotonic() - self._asked > AGAIN_S):
            self._asked = monotonic()
            self._keys = usable(await ask(discovered["jwks_uri"]))
            known = candidates(self._keys, header)
        return known

    async def _discover(self) -> Mapping[str, Any]:
        if self._found and monotonic() - self._asked < KNOWN_S:
            return self._found
        discovered = await ask(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if discovered.get("issuer") != self.issuer:
            raise ProviderRefused("its discovery document names another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _is_safe(discovered.get(name)):
                raise ProviderRefused(f"its {name} is no https:// address")
        self._found, self._keys, self._asked = discovered, None, monotonic()
        return discovered


def _is_safe(url: object) -> bool:
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        return False
    return parts is not None and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    )
