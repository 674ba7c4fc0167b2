"""Errors as RFC 9457 problems: what went wrong in words, without our insides or your values."""

import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shared import log
from shared.db import trouble
from shared.errors import ChangedSince, Exists, NotFound, PlaycallerError, Refusal, TryLater
from shared.web import said

MEDIA = "application/problem+json"
URN = "urn:playcaller:problem:"
# NUL and untranslatable characters, numbers and times out of range, what the driver cannot encode
NOT_STORABLE = frozenset({"22000", "22003", "22008", "22021", "22P05"})
ERRORS = 20  # of a request are told; who has more has read enough
NAME = 200  # characters of a field's name: it may be the client's own

_log = log.get("web")


class Problem(PlaycallerError):
    """An answer that is not the one asked for; raise it from a route.

    Attributes:
        kind: a word for programs, e.g. `already_claimed`.
        facts: further members of the problem object.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(title if detail is None else f"{title}: {detail}")
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.facts = facts


class FieldProblem(BaseModel):
    """One field of a request that is not as it should be; its value is never repeated."""

    field: str = Field(description="Where, e.g. `body.profile.email` or `query.limit`.")
    given: str = Field(description="The kind of value that came.")
    expected: str = Field(description="What is expected.")


class ProblemBody(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=[URN + "not_found"])
    title: str
    status: int
    detail: str | None = None
    instance: str | None = Field(None, description="The path that was asked for.")
    errors: list[FieldProblem] | None = None


RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem (RFC 9457).",
        "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
    }
}


def answer(request: Request, problem: Problem) -> Response:
    """The response that tells a problem: JSON, or what the service makes of it for people.

    A service with pages has `show_problem` in its state: a response, or None for programs.
    """
    state = getattr(request.scope.get("app"), "state", None)
    show = getattr(state, "show_problem", None)
    shown: Response | None = None if show is None else show(request, problem)
    if shown is not None:
        return shown
    body: dict[str, Any] = {
        "type": URN + problem.kind,
        "title": problem.title,
        "status": problem.status,
        "instance": request.scope["path"],
        **problem.facts,
    }
    if problem.detail is not None:
        body["detail"] = problem.detail
    return JSONResponse(body, problem.status, headers=problem.headers, media_type=MEDIA)


def unexpected(request: Request) -> Response:
    """What a client learns of an error we did not foresee: nothing of our insides."""
    return answer(
        request,
        Problem(500, "internal", "Something went wrong here", "It is in the service's log."),
    )


def register(app: FastAPI, errors: Mapping[type[Exception], int]) -> None:
    """Answer problems, framework errors, absent servers and the domain errors in `errors`.

    Args:
        errors: HTTP status of each domain error beside the generic refusals; its message becomes
            the detail, its class name the kind.
    """
    for kind, handler in _HANDLERS:
        app.add_exception_handler(kind, handler)
    for error, status in errors.items():
        app.add_exception_handler(error, _Mapped(status))


_WORDS = {
    413: "content_too_large",
    415: "not_utf8",
    422: "too_many_members",
}  # stable, whatever Python's phrase is


class _Mapped:
    """Handler of one domain error."""

    def __init__(self, status: int) -> None:
        self._status = status

    async def __call__(self, request: Request, error: Exception) -> Response:
        kind = error.kind if isinstance(error, Refusal) else _snake(type(error).__name__)
        title = getattr(error, "title", "") or kind.replace("_", " ").capitalize()
        retry_s = getattr(error, "retry_s", None)
        headers = {} if retry_s is None else {"Retry-After": str(retry_s)}
        return answer(
            request, Problem(self._status, kind, title, str(error) or None, headers=headers)
        )


async def _on_problem(request: Request, error: Problem) -> Response:
    return answer(request, error)


async def _on_http(request: Request, error: HTTPException) -> Response:
    title = HTTPStatus(error.status_code).phrase
    detail = None if error.detail == title else error.detail
    kind = _WORDS.get(error.status_code, title.lower().replace(" ", "_"))
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # the framework names those of the first route only
        methods = request.app.state.access.table.methods(request.scope["path"])
        headers["Allow"] = ", ".join(methods) or headers.get("Allow", "")
    problem = Problem(error.status_code, kind, title, detail, headers=headers)
    return answer(request, problem)


async def _on_invalid(request: Request, error: RequestValidationError) -> Response:
    problems = [_field_problem(failure) for failure in error.errors()[:ERRORS]]
    detail = "; ".join(
        f"{field_problem.field}: expected {field_problem.expected}"
        for field_problem in problems[:3]
    )
    problem = Problem(
        422,
        "invalid_request",
        "The request is not as it should be",
        detail,
        errors=[field_problem.model_dump() for field_problem in problems],
    )
    return answer(request, problem)


async def _on_gone(request: Request, error: ClientDisconnect) -> Response:
    del error  # nobody reads this; it is counted
    return answer(request, Problem(400, "cut_off", "The request ended within its body"))


async def _on_later(request: Request, error: TryLater) -> Response:
    _log.warning("answered 503", extra={"route": said.route(request.scope), "error": str(error)})
    return answer(request, _away(error.title, error))


async def _on_pool(request: Request, error: PoolTimeout) -> Response:
    return await _on_later(request, TryLater(str(error)))


async def _on_system(request: Request, error: OSError) -> Response:
    # several refused addresses of one host come as a bare OSError without a number
    if isinstance(error, ConnectionError | TimeoutError | socket.gaierror) or error.errno is None:
        return await _on_later(request, TryLater(str(error)))
    _log.error("system error", exc_info=error, extra={"route": said.route(request.scope)})
    return unexpected(request)


async def _on_database(request: Request, error: DBAPIError | asyncpg.PostgresError) -> Response:
    if trouble.is_passing(error):
        state = trouble.sqlstate(error)
        _log.warning("answered 503", extra={"route": said.route(request.scope), "sqlstate": state})
        return answer(request, _away("PostgreSQL is away or busy"))
    if trouble.sqlstate(error) in NOT_STORABLE:
        _log.info("answered 422", extra={"sqlstate": trouble.sqlstate(error)})
        title = "A value of the request cannot be stored"
        return answer(request, Problem(422, "not_storable", title, "NUL, or out of range?"))
    _log.error("database error", exc_info=error, extra={"route": said.route(request.scope)})
    return unexpected(request)


_Handler = Callable[[Request, Any], Awaitable[Response]]
_HANDLERS: tuple[tuple[type[Exception], _Handler], ...] = (
    (Problem, _on_problem),
    (HTTPException, _on_http),
    (RequestValidationError, _on_invalid),
    (ClientDisconnect, _on_gone),
    (NotFound, _Mapped(404)),
    (Exists, _Mapped(409)),
    (ChangedSince, _Mapped(412)),
    (TryLater, _on_later),
    (PoolTimeout, _on_pool),
    (OSError, _on_system),
    (DBAPIError, _on_database),
    (asyncpg.PostgresError, _on_database),  # comes bare from a connection being made
)


def _away(title: str, error: type[TryLater] | TryLater = TryLater) -> Problem:
    headers = {"Retry-After": str(error.retry_s)}
    return Problem(503, "try_later", title, error.detail, headers=headers)


def _field_problem(error: Mapping[str, Any]) -> FieldProblem:
    kind = "missing" if error["type"] == "missing" else _kind(error.get("input"))
    if error["type"] == "json_invalid":
        return FieldProblem(field="body", given="text that is not JSON", expected="JSON")
    return FieldProblem(field=_where(error["loc"]), given=kind, expected=expected(error))


def expected(error: Mapping[str, Any]) -> str:
    """What was expected of a field, of one error of pydantic's."""
    if error["type"] == "missing":
        return "a value"
    if error["type"] == "extra_forbidden":
        return "no such field"
    message = str(error["msg"])
    for noise in ("Value error, ", "Assertion failed, ", "Input should be ", "Field should be "):
        message = message.removeprefix(noise)
    return message


def _where(location: Sequence[Any]) -> str:
    return ".".join(str(part)[:NAME] for part in location)[:NAME]


def _kind(value: object) -> str:
    """The JSON word for a value's kind."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "number"
        case str() | bytes():
            return "text"
        case list() | tuple():
            return "array"
        case dict():
            return "object"
        case _:
            return type(value).__name__


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
