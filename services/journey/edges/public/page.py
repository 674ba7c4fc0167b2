"""How our public pages look: one sentence and one form, readable without anything else."""

import base64
import hashlib
from html import escape
from typing import Any

from fastapi.responses import HTMLResponse

_STYLE = """
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1c2530; --quiet: #566373;
  --line: #c3cad4; --accent: #24608f; --on: #fff; --soft: #e7f0f8; --bad: #b02a2a; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #191f27; --text: #e3e8ee;
  --quiet: #9fabb9; --line: #414c5b; --accent: #7db6e0; --on: #0c141b; --soft: #1c2f40; --bad: #f08b86; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, -apple-system,
  "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
main { max-width: 40rem; margin: 0 auto; padding: 24px 20px 48px; background: var(--card); min-height: 100vh; }
h1 { font-size: 22px; line-height: 1.3; margin: 0 0 12px; }
h2, summary { font-size: 16px; font-weight: 600; margin: 20px 0 8px; }
summary { cursor: pointer; }
p { margin: 0 0 12px; }
.quiet { color: var(--quiet); font-size: 14px; }
.notice { border-left: 4px solid var(--bad); padding-left: 10px; }
.when { font-size: 18px; font-weight: 600; }
.times { display: flex; flex-wrap: wrap; gap: 8px; }
a { color: var(--accent); }
button { font: inherit; min-height: 44px; padding: 8px 14px; border-radius: 6px; cursor: pointer;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on); }
.times button, button.less { background: var(--card); color: var(--text); border-color: var(--line); }
.times button:hover, button.less:hover { background: var(--soft); }
textarea { font: inherit; width: 100%; max-width: 100%; background: var(--card); color: var(--text);
  border: 1px solid var(--line); border-radius: 6px; padding: 8px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# the page's own style and nothing else: no script, no picture, nothing of anybody else's
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<style>{style}</style></head>
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
    html = _PAGE.format(title=escape(title), said=escape(said), form=form, style=_STYLE)
    return HTMLResponse(html, status, _HEADERS)
