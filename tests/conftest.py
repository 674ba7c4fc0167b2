"""Real servers for tests: one set per session, in a temporary folder, on free ports.

Only what the collected tests ask for is started, all at once. A test takes `postgres`, `kafka`
or `mosquitto` and is marked `servers`.
"""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from shared.db.migrate import upgrade
from shared.db.revision import RUNTIME
from tests import fallen, patience, quick, trust
from tests.broker import ACCOUNTS
from tools.local import ports
from tools.local.kafka import Kafka
from tools.local.mosquitto import Mosquitto
from tools.local.postgres import Postgres
from tools.local.servers import Servers

# No deadlines: a machine may be busy. Half as many examples: `make check` is run before every commit.
hypothesis.settings.register_profile("house", deadline=None, max_examples=50)
hypothesis.settings.load_profile("house")
ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ("postgres", "kafka", "mosquitto", "smtp")
STARTED = pytest.StashKey[Servers]()
# These begin: whoever got one of them at the end would work alone. Minutes of `make rest`: 6, 5, 3, 2, 2.
LONGEST = (
    "tools/faults/test_trials.py",
    "acceptance/test_commands.py",
    "shared/web/test_schemathesis.py",
    "acceptance/test_kills.py",
    "acceptance/test_personal_data.py",
)


class FreshDatabases:
    """Hands out databases; each call makes a new, empty one."""

    def __init__(self, server: Postgres) -> None:
        self.server = server
        self._numbers = itertools.count(1)

    async def database(self, name: str = "test") -> str:
        """A new database without tables; the role of the URL owns it, so that a test can make some."""
        made = f"{name}_{next(self._numbers)}"
        url = await self.server.make_database(made)
        admin = await self.server._connect(self.server.port, made)
        await admin.execute(f'ALTER DATABASE "{made}" OWNER TO "{made}"')
        await admin.close()
        return url

    async def runtime(self, name: str) -> str:
        """A new database with the tables that the runtime keeps; the role of the URL owns them."""
        url = await self.database(name)
        await upgrade(url, RUNTIME)
        return url

    async def migrated(self, service: str, name: str | None = None) -> str:
        """A new database of a service, migrated by its owner; the URL is of the service's own role."""
        made = f"{name or service}_{next(self._numbers)}"
        url = await self.server.make_database(made)
        await upgrade(self.server.owner_url(made), ROOT / "services" / service / "migrations")
        return url

    def owner_of(self, url: str) -> str:
        """Whom the migrations of a `migrated` database sign in as."""
        return self.server.owner_url(url.rpartition("/")[2])

    async def kill(self) -> None:
        """End PostgreSQL as `kill -9` would."""
        await self.server.kill()

    async def start(self) -> None:
        """Start it again on the same port and wait until it is healthy."""
        await self.server.start()


@pytest.fixture(scope="session")
def servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servers]:
    """All servers that any collected test asks for."""
    asked = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    which = [name for name in FIXTURES if name in asked]
    folder = Path(tmp_path_factory.mktemp("servers"))
    all_of_them = Servers(folder, which, databases=(), end_with_parent=True, mqtt_accounts=ACCOUNTS)
    asyncio.run(all_of_them.start())
    request.session.stash[STARTED] = all_of_them
    yield all_of_them
    del request.session.stash[STARTED]
    asyncio.run(all_of_them.stop())
    all_of_them.erase()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files of which every test is left out are not read: most of a collection."""
    return quick.leaves_out(collection_path, config.option.markexpr) or None


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is imported that makes a client."""
    config.pluginmanager.register(quick)  # of modules beside `tests`, too
    trust.nobody_outside()
    patience.of_clients()
    Postgres.survives_power_cuts = False  # tests end processes, no machines


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, all others in their order."""
    turn = {ROOT / "tests" / name: n for n, name in enumerate(LONGEST)}
    items.sort(key=lambda item: turn.get(item.path, len(LONGEST)))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """The test in which a server ended by itself fails; those after it find it running again."""
    servers = item.session.stash.get(STARTED, None)
    if servers is None:
        return
    told = fallen.started_again(servers)
    fallen.start_left(servers)
    if told:
        pytest.fail("\n".join(told), pytrace=False)


@pytest.fixture(scope="session")
def postgres(servers: Servers) -> FreshDatabases:
    """PostgreSQL: `url = await postgres.database("journey")`."""
    return FreshDatabases(servers.postgres)


@pytest.fixture(scope="session")
def kafka(servers: Servers) -> str:
    """The bootstrap address of a Kafka broker without topics."""
    return servers.kafka.bootstrap


@pytest.fixture(scope="session")
def kafka_server(servers: Servers, kafka: str) -> Kafka:
    """The Kafka broker itself: `await kafka_server.kill()`, `await kafka_server.start()`."""
    return servers.kafka


@pytest.fixture(scope="session")
def mosquitto(servers: Servers) -> Mosquitto:
    """The MQTT broker: `.url`, `await .kill()`, `await .start()` (same port, kept sessions)."""
    return servers.mosquitto


@pytest.fixture(scope="session")
def smtp(servers: Servers) -> str:
    """The URL of the mail catcher."""
    return servers.smtp.url


@pytest.fixture
def free_port() -> int:
    """A loopback port on which nothing listens."""
    return ports.free_port()
