"""The rules of the house: rooms, catalogues, migrations, and whose `shared` it is."""

import ast
import importlib
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import services
import shared
from services.journey.domain.facts import FACTS
from shared import metrics
from shared.db.engine import make_engine
from shared.db.migrate import upgrade
from shared.db.revision import RUNTIME
from shared.events import EVENTS
from shared.events.topics import TOPICS, consumed_by
from shared.settings import SERVICES

ROOT = Path(__file__).resolve().parents[2]
TREES = ("shared/db", *(f"services/{service}" for service in SERVICES))
ROOMS = {"domain", "handlers", "store", "edges", "migrations"}
FILES = {"__init__.py", "__main__.py", "wiring.py", "settings.py"}
MAY_BE = {"errors.py"}  # where a service refuses something of its own kind
PACKAGES = ("services", "shared", "tools", "deploy")
BANNED = {"utils", "helpers", "common", "core", "base", "manager", "service"}
# in shared/events, beside one file per event type
EVENT_ROOM = {"__init__", "event", "codec", "topics", "samples", "schema"}
# in journey's facts, beside one file per fact
FACT_ROOM = {"__init__", "fact", "events", "counting", "said", "told"}
WRITTEN = {"", ".py", ".md", ".yml", ".yaml", ".sh", ".toml", ".lock", ".conf", ".xml"}
LONG = 300


def sources(*folders: str) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "__pycache__" not in path.parts
    )


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_rooms_and_no_others(service: str) -> None:
    here = {path.name for path in (ROOT / "services" / service).iterdir()} - {"__pycache__"}
    assert here - ROOMS - MAY_BE == FILES
    assert here & ROOMS
    assert {path.name for path in (ROOT / "services").iterdir()} - {"__pycache__"} == {
        "__init__.py",
        *SERVICES,
    }


def test_every_folder_is_a_package_that_says_what_it_is() -> None:
    folders = {path.parent for path in sources(*PACKAGES)}
    for folder in sorted(folders):
        if "migrations" in folder.parts:
            continue  # Alembic's own shape
        head = folder / "__init__.py"
        assert head.exists(), name(folder)
        assert ast.get_docstring(ast.parse(head.read_text("utf-8"))), name(head)


def test_tests_are_no_package() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_no_bag_is_called_by_a_name_that_says_nothing() -> None:
    for path in sources(*PACKAGES):
        assert path.stem not in BANNED, name(path)
        assert not BANNED & set(path.relative_to(ROOT).parts[:-1]), name(path)


def test_every_event_file_is_in_the_catalogue() -> None:
    files = {path.stem for path in (ROOT / "shared" / "events").glob("*.py")} - EVENT_ROOM
    assert files == {event.type_name() for event in EVENTS}


def test_every_fact_file_is_in_the_catalogue() -> None:
    folder = ROOT / "services" / "journey" / "domain" / "facts"
    files = {path.stem for path in folder.glob("*.py")} - FACT_ROOM
    assert files == {fact.name for fact in FACTS}
    assert all(re.fullmatch(r"[A-Z].*[.]", fact.says) for fact in FACTS)


@pytest.mark.parametrize("service", SERVICES)
def test_every_topic_of_a_service_is_named_where_its_handlers_are(service: str) -> None:
    consumer = ROOT / "services" / service / "edges" / "consumer.py"
    text = consumer.read_text("utf-8") if consumer.exists() else ""
    named = {topic.name for topic in TOPICS if f'"{topic.name}"' in text}
    assert named == {topic.name for topic in consumed_by(service)}


def test_every_metric_is_counted_somewhere() -> None:
    elsewhere = "".join(
        path.read_text("utf-8")
        for path in sources("services", "shared")
        if path != Path(metrics.__file__)
    )
    counted = set(re.findall(r"\bmetrics\.([A-Z_]+)\b", elsewhere))
    constants = {key for key, value in vars(metrics).items() if value in metrics.CATALOGUE}
    assert len(constants) == len(metrics.CATALOGUE)
    assert not constants - counted


def test_long_files_are_worth_a_look() -> None:
    long = {name(path): len(path.read_text("utf-8").splitlines()) for path in sources(*PACKAGES)}
    with warnings.catch_warnings():
        warnings.simplefilter("always")  # it is taste, not law: it must not fail
        for path, lines in long.items():
            if lines > LONG:
                warnings.warn(f"{path} has {lines} lines", stacklevel=2)


def test_shared_and_services_are_ours() -> None:
    assert Path(shared.__file__ or "").is_relative_to(ROOT)
    assert Path(services.__file__ or "").is_relative_to(ROOT)


