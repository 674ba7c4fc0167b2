"""The one way to an address that somebody typed in: public hosts over HTTPS, and no other.

A URL from outside could name what only we can reach: our own services, the cloud's metadata, a
printer. So its host is resolved once, every address it has must be public, and the connection goes to
the address that was looked at: a name that changes in between (DNS rebinding) changes nothing.
Redirects are not followed. A house test holds that nothing else builds an HTTP client.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

import httpx

from shared.errors import PlaycallerError, TryLater

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host; OSError when it has none."""

PORTS: Final = frozenset({443, 8443})
WITHIN_S: Final = 10.0  # name, connection, request and answer together
ANSWER_BYTES: Final = 64 * 1024
_HOST: Final = re.compile(r"[A-Za-z0-9._:-]+")
# other ways to write an IPv4 address: what stands behind them depends on somebody's router
ODD: Final = tuple(
    map(ip_network, ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10"))
)  # fmt: skip


class AddressRefused(PlaycallerError):
    """We do not go there; the text says why, without what a name resolved to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, up to ANSWER_BYTES."""

    status: int
    content: bytes


def is_public(address: Address) -> bool:
    """Whether an address belongs to somebody on the Internet, as far as can be said.

    >>> is_public(ip_address("93.184.215.14")), is_public(ip_address("169.254.169.254"))
    (True, False)
    >>> is_public(ip_address("::ffff:10.0.0.1")), is_public(ip_address("100.64.0.1"))
    (False, False)
    """
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    odd = any(address in network for network in ODD if network.version == address.version)
    return address.is_global and not special and not odd


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system knows them."""
    addresses = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(resolved_address[4][0]) for resolved_address in addresses]


class Outgoing:
    """Sends requests to URLs that somebody typed in."""

    def __init__(
        self,
        resolve: Resolve = resolved,
        permits: Callable[[Address], bool] = is_public,
        trust: ssl.SSLContext | None = None,
        ports: frozenset[int] = PORTS,
    ) -> None:
        self._resolve = resolve
        self._permits = permits
        self._trust = trust or ssl.create_default_context()
        self._ports = ports

    async def send(
        self,
        method: str,
        url: str,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; a redirect is an answer like any other.

        Raises: AddressRefused: it is no public HTTPS address. TryLater: nobody answers there.
        """
        try:
            async with asyncio.timeout(WITHIN_S):
                target, host = await self._looked_at(url)
                return await self._sent(method, target, host, content, headers or {})
        except (httpx.HTTPError, TimeoutError) as error:
            raise TryLater(f"the address does not answer ({type(error).__name__})") from None

    async def check(self, url: str) -> None:
        """Refuse a URL where it is typed in. It is looked at again whenever it is used.

        Raises: AddressRefused; TryLater: its name cannot be resolved now.
        """
        async with asyncio.timeout(WITHIN_S):
            await self._looked_at(url)

    async def _looked_at(self, url: str) -> tuple[httpx.URL, str]:
        """The URL with an address in place of its host, and the host."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, TypeError, ValueError):
            raise AddressRefused("This is no URL") from None
        port = parsed.port or 443
        plain = _HOST.fullmatch(parsed.raw_host.decode("ascii", "replace"))
        if parsed.scheme != "https" or not plain or parsed.userinfo:
            raise AddressRefused("It must be https://HOST/..., without user and password")
        if port not in self._ports:
            raise AddressRefused(f"Its port must be one of {sorted(self._ports)}")
        try:
            ips = [ip_address(text) for text in await self._resolve(parsed.host, port)]
        except (OSError, UnicodeError):
            raise TryLater("the host has no address now") from None
        if not ips or not all(self._permits(ip) for ip in ips):
            raise AddressRefused("Its host is not on the public Internet")
        return parsed.copy_with(host=str(ips[0])), parsed.host

    async def _sent(
        self, method: str, url: httpx.URL, host: str, content: bytes, headers: Mapping[str, str]
    ) -> Answer:
        named = {**headers, "Host": host if url.port is None else f"{host}:{url.port}"}
        async with httpx.AsyncClient(
            verify=self._trust, trust_env=False, follow_redirects=False, timeout=WITHIN_S
        ) as http:
            # the certificate must be the host's, though we connect to an address
            request = http.build_request(
                method, url, content=content, headers=named, extensions={"sni_hostname": host}
            )
            answer = await http.send(request, stream=True)
            try:
                return Answer(answer.status_code, await _beginning(answer))
            finally:
                await answer.aclose()


async def _beginning(answer: httpx.Response) -> bytes:
    """The first ANSWER_BYTES as they came: nothing is unpacked."""
    kept = b""
    async for piece in answer.aiter_raw():
        kept += piece
        if len(kept) >= ANSWER_BYTES:
            break
    return kept[:ANSWER_BYTES]
