"""The five-minute tokens: console signs them, every service verifies them with the public key.

JWS with ES256 and `typ: at+jwt` (RFC 7515, RFC 9068). Whatever a header says about keys besides
`kid` (`jku`, `x5u`, `jwk`) is not looked at; `kid` only chooses among the keys we have.
A person who has given a second factor has `amr: ["mfa"]` and the moment as `auth_time` (RFC 8176,
RFC 9470); one without the other is no token of ours.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from shared.web.who import ROLES, Kind, Who

ISSUER = "playcaller-console"
AUDIENCE = "playcaller"
ALGORITHM = "ES256"
TYPE = "at+jwt"
LIFETIME = timedelta(minutes=5)
LEEWAY_S = 30  # clocks of machines beside each other; the token's life is 300 s
MOST_BYTES = 4_096
KINDS: tuple[Kind, ...] = ("person", "key", "service")
SECOND_FACTOR = ["mfa"]

_CLAIMS: Mapping[str, Any] = {
    "iss": {"essential": True, "value": ISSUER},
    "aud": {"essential": True, "value": AUDIENCE},
    "sub": {"essential": True},
    "exp": {"essential": True},
    "nbf": {"essential": True},
    "iat": {"essential": True},
    "jti": {"essential": True},
}


class Forged(Exception):
    """No token of ours, or one that has expired; the text says which, for the log."""


def new_key(kid: str) -> ECKey:
    """A new key pair on P-256."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": ALGORITHM})


def public_set(*keys: ECKey) -> str:
    """The JWKS document of keys, without their private parts."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}, indent=2)


def read_keys(document: str) -> KeySet:
    """The public keys of a JWKS document. Raises ValueError: it is none, or holds no key."""
    try:
        keys = KeySet.import_key_set(json.loads(document))
    except (JoseError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(type(error).__name__) from None
    if not keys.keys or any(key.key_type != "EC" for key in keys.keys):
        raise ValueError("no keys, or of another type")
    return keys


def sign(key: ECKey, who: Who, now: datetime, token_id: str) -> str:
    """A token that says who somebody is, for the next five minutes."""
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": who.subject,
        "kind": who.kind,
        "roles": sorted(who.roles),
        "org": who.organisation,
        "scopes": None if who.scopes is None else sorted(who.scopes),
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "jti": token_id,
    }
    if who.second_factor_at is not None:
        claims |= {"amr": SECOND_FACTOR, "auth_time": int(who.second_factor_at.timestamp())}
    return jwt.encode({"alg": ALGORITHM, "typ": TYPE, "kid": key.kid}, claims, key)


def read(token: str, keys: KeySet, now: datetime) -> tuple[Who, datetime]:
    """Who the token says is asking, and until when.

    Raises: Forged: signature, algorithm, type, issuer, audience, times or claims are not right.
    """
    if len(token) > MOST_BYTES:
        raise Forged("too long")
    moment = int(now.timestamp())
    try:
        payload = jwt.decode(token, keys, algorithms=[ALGORITHM])
        jwt.JWTClaimsRegistry(now=moment, leeway=LEEWAY_S, **_CLAIMS).validate(payload.claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Forged(type(error).__name__) from None
    if payload.header.get("typ") != TYPE:
        raise Forged("another type of token")
    if not isinstance(payload.header.get("kid"), str):
        raise Forged("no kid")
    claims = payload.claims
    who = replace(_who(claims), second_factor_at=_second_factor_at(claims))
    if claims["exp"] - claims["iat"] > LIFETIME.total_seconds():
        raise Forged("lives too long")
    return who, datetime.fromtimestamp(claims["exp"], tz=now.tzinfo)


def _who(claims: Mapping[str, Any]) -> Who:
    """The claims as we know them; a word that we do not know makes the token worthless."""
    subject, kind, roles = claims["sub"], claims.get("kind"), claims.get("roles")
    organisation, scopes = claims.get("org"), claims.get("scopes")
    if not isinstance(subject, str) or not subject or not isinstance(claims["jti"], str):
        raise Forged("sub or jti is no text")
    if kind not in KINDS or not _words(roles) or not set(roles) <= set(ROLES):
        raise Forged("kind or roles unknown")
    if organisation is not None and not isinstance(organisation, str):
        raise Forged("org is no text")
    if ("partner" in roles) != (organisation is not None):
        raise Forged("a partner without an organisation, or the other way round")
    if scopes is not None and not _words(scopes):
        raise Forged("scopes are no words")
    confined = None if scopes is None else frozenset(scopes)
    return Who(subject, kind, frozenset(roles), organisation, confined, claims["jti"])


def _second_factor_at(claims: Mapping[str, Any]) -> datetime | None:
    """When the second factor was given: never after the token was made."""
    methods, at = claims.get("amr"), claims.get("auth_time")
    if methods is None and at is None:
        return None
    if methods != SECOND_FACTOR or type(at) is not int or not 0 < at <= claims["iat"]:
        raise Forged("amr and auth_time do not say when a second factor was given")
    return datetime.fromtimestamp(at, tz=UTC)


def _words(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
