"""How our public pages look: one sentence and one form, readable without anything else."""

from html import escape
from typing import Any

from fastapi.responses import HTMLResponse

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"></head>
<body><main><h1>{title}</h1><p>{said}</p>{form}</main></body></html>
"""
_HTML: dict[str, Any] = {"text/html": {"schema": {"type": "string"}}}


def gone(title: str) -> dict[int | str, dict[str, Any]]:
    """What the interface says of a link that is good for nothing."""
    return {404: {"description": title, "content": _HTML}}


def page(status: int, title: str, said: str, form: str = "") -> HTMLResponse:
    """One page.

    Args:
        title, said: texts; form: HTML.
    """
    html = _PAGE.format(title=escape(title), said=escape(said), form=form)
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})
