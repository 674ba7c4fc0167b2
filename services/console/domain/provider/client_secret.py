"""How console proves to the OpenID provider that it is the client that was registered there."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote_plus

from services.console.errors import ProviderRefused

Method = Literal["client_secret_basic", "client_secret_post"]
METHODS: tuple[Method, ...] = ("client_secret_basic", "client_secret_post")  # in this order


def method(discovered: Mapping[str, Any]) -> Method:
    """What the provider takes; where it does not say, Basic (OpenID Connect Discovery 1.0 section 3).

    Raises: ProviderRefused: it takes only what we do not have.
    """
    methods = discovered.get("token_endpoint_auth_methods_supported")
    if methods is None:
        return METHODS[0]
    words = [methods] if isinstance(methods, str) else methods if isinstance(methods, list) else []
    for way in METHODS:
        if way in words:
            return way
    raise ProviderRefused(
        "token_endpoint_auth_methods_supported names neither client_secret_basic nor "
        "client_secret_post",
        "The OpenID provider takes neither client_secret_basic nor client_secret_post.",
    )


def basic(client_id: str, secret: str) -> str:
    """The Authorization header: both parts form-encoded first (RFC 6749 section 2.3.1).

    >>> basic("a:b", "pa:ss+w%rd")
    'Basic YSUzQWI6cGElM0FzcyUyQnclMjVyZA=='
    """
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {b64encode(pair.encode()).decode()}"
