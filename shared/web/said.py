"""What logs and metrics may say of a request: nothing that who sends it could choose.

A path is a stranger's text and may be somebody's telephone number; a word in place of a method would
be a series of its own for ever.
"""

from typing import Final

from starlette.types import Scope

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"
NOWHERE: Final = "(none)"


def method(scope: Scope) -> str:
    """The method, if it is one that anything here takes.

    >>> method({"method": "GET"}), method({"method": "M0001"})
    ('GET', 'other')
    """
    asked = str(scope["method"])
    return asked if asked in METHODS else OTHER


def route(scope: Scope) -> str:
    """The template of the route that was found, e.g. `/v1/customers/{id}`; never the path."""
    return str(getattr(scope.get("route"), "path", NOWHERE))
