"""No route writes by itself: it reads from a store, or gives a unit of work to a handler."""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fastapi.params import Depends

from shared.web.routes.guarded import GUARDED
from tests.house.test_house import ROOT, name

SERVICES = ("analytics", "console", "ingest", "journey", "support")
WITHIN = {
    "store",
    "emit",
    "audit",
    "entries",
    "connection",
    "engine",
    "tx",
}  # the handlers' own
IMPORTS = ("sqlalchemy", "shared.db", "shared.audited", "shared.stream.transaction")
HARMLESS = {"shared.db.trouble"}  # tells one kind of error from another
BESIDE = {"units.py", "state.py"}  # say what routes find in the application


def routes(service: str) -> list[Path]:
    api = ROOT / "services" / service / "edges" / "api"
    return [path for path in sorted(api.rglob("*.py")) if path.name not in BESIDE]


def writes(tree: ast.Module) -> list[str]:
    """What in a module of routes is a handler's to do."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            node.attr in WITHIN or ast.unparse(node).endswith("app.state")
        ):
            found.append(ast.unparse(node))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".note"):
            found.append(ast.unparse(node.func))
        modules = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            modules = [f"{node.module}.{each.name}" for each in node.names]
        found += [each for each in modules if each.startswith(IMPORTS) and each not in HARMLESS]
        found += [module for module in modules if ".store" in module]
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_a_route_leaves_every_change_to_a_handler(service: str) -> None:
    assert {
        name(path): found
        for path in routes(service)
        if (found := writes(ast.parse(path.read_text("utf-8"))))
    } == {}


SHARED = sorted((ROOT / "shared" / "web").rglob("*.py"))
CHANGES = ("engine.begin", "audit.record", "entry", "transaction")


def changes(tree: ast.Module) -> list[str]:
    """What in a module of the routes that all services serve is a handler's to do."""
    called = (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [call for call in called if call.endswith(CHANGES)]


def test_what_all_services_serve_stands_in_one_folder() -> None:
    serving = {path for path in SHARED if "APIRouter(" in path.read_text("utf-8")}
    assert {path.parent.name for path in serving} == {"routes"}


def test_a_route_of_all_services_leaves_every_change_to_a_handler() -> None:
    begins = {"application.py"}  # hands a transaction to them
    assert {
        name(path): found
        for path in SHARED
        if path.parent.name == "routes"
        and path.name not in begins
        and (found := changes(ast.parse(path.read_text("utf-8"))))
    } == {}
    assert changes(ast.parse("async def r(a):\n async with a.engine.begin() as c: pass")) != []
    assert changes(ast.parse("async def r(c): await audit.record(c, [])")) != []


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("async def r(change):\n async with change() as u: await u.store.x.add(1)", id="store"),
        pytest.param("async def r(change):\n async with change() as u: u.audit('a.b', 'a', 'c')", id="audit"),
        pytest.param("async def r(change):\n async with change() as u: u.emit(event)", id="emit"),
        pytest.param("async def r(request): request.app.state.engine.begin()", id="engine"),
        pytest.param("def r(request): return request.app.state", id="untyped"),
        pytest.param("from services.support.store.tickets import Tickets", id="table"),
        pytest.param("from shared.stream.transaction import transaction", id="transaction"),
        pytest.param("from sqlalchemy import text", id="SQL"),
    ],
)  # fmt: skip
def test_the_rule_sees_what_it_is_there_for(code: str) -> None:
    assert writes(ast.parse(code))


def test_the_rule_leaves_reading_and_handing_over() -> None:
    code = """
async def read_ticket(read, id_):
    async with read() as store:
        return View.of(await store.tickets.read(id_))

async def resolve(once, id_):
    return await once(200, lambda unit: handlers.resolve(unit, id_))
"""
    assert writes(ast.parse(code)) == []


def depended_on(module: ModuleType) -> Iterator[Callable[..., Any] | None]:
    """What FastAPI calls before a route, as far as a module names it."""
    for value in vars(module).values():
        said = (value, *getattr(value, "__metadata__", ()), *getattr(value, "dependencies", ()))
        yield from (each.dependency for each in said if isinstance(each, Depends))


def test_nothing_before_a_route_is_left_to_a_thread() -> None:
    """A plain function is called in a thread, which waits for the interpreter as long as others are busy."""
    modules = [
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for folder in ("shared/web", *(f"services/{service}/edges" for service in SERVICES))
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]
    called = {each for module in modules for each in depended_on(module)}
    called |= {each.dependency for each in GUARDED["dependencies"]}
    assert len(called) > len(SERVICES)
    assert {each for each in called if not inspect.iscoroutinefunction(each)} == set()
