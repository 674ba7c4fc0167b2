"""`/static`: the files that pages load, under names that hold their hash, compressed once, kept for a year."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

FOLDER = Path(__file__).with_name("static")
MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
router = APIRouter(include_in_schema=False)
FOR_EVER = "public, max-age=31536000, immutable"  # another content has another name


@dataclass(frozen=True)
class File:
    """One file as it is sent."""

    path: Path
    content: bytes

    @property
    def name(self) -> str:
        """`console.3f1c2ab37d40.css`."""
        digest = hashlib.sha256(self.content).hexdigest()[:12]
        return f"{self.path.stem}.{digest}{self.path.suffix}"

    @cached_property
    def packed(self) -> bytes:
        """The same, compressed: the first who asks waits for it."""
        return gzip.compress(self.content, mtime=0)


class Statics:
    """All of them; only these are served: no path from a request reaches the file system."""

    def __init__(self, folder: Path = FOLDER) -> None:
        paths = [path for path in sorted(folder.rglob("*")) if path.suffix in MEDIA]
        files = [File(path, path.read_bytes()) for path in paths]
        self._names = {file.path.name: file.name for file in files}
        self.files = {file.name: file for file in files}

    def address(self, name: str) -> str:
        """Where the browser finds a file. Raises KeyError: there is none."""
        return f"/static/{self._names[name]}"


@router.get("/static/{name}")
async def read_file(request: Request, name: str) -> Response:
    """One file."""
    files: Statics = request.app.state.files
    file = files.files.get(name)
    if file is None:
        raise HTTPException(404)
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    packs = "gzip" in request.headers.get("accept-encoding", "")
    if packs:
        headers["Content-Encoding"] = "gzip"
    content = file.packed if packs else file.content
    return Response(content, media_type=MEDIA[file.path.suffix], headers=headers)
