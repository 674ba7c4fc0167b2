"""HTTP goes out in known places only: what a user types in passes the guard of shared/web/client/outgoing.py."""

import ast
import re

from tests.house.test_house import name, sources

PLACES = {
    "shared/web/client/outgoing.py": "the guard itself",
    "shared/web/client/sender.py": "our own services; their addresses are settings",
    "services/console/edges/openid/provider_http.py": "the OpenID issuer; an operator's setting",
}
MAKERS = {
    "ClientSession",
    "AsyncClient",
    "AsyncOAuth2Client",
    "OAuth2Client",
    "urlopen",
    "httpx.Client",
}
VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "request", "stream"}
CALLS = {*MAKERS, "httpx.AsyncClient", *(f"httpx.{verb}" for verb in VERBS)}
SIGNS = re.compile(r"httpx|OAuth2Client|AsyncClient|urllib|requests|aiohttp|http\.client|httpcore")
OTHERS = {"requests", "aiohttp", "urllib3", "urllib.request", "http.client", "httpcore"}


def dotted(called: ast.expr) -> str:
    """`httpx.get` of `httpx.get(url)`; empty for what has no such name."""
    match called:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            return f"{module}.{name}"
    return ""


def goes_out(tree: ast.Module) -> bool:
    """Whether a module builds an HTTP client, sends without one, or imports another library."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and {each.name for each in node.names} & OTHERS:
            return True
        if isinstance(node, ast.ImportFrom) and node.module in OTHERS:
            return True
        if isinstance(node, ast.Call) and dotted(node.func) in CALLS:
            return True
    return False


def test_http_goes_out_in_these_places_only():
    found = {
        name(path)
        for path in sources("services", "shared")
        if SIGNS.search(text := path.read_text("utf-8")) and goes_out(ast.parse(text))
    }
    assert found == set(PLACES)


def test_the_rule_sees_what_it_is_there_for():
    for code in (
        "import httpx\nhttpx.get(url)",
        "import httpx\nasync def f():\n  async with httpx.AsyncClient() as http: pass",
        "from httpx import AsyncClient\nAsyncClient()",
        "import requests",
        "import urllib.request",
        "from http.client import HTTPSConnection",
        "from urllib.request import urlopen",
        "from aiohttp import ClientSession\nClientSession()",
    ):
        assert SIGNS.search(code), code
        assert goes_out(ast.parse(code)), code
    assert not goes_out(ast.parse("import httpx\nhttpx.URL(url).host"))
