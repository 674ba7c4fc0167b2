"""What is wrong with an environment, in words: every variable by its name, never a value."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings

from shared import secret_files
from shared.variables import TOOL_VARIABLES, Variable, fields

# A name without our prefix may be anybody's: only one that is almost ours is taken for a slip.
ALMOST = 0.9
LONG_ENOUGH = 8


def unknown(
    service: str, given: Mapping[str, str], known: Mapping[str, Variable], prefixes: tuple[str, ...]
) -> Iterator[str]:
    """One line for each variable that is almost a setting of this service, or has its prefix.

    Other services' prefixes are theirs to judge: one environment may serve all.
    """
    judged = tuple(p for p in prefixes if p in {f"{service.upper()}_", "PLAYCALLER_"})
    for name in given:
        upper = name.upper()
        if upper.startswith(judged) and upper not in known and upper not in TOOL_VARIABLES:
            hint = _nearest(upper, [*known, *TOOL_VARIABLES])
            advice = f"did you mean {hint}?" if hint else "remove it."
            yield f"{name} is not a setting of {service}: {advice}"
    upper_given = {name.upper() for name in given}
    shared = [n for n in known if n not in upper_given and not n.startswith(prefixes)]
    for name in given:
        meant = _nearest(name.upper(), shared, cutoff=ALMOST)
        if meant and name.upper() not in known and len(meant) >= LONG_ENOUGH:
            yield f"{name} is not a setting of {service}: did you mean {meant}?"


def malformed(
    cls: type[BaseSettings],
    known: Mapping[str, Variable],
    given: Mapping[str, str],
    resolved: secret_files.Resolved,
    errors: Iterable[ErrorDetails],
) -> Iterator[str]:
    """One line for each error of pydantic, without the value."""
    names = {field: name for name, field in fields(cls)}
    for error in errors:
        where = str(error["loc"][0]) if error["loc"] else ""
        name = names.get(where, where.upper())
        if name not in resolved.from_files:
            yield _complaint(name, known, given, error)
        elif error["type"] != "missing":  # its file was refused: said already
            reason = error["msg"].removeprefix("Value error, ")
            yield f"{name}{secret_files.SUFFIX} holds what is malformed: {reason}."


def _complaint(
    name: str, known: Mapping[str, Variable], given: Mapping[str, str], error: ErrorDetails
) -> str:
    variable = known.get(name)
    if variable is None:
        reason = error["msg"].removeprefix("Value error, ")
        return f"the settings do not fit together: {reason}."
    example = f", e.g. {variable.example}" if variable.example else ""
    if error["type"] == "missing":
        near = _nearest(name, [n for n in given if n not in known])
        typo = f" Is it what {near} was meant to be?" if near else ""
        file = name + secret_files.SUFFIX
        either = f", or {file} to the path of a file with it" if file in known else ""
        return f"{name} is missing: set it to {variable.kind}{example}{either}.{typo}"
    reason = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return f"{name} is malformed: expected {variable.kind}{example} ({reason})."


def _nearest(name: str, candidates: Iterable[str], cutoff: float = 0.8) -> str | None:
    alike = difflib.get_close_matches(name, list(candidates), n=1, cutoff=cutoff)
    return alike[0] if alike else None
