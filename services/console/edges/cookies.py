"""The cookies: `__Host-` binds them to this very host, over HTTPS, for every path."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

SESSION = "__Host-playcaller"
HALF = "__Host-playcaller-half"  # signed in with the password, not yet with the second factor
PROVIDER = "__Host-playcaller-provider"  # the browser that was sent to the OpenID provider

DEVICE = "__Host-playcaller-known"  # a browser in which somebody has signed in before

# no secrets: how this browser's person wants to see the pages; scripts read and write them
THEME = "playcaller-theme"
ZONE = "playcaller-zone"


def put(response: Response, name: str, secret: str, seconds: int | None = None) -> None:
    """Give the browser a secret; without `seconds` it forgets it when it is closed."""
    response.set_cookie(
        name, secret, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax"
    )


def drop(response: Response, name: str) -> None:
    """Let the browser forget it."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


def read(request: HTTPConnection, name: str) -> str:
    """The secret the browser sends; empty when it sends none."""
    value = request.cookies.get(name, "")
    return value if len(value) <= 64 else ""
