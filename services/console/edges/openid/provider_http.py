"""What the OpenID provider answers, read up to a size and within a time."""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

import httpx

from services.console.errors import ProviderRefused
from shared import log
from shared.errors import TryLater

ASK_S = 10.0  # name, connection, request and answer together
MOST_BYTES = 512 * 1024  # a set of keys with certificates has some 20 KiB
_WORD = re.compile(r"[a-z_]{1,40}", re.ASCII)

_log = log.get("console.provider")


async def ask(url: str) -> Mapping[str, Any]:
    """A JSON object: discovery, keys. Raises TryLater."""
    status, answered = await _answer("GET", url)
    if status != httpx.codes.OK or answered is None:
        _log.warning("the OpenID provider does not answer", extra={"status": status})
        raise TryLater("the OpenID provider's answer is not as it should be")
    return answered


async def ask_token(
    url: str, form: Mapping[str, str], headers: Mapping[str, str]
) -> Mapping[str, Any]:
    """What it gives for a code. Raises ProviderRefused: nothing. TryLater."""
    status, answered = await _answer("POST", url, form, headers)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        _log.warning("the OpenID provider does not answer", extra={"status": status})
        raise TryLater("the OpenID provider is away")
    if status != httpx.codes.OK or answered is None:
        word = str((answered or {}).get("error"))
        said = word if _WORD.fullmatch(word) else "no word of RFC 6749"
        raise ProviderRefused(f"the code was not taken ({status}, {said})")
    return answered


async def _answer(
    method: str,
    url: str,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Mapping[str, Any] | None]:
    """Status and JSON object; None: something else, or too large. Raises TryLater."""
    asked = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
    try:
        async with (
            asyncio.timeout(ASK_S),
            httpx.AsyncClient(timeout=ASK_S, trust_env=False) as client,
            client.stream(method, url, data=form, headers=asked) as answer,
        ):
            return answer.status_code, _object(await _read(answer))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        _log.warning("the OpenID provider does not answer", extra={"error": type(error).__name__})
        raise TryLater("the OpenID provider is away") from None


async def _read(answer: httpx.Response) -> bytes:
    """The body as it came: nothing is unpacked. Empty when it is too large."""
    kept = bytearray()
    async for piece in answer.aiter_raw():
        kept += piece
        if len(kept) > MOST_BYTES:
            _log.warning("the OpenID provider's answer is too large", extra={"most": MOST_BYTES})
            return b""
    return bytes(kept)


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        decoded = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None
