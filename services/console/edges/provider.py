"""The OpenID provider: code flow with PKCE, `state` and `nonce`; an ID token is believed after all checks.

Authlib speaks OAuth, joserfc verifies. Keys come from the issuer in our settings and nowhere else:
`jku`, `x5u` and `jwk` of a token's header are not looked at, `kid` only chooses among those keys.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.console.errors import ProviderRefused
from shared import ids, log
from shared.clock import monotonic
from shared.errors import TryLater
from shared.unsafe import is_loopback

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

ALGORITHMS = ["RS256", "PS256", "ES256"]
LEEWAY_S = 60
ASK_S = 10.0
KNOWN_S = 600.0  # discovery and keys are asked for again after this
AGAIN_S = 60.0  # and after an unknown `kid`, but not more often
MOST_BYTES = 16_384

_log = log.get("console.provider")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that begins: where the browser goes, and what we remember until it comes back."""

    url: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


class OpenId:
    """One provider."""

    def __init__(self, issuer: str, client_id: str, secret: str, redirect: str) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._secret = secret
        self._redirect = redirect
        self._found: Mapping[str, Any] = {}
        self._keys: KeySet | None = None
        self._asked = float("-inf")

    async def begin(self) -> Attempt:
        """A new attempt. Raises TryLater: the provider is away."""
        found = await self._discover()
        state, nonce, verifier = ids.secret(), ids.secret(), ids.secret()
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                found["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return Attempt(url, state, nonce, verifier)

    async def claims(
        self, code: str, nonce: str, verifier: str, now: datetime
    ) -> Mapping[str, Any]:
        """What the provider says of whoever brought this code. Raises ProviderRefused, TryLater."""
        found = await self._discover()
        try:
            async with self._client() as client:
                answer = await client.fetch_token(
                    found["token_endpoint"], code=code, code_verifier=verifier
                )
        except httpx.HTTPError as error:
            raise TryLater(f"the OpenID provider is away ({type(error).__name__})") from None
        except (_errors(), ValueError, TypeError, KeyError) as error:
            raise ProviderRefused(f"the code was not taken ({type(error).__name__})") from None
        token = answer.get("id_token")
        if not isinstance(token, str) or len(token) > MOST_BYTES:
            raise ProviderRefused("no ID token")
        return await self.verified(token, nonce, now)

    async def verified(self, token: str, nonce: str, now: datetime) -> Mapping[str, Any]:
        """The claims of an ID token. Raises ProviderRefused: any part of it is not right."""
        try:
            found = jwt.decode(token, await self._keys_for(token), algorithms=ALGORITHMS)
            wanted: dict[str, Any] = {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self._client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
                "iat": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            }
            moment = int(now.timestamp())
            jwt.JWTClaimsRegistry(now=moment, leeway=LEEWAY_S, **wanted).validate(found.claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderRefused(type(error).__name__) from None
        several = isinstance(found.claims["aud"], list) and len(found.claims["aud"]) > 1
        if several and found.claims.get("azp") != self._client_id:
            raise ProviderRefused("for several clients, and not made for us")
        return found.claims

    def _client(self) -> "AsyncOAuth2Client":
        with warnings.catch_warnings(record=True):  # it announces a successor of httpx
            from authlib.integrations.httpx_client import AsyncOAuth2Client  # slow to load

        return AsyncOAuth2Client(
            self._client_id,
            self._secret,
            scope="openid email profile",
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            timeout=ASK_S,
            trust_env=False,
        )

    async def _keys_for(self, token: str) -> KeySet:
        """The provider's keys; asked for again when the token names one that we do not know."""
        found = await self._discover()
        kid = _kid(token)
        unknown = self._keys is None or kid not in {key.kid for key in self._keys.keys}
        if self._keys is None or (unknown and monotonic() - self._asked > AGAIN_S):
            self._asked = monotonic()
            self._keys = KeySet.import_key_set(await _ask(found["jwks_uri"]))  # type: ignore[arg-type]
        return self._keys

    async def _discover(self) -> Mapping[str, Any]:
        if self._found and monotonic() - self._asked < KNOWN_S:
            return self._found
        found = await _ask(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise ProviderRefused("its discovery document names another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _is_safe(found.get(name)):
                raise ProviderRefused(f"its {name} is no https:// address")
        self._found, self._keys, self._asked = found, None, monotonic()
        return found


async def _ask(url: str) -> Mapping[str, Any]:
    """A small JSON document. Raises TryLater."""
    try:
        async with httpx.AsyncClient(timeout=ASK_S, trust_env=False) as client:
            answer = await client.get(url)
            answer.raise_for_status()
            found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        _log.warning("the OpenID provider does not answer", extra={"error": type(error).__name__})
        raise TryLater("the OpenID provider is away") from None
    if not isinstance(found, dict):
        raise TryLater("the OpenID provider's answer is no object")
    return found


def _errors() -> type[Exception]:
    from authlib.common.errors import AuthlibBaseError

    found: type[Exception] = AuthlibBaseError
    return found


def _kid(token: str) -> object:
    return jws.extract_compact(token.encode()).headers().get("kid")


def _is_safe(url: object) -> bool:
    parts = urlsplit(url) if isinstance(url, str) else None
    return parts is not None and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    )
