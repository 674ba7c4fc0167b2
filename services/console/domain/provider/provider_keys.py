"""Keys of the OpenID provider: those we can use, whatever else its set holds (RFC 7517 section 5).

Of a key only what makes it a key is read: a set is written for many clients, and what is strange, new or
spoilt in it is somebody else's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import ECKey, RSAKey

ALGORITHMS = ("RS256", "PS256", "ES256")
CURVE = "P-256"
SHORTEST_BITS = 2_048  # RFC 7518 section 3.3
LONGEST_BITS = 8_192  # what a longer one costs at every sign-in
LONGEST_E = 8  # letters of base64: more bits of the exponent would cost as much again


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """One public key.

    Attributes:
        algorithm: the only one it is for; None: all that fit its type.
    """

    kid: str | None
    algorithm: str | None
    key: RSAKey | ECKey

    def fits(self, algorithm: object) -> bool:
        """Whether a token signed by this algorithm may be of this key."""
        wanted = "EC" if algorithm == "ES256" else "RSA"
        return self.key.key_type == wanted and self.algorithm in {None, algorithm}


def usable(document: Mapping[str, Any]) -> tuple[ProviderKey, ...]:
    """The keys of a JWKS document that a token may be signed with; the others are ignored."""
    listed = document.get("keys")
    candidates = [_usable(jwk) for jwk in listed] if isinstance(listed, list) else []
    return tuple(usable_key for usable_key in candidates if usable_key is not None)


def candidates(keys: Sequence[ProviderKey], header: Mapping[str, Any]) -> list[ProviderKey]:
    """Which of the keys a token may be of; several, where a set gives one name to many.

    A token without `kid` may be of any key that fits its algorithm.
    """
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        return []
    return [
        candidate
        for candidate in keys
        if candidate.fits(algorithm) and kid in {None, candidate.kid}
    ]


def _usable(jwk: object) -> ProviderKey | None:
    if not isinstance(jwk, dict) or jwk.get("use") not in (None, "sig"):
        return None
    kid, algorithm = jwk.get("kid"), jwk.get("alg")
    if algorithm not in (None, *ALGORITHMS) or not isinstance(kid, str | None):
        return None
    try:
        key = _imported(jwk)
    except Exception:  # noqa: BLE001 - a foreign key may make the library say anything
        return None
    return None if key is None else ProviderKey(kid, algorithm, key)


def _imported(jwk: Mapping[str, Any]) -> RSAKey | ECKey | None:
    if jwk.get("kty") == "EC" and jwk.get("crv") == CURVE:
        return ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y")})
    if (
        jwk.get("kty") != "RSA"
        or len(jwk["n"]) > LONGEST_BITS // 6 + 8
        or len(jwk["e"]) > LONGEST_E
    ):
        return None
    key = RSAKey.import_key({name: jwk[name] for name in ("kty", "n", "e")})
    return key if SHORTEST_BITS <= key.public_key.key_size <= LONGEST_BITS else None
