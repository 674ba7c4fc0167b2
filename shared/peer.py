"""Addresses of our other services, as settings name them."""

from urllib.parse import urlsplit

from shared.unsafe import is_loopback


def peer_url(url: str) -> str:
    """The address without a slash at its end; empty: none.

    Raises: ValueError: it is no http(s)://HOST:PORT.
    """
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError("it must be http(s)://HOST:PORT")
    return url.rstrip("/")


def is_plain(url: str) -> bool:
    """Whether others than this machine could listen.

    >>> is_plain("http://127.0.0.1:8081"), is_plain("http://ingest:8081"), is_plain("https://x")
    (False, True, False)
    """
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")