def test_they_are_ours_for_a_program_too(tmp_path: Path) -> None:
    for foreign in ("shared", "services"):
        (tmp_path / foreign).mkdir()
        (tmp_path / foreign / "__init__.py").write_text("raise ImportError('not ours')")
    said = subprocess.run(
        [sys.executable, "-c", "import shared, services; print(shared.__file__)"],
        cwd=ROOT, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.stdout.strip() == str(ROOT / "shared" / "__init__.py"), said.stderr


def test_no_file_names_this_machine() -> None:
    places = [f"/{'work'}/", f"/{'root'}/", f"/{'home'}/", f"{'files.python'}hosted"]
    written = [
        path for path in ROOT.iterdir() if path.is_file() and path.name not in {".env", ".git"}
    ]
    for folder in (*PACKAGES, "tests", "docs", "examples", "playbooks", ".ci"):
        written += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in written:
        if path.suffix in WRITTEN:
            text = path.read_text("utf-8")
            assert not [place for place in places if place in text], name(path)


def test_nothing_is_left_for_later() -> None:
    words = re.compile(rf"\b({'TO'}DO|{'FIX'}ME|{'XX'}X)\b|mark\.{'skip'}|mark\.{'xfail'}")
    for path in sources(*PACKAGES, "tests", "examples"):
        found = words.search(path.read_text("utf-8"))
        assert found is None, f"{name(path)}: {found}"


def test_nothing_swallows_a_cancellation() -> None:
    """`asyncio.wait_for` of Python 3.11 does when it comes together with what was waited for."""
    found = [
        f"{name(path)}:{node.lineno}"
        for path in sources(*PACKAGES)
        if "wait_for" in (text := path.read_text("utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
        and node.attr == "wait_for"
        and isinstance(node.value, ast.Name)
        and node.value.id == "asyncio"
    ]
    assert not found, "take `async with asyncio.timeout(seconds)`"


@pytest.mark.parametrize("tree", TREES)
def test_every_revision_waits_for_no_lock_for_long(tree: str) -> None:
    migrations = ROOT / tree / "migrations"
    revisions = [path for path in (migrations / "versions").glob("*.py") if path.stem[0].isdigit()]
    assert revisions
    for path in revisions:
        body = path.read_text("utf-8").partition("def upgrade() -> None:")[2]
        first = next(line for line in body.splitlines() if "op." in line)
        assert "SET LOCAL lock_timeout" in first, name(path)
    config = Config()
    config.set_main_option("script_location", str(migrations))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


@pytest.mark.parametrize("tree", TREES)
def test_a_revision_is_frozen_it_takes_nothing_from_code_that_changes(tree: str) -> None:
    for path in (ROOT / tree / "migrations" / "versions").glob("[0-9]*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                named = [getattr(node, "module", None) or "", *(each.name for each in node.names)]
                ours = [each for each in named if each.partition(".")[0] in PACKAGES]
                assert not ours, f"{name(path)} imports {ours}"


def differences(connection, service: str) -> list[object]:
    """What store/tables.py says otherwise than the database."""
    metadata = importlib.import_module(f"services.{service}.store.tables").metadata
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found = compare_metadata(context, metadata)
    return [each for each in found if "runtime_version" not in str(each)]


@pytest.mark.servers
@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_end_at_the_tables_and_a_second_run_does_nothing(postgres, service):
    url = await postgres.database(f"house_{service}")
    migrations = ROOT / "services" / service / "migrations"

    nothing, first = await upgrade(url, migrations)
    assert nothing is None
    assert first is not None
    engine = make_engine(url, pool=1)
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences, service) == []
        assert await upgrade(url, migrations) == (first, first)
    finally:
        await engine.dispose()


@pytest.mark.servers
@pytest.mark.parametrize("service", SERVICES)
async def test_an_installation_older_than_the_audit_and_the_runtimes_tree_is_taken_over(
    postgres, service
):
    url = await postgres.database(f"old_{service}")
    migrations = ROOT / "services" / service / "migrations"
    engine = make_engine(url, pool=1)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_before_the_audit, migrations)
        await upgrade(url, migrations)
        async with engine.connect() as connection:
            triggers = text("SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit'::regclass")
            found = set((await connection.execute(triggers)).scalars())
            kept = (await connection.execute(text("SELECT source, min_at FROM ledger"))).all()
            assert await connection.run_sync(differences, service) == []
        assert found == {"audit_chain", "audit_refuse"}
        assert kept == [("cam-1", None)]
    finally:
        await engine.dispose()


OLD = """DROP TABLE audit, erased, runtime_version;
DROP FUNCTION audit_chain, audit_refuse;
ALTER TABLE ledger DROP COLUMN min_at, DROP COLUMN recent;
ALTER TABLE quarantine DROP COLUMN source, DROP COLUMN stands_for;
INSERT INTO ledger (source, stream, boot, block, seqs) VALUES ('cam-1', 'usage', 'b', 0, '{[0,9)}')"""
"""What had not been thought of yet; and a row that must stay."""


def _before_the_audit(connection, migrations: Path) -> None:
    """What an installation had before there was an audit, or a tree of the runtime."""
    (audit,) = (migrations / "versions").glob("*_audit.py")
    before = re.search(r'^down_revision = "([^"]+)"$', audit.read_text("utf-8"), re.MULTILINE)
    for tree, revision in ((RUNTIME, "0001"), (migrations, before[1])):
        config = Config()
        config.set_main_option("script_location", str(tree))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    for statement in OLD.split(";\n"):
        connection.exec_driver_sql(statement)
