"""Every answer is safe to open in a browser, errors and those of the server itself included."""

import asyncio
import os
import re
import shutil
import subprocess

import httpx
import pytest
from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from shared.clock import WallClock
from shared.web.app import create_app
from shared.web.guards.headers import ALWAYS, UNLESS_SET
from shared.web.guards.rights import Right
from shared.web.routes import docs
from tests.served import raw, served
from tests.signed import access, headers

RIGHTS = (
    Right("GET", "/v1/things", {"agent": "all"}),
    Right("GET", "/v1/own", {"agent": "all"}),
    Right("GET", "/v1/bug", {"agent": "all"}),
    Right("POST", "/v1/things", {"agent": "all"}),
    Right("GET", "/v1/inline", None, open=True, why="what the browser must complain about"),
)


def app():
    router = APIRouter()

    @router.get("/v1/things")
    async def things() -> str:
        return "thing"

    @router.post("/v1/things")
    async def make(body: dict[str, int]) -> str:
        return "made"

    @router.get("/v1/own")
    async def own(response: Response) -> str:
        response.headers["Cache-Control"] = "max-age=60"
        response.headers["Content-Security-Policy"] = "default-src 'self'"
        response.headers["X-Frame-Options"] = "ALLOWALL"
        return "mine"

    @router.get("/v1/bug")
    async def bug() -> None:
        raise ZeroDivisionError

    @router.get("/v1/inline", response_class=HTMLResponse)
    async def inline() -> HTMLResponse:
        page = "<!doctype html><p>here<script>document.title = 'run'</script>"
        return HTMLResponse(page, headers={"Content-Security-Policy": docs.POLICY})

    async def ready():
        return {"kafka": "away"}

    return create_app("x", [router], clock=WallClock(), access=access(*RIGHTS), ready=ready)


@pytest.mark.parametrize(
    ("method", "path", "role", "status"),
    [
        pytest.param("GET", "/v1/things", "agent", 200, id="an answer"),
        pytest.param("GET", "/v1/things", None, 401, id="without a token"),
        pytest.param("GET", "/v1/things", "oncall", 403, id="without the right"),
        pytest.param("GET", "/v1/nowhere", "agent", 404, id="no such route"),
        pytest.param("PUT", "/v1/things", "agent", 405, id="no such method"),
        pytest.param("POST", "/v1/things", "agent", 422, id="not as it should be"),
        pytest.param("GET", "/v1/things?" + "x" * 20_000, "agent", 431, id="a long head"),
        pytest.param("GET", "/v1/bug", "agent", 500, id="a bug"),
        pytest.param("GET", "/readyz", None, 503, id="not ready"),
        pytest.param("GET", "/openapi.json", None, 200, id="the document"),
        pytest.param("GET", "/docs", None, 200, id="the page"),
        pytest.param("GET", "/docs/start.js", None, 200, id="its script"),
    ],
)
async def test_every_answer_has_them(method, path, role, status):
    sent = {} if role is None else headers(role)
    transport = httpx.ASGITransport(app())
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        answer = await http.request(method, path, headers=sent)

    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


async def test_what_an_answer_says_of_itself_stands_but_frames_are_nobodys():
    transport = httpx.ASGITransport(app())
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        answer = await http.get("/v1/own", headers=headers("agent"))
    assert answer.headers["cache-control"] == "max-age=60"
    assert answer.headers["content-security-policy"] == "default-src 'self'"
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_browser_is_bound_to_https_only_over_https(scheme):
    transport = httpx.ASGITransport(app())
    async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://x") as http:
        answer = await http.get("/livez")
    assert ("strict-transport-security" in answer.headers) is (scheme == "https")


async def test_the_servers_own_refusals_have_them_too():
    async with served(app()) as port:
        said = (await raw(port, b"NONSENSE\r\n\r\n")).decode()
    assert said.startswith("HTTP/1.1 400 ")
    for name, value in {**ALWAYS, **UNLESS_SET}.items():
        assert f"{name}: {value}\r\n" in said


@pytest.mark.slow
def test_the_page_of_the_documentation_breaks_none_of_its_rules_in_a_browser(tmp_path):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on this machine; CI brings one")

    async def look(path: str) -> tuple[str, str]:
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'browser'}", "--virtual-time-budget=10000", "--dump-dom",
        ]  # fmt: skip
        async with served(app()) as port:
            seen = await asyncio.to_thread(
                subprocess.run,
                [*command, f"http://127.0.0.1:{port}{path}"],
                capture_output=True, text=True, timeout=60, check=True,
                env={**os.environ, "HOME": str(tmp_path)},
            )  # fmt: skip
        return seen.stdout, "\n".join(re.findall(r".*:CONSOLE.*", seen.stderr))

    page, console = asyncio.run(look("/docs"))
    assert 'class="btn authorize' in page, "it was drawn, with its Authorize button"
    assert "/v1/things" in page
    assert console == ""
    _, console = asyncio.run(look("/v1/inline"))
    assert "Content Security Policy" in console, "a page that breaks them is found out"
