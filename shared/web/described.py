"""What the OpenAPI document says of every route: who may use it, and which problems may answer."""

from typing import Any

from fastapi import FastAPI

from shared.web.guards.rates import UNCOUNTED
from shared.web.guards.rights import Right, Table
from shared.web.problems import MEDIA, ProblemBody

SCHEME = "token"
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "Five minutes' token: POST /v1/tokens of console, or `./playcaller token`.",
}
PROBLEM = {MEDIA: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
REFUSED = {
    "401": "Without a token, or with one that is not valid.",
    "403": "The roles do not permit it.",
}
INVALID = {"422": "The request is not as it should be; `errors` names each field."}
BY_HEADER = {
    "if-match": {"412": "Somebody was faster: it is not as it was read."},
    "idempotency-key": {"409": "The key was used with another body, or another conflict."},
}
TOO_MANY = {"429": "Too many requests; wait as long as `Retry-After` says."}


def mount(app: FastAPI, table: Table) -> None:
    """Complete the document of an application."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            _add_schemas(document)
            for path, verbs in document["paths"].items():
                for verb, operation in verbs.items():
                    _describe(operation, table.line(verb.upper(), path))
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]


def _add_schemas(document: dict[str, Any]) -> None:
    components = document.setdefault("components", {})
    components["securitySchemes"] = {SCHEME: BEARER}
    schemas = components.setdefault("schemas", {})
    schema = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    schemas["ProblemBody"] = schema


def _describe(operation: dict[str, Any], right: Right | None) -> None:
    answers: dict[str, str] = {}
    if right is None or not right.open:
        operation["security"] = [{SCHEME: []}]
        answers |= REFUSED
    if operation.get("parameters") or operation.get("requestBody"):
        answers |= INVALID
    for parameter in operation.get("parameters", []):
        answers |= BY_HEADER.get(parameter["name"].lower(), {})
    if right is None or right.route not in UNCOUNTED:
        answers |= TOO_MANY
    for status, sentence in answers.items():
        operation["responses"].setdefault(status, {"description": sentence, "content": PROBLEM})
