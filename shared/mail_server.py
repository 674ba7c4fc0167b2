"""The address of the mail server, as settings name it."""

from urllib.parse import urlsplit

from shared.unsafe import is_loopback


def mail_server(url: str) -> str:
    """The address as it is, if mails may be handed over there.

    >>> mail_server("smtp://user:password@127.0.0.1:2525")
    'smtp://user:password@127.0.0.1:2525'

    Raises: ValueError: it is no mail server, or a password would travel in clear.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("it must begin with smtp:// or smtps:// and name a host")
    if parts.password and parts.scheme == "smtp" and not is_loopback(parts.hostname):
        raise ValueError("a password needs smtps://")
    return url
