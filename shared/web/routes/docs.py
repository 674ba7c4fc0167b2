"""/docs: Swagger UI from files in this repository; the page asks no other host for anything."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response

STATIC = Path(__file__).parents[1] / "static"
# only these are served: no path from a request reaches the file system
FILES: dict[str, str] = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "start.js": "text/javascript",
    "favicon.png": "image/png",
}
# nothing inline, nothing from elsewhere: a test reads the page in a browser and finds no complaint
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Swagger UI's icons
        "connect-src 'self'",  # "Try it out" asks this service and no other
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Playcaller: {service}</title>
<link rel="icon" href="/docs/favicon.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""


def mount(app: FastAPI, service: str) -> None:
    """Add /docs and its files to an application."""
    page = PAGE.format(service=service)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        """The API to read and to try."""
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})

    def serve(name: str, media: str) -> None:
        @app.get(f"/docs/{name}", include_in_schema=False)
        async def file() -> Response:
            return FileResponse(STATIC / name, media_type=media)

    for name, media in FILES.items():
        serve(name, media)
