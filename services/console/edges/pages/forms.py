"""What a page's form sends: read once, and only from our own pages of this very session."""

from collections.abc import Mapping
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from services.console.domain.pages import multipart
from services.console.domain.sealed.digest import csrf_token, same
from services.console.edges.identify import CSRF_HEADER, SAFE, SignedIn, check_origin
from shared import metrics
from shared.web.guards.limits import PAGES_OF_FILES
from shared.web.media import media_type
from shared.web.problems import Problem, expected

MEDIA = "application/x-www-form-urlencoded"
WITH_FILE = "multipart/form-data"
CSRF = "csrf"  # the hidden field
FILE = "file"
FIELDS = 1_000

T = TypeVar("T", bound=BaseModel)


async def guarded(request: Request) -> None:
    """The dependency of all pages' routes: a change comes from our own page, with its token.

    Raises: Problem 403, 415, 422.
    """
    if request.method in SAFE:
        return
    check_origin(request, request.app.state.context.rules.url)
    form: Mapping[str, str]
    if media_type(request.headers)[0] == WITH_FILE:
        form = await _with_file(request)
    else:
        form = await taken(request)
    request.state.form = form
    signed_in: SignedIn | None = getattr(request.state, "signed_in", None)
    if signed_in is None:
        return
    given = form.get(CSRF) or request.headers.get(CSRF_HEADER, "")
    if not same(given, csrf_token(signed_in.secret)):
        metrics.REFUSED.labels("csrf").inc()
        raise Problem(403, "csrf", "The page's token is missing or not right", "Load it again.")


async def taken(request: Request) -> Mapping[str, str]:
    """The fields; of one that comes twice the last counts."""
    kind, _ = media_type(request.headers)
    body = await request.body()
    if body and kind != MEDIA:
        raise Problem(415, "not_a_form", "This takes a form", f"Content-Type: {MEDIA}")
    try:
        return dict(
            parse_qsl(
                body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS
            )
        )
    except ValueError:  # UnicodeDecodeError is one
        raise Problem(422, "not_a_form", "The form cannot be read", "UTF-8, escaped") from None


async def _with_file(request: Request) -> Mapping[str, str]:
    """The fields; the file itself is put aside. Raises: Problem 415, 422."""
    if not request.url.path.startswith(PAGES_OF_FILES):
        raise Problem(415, "not_a_form", "This takes a form", f"Content-Type: {MEDIA}")
    body, said = await request.body(), request.headers.get("content-type", "")
    try:
        held = dict(multipart.parts(body, said))
        request.state.file = held.pop(FILE, b"")
        return {name: content.decode("utf-8") for name, content in held.items()}
    except ValueError:  # UnicodeDecodeError is one
        raise Problem(422, "not_a_form", "The form cannot be read", "Send it again.") from None


async def _file(request: Request) -> bytes:
    sent: bytes = getattr(request.state, "file", b"")
    return sent


SentFile = Annotated[bytes, Depends(_file)]
"""A route's argument: the file of the form that was sent; empty: none was."""


async def _form(request: Request) -> Mapping[str, str]:
    typed: Mapping[str, str] = request.state.form
    return typed


Form = Annotated[Mapping[str, str], Depends(_form)]
"""A route's argument: the fields of the form that was sent."""


def read(kind: type[T], form: Mapping[str, object]) -> tuple[T | None, Mapping[str, str]]:
    """The form as a model that the HTTP interface takes too; empty fields are left out.

    Returns: the model or None, and what was expected of the fields that are not right.
    """
    given = {name: form[name] for name in kind.model_fields if form.get(name)}
    try:
        return kind.model_validate(given), {}
    except ValidationError as error:
        return None, {str(failure["loc"][0]): expected(failure) for failure in error.errors()}
