"""A small OpenID provider for tests: real HTTP on loopback, signs whatever a test wants."""

import asyncio
import contextlib
import hashlib
import json
import re
import time
from base64 import b64decode, urlsafe_b64encode
from urllib.parse import parse_qs, unquote_plus, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

CLIENT = "playcaller-console"
SECRET = "pa:ss+w%rd & ünder=two"


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


class Provider:
    """Discovery, keys and tokens; `forge` replaces what it would have signed."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
        self.forge = None
        self.claims = {"sub": "7", "email": "ann@example.org", "email_verified": True}
        self.attempts = {}
        self.asked = []
        self.published = None
        self.discovery = {}
        self.methods = {"client_secret_basic"}
        self.raw = {}

    async def start(self) -> "Provider":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.issuer = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    def authorize(self, url: str) -> dict[str, str]:
        """What the provider's page does once somebody has signed in there: a code."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"code-{len(self.attempts)}"
        self.attempts[code] = query
        return {"code": code, "state": query["state"]}

    def good_claims(self, nonce: str) -> dict:
        now = int(time.time())
        return {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce,
            **self.claims,
        }  # fmt: skip

    def sign(self, claims: dict, header=None, key=None) -> str:
        return jws.serialize_compact(
            {"alg": "RS256", "kid": "k1", **(header or {})},
            json.dumps(claims).encode(),
            key or self.key,
            algorithms=["RS256", "HS256", "ES256"],
        )

    def _is_client(self, form: dict[str, str], basic: str | None) -> bool:
        """By RFC 6749 section 2.3.1, to the letter: exactly one way, one that is permitted."""
        ways = set()
        if basic is not None:
            pair = b64decode(basic.removeprefix("Basic ")).decode()
            client, _, secret = pair.partition(":")
            if (unquote_plus(client), unquote_plus(secret)) == (CLIENT, SECRET):
                ways.add("client_secret_basic")
        if (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET):
            ways.add("client_secret_post")
        return len(ways) == 1 and ways <= self.methods

    def _token(self, form: dict[str, str], basic: str | None) -> tuple[int, dict]:
        if not self._is_client(form, basic):
            return 401, {"error": "invalid_client"}
        attempt = self.attempts.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        challenge = b64(hashlib.sha256(verifier.encode()).digest())
        if attempt is None or challenge != attempt["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        claims = self.good_claims(attempt["nonce"])
        token = self.forge(self, claims) if self.forge else self.sign(claims)
        answer = {"access_token": "a", "token_type": "Bearer"}
        return 200, answer if token is None else {**answer, "id_token": token}

    def _answer(self, path: str, body: str, basic: str | None) -> tuple[int, dict]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.discovery,
            }
        if path == "/keys":
            return 200, self.published or {"keys": [self.key.as_dict(private=False)]}
        form = {name: values[0] for name, values in parse_qs(body).items()}
        return self._token(form, basic)

    async def _serve(self, reader, writer) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                (
                    int(line.split(":")[1])
                    for line in head.split("\r\n")
                    if line.lower().startswith("content-length:")
                ),
                0,
            )
            body = (await reader.readexactly(length)).decode()
            path = head.split(" ")[1]
            self.asked.append(path)
            basic = re.search(r"^authorization: (.*?)\r?$", head, re.IGNORECASE | re.MULTILINE)
            status, content = self._answer(path, body, basic and basic[1])
            text = self.raw.get(path) or json.dumps(content).encode()
            writer.write(
                f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n".encode()
                + text
            )
            await writer.drain()
        writer.close()


def other_rsa() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "k1"})


def curve_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "k1"})
