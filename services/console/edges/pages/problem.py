"""Problems as people read them: a page in plain words, with what to do and the request's id."""

from http import HTTPStatus
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.edges.pages import kept
from services.console.edges.pages.frame import HEADERS
from services.console.edges.pages.view import View, sign_in_path
from shared.clock import wall_now
from shared.web.problems import Problem

FOR_PROGRAMS = ("/v1/", "/docs", "/openapi.json", "/.well-known/", "/livez", "/readyz", "/metrics")
COMES_S = 10  # a page whose service does not answer is asked for again by the browser
FACTOR = "second_factor_missing"
STEP_UP = frozenset({"step_up_needed", "second_factor_needed"})  # a code of a moment ago


def shown(request: Request, problem: Problem) -> Response | None:
    """The page that tells a problem; None: a program asked, it reads JSON."""
    if f"{request.url.path}/".startswith(FOR_PROGRAMS):
        return None
    view = View(request, wall_now())
    is_page = request.method in {"GET", "HEAD"} and not view.is_fragment
    if problem.status == HTTPStatus.UNAUTHORIZED and is_page:
        return RedirectResponse(sign_in_path(request), 303)
    if problem.kind == FACTOR and is_page:
        return RedirectResponse("/account/second-factor", 303)
    if problem.kind in STEP_UP and not view.is_fragment:
        return RedirectResponse(f"/account/step-up?next={_back(request)}", 303)
    words = view.words
    known = f"problems.{problem.kind}"
    title = words(f"{known}.title") if words.has(f"{known}.title") else problem.title
    detail = words(f"{known}.detail") if words.has(f"{known}.detail") else problem.detail
    template = "_problem.html" if view.is_fragment else "problem.html"
    comes = is_page and problem.status == HTTPStatus.SERVICE_UNAVAILABLE
    html = view.html(template, problem=problem, title=title, detail=detail or "", comes=comes)
    if kept.is_for(request, problem) and not view.is_fragment:
        return kept.Kept(view, problem, kept.Said(title, detail or ""), html)
    again = {"Refresh": str(COMES_S)} if comes else {}
    return HTMLResponse(html, problem.status, headers={**HEADERS, **problem.headers, **again})


def _back(request: Request) -> str:
    """The page from which a form came that wants a code first, else the page itself."""
    came = urlsplit(request.headers.get("referer", ""))
    path = came.path if came.netloc == request.url.netloc and came.path else request.url.path
    return quote(path, safe="/")
