"""Console over a real database: a browser that keeps cookies, and people who have signed in."""

import asyncio
import email
import json
from collections.abc import AsyncIterator
from email.policy import default
from pathlib import Path
from types import SimpleNamespace

import pyotp
import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text

from services.console.__main__ import __file__ as main_file
from services.console.domain.accounts.account import Account
from services.console.edges.hashing import Argon2
from services.console.handlers.ports import Context
from services.console.handlers.sealing import sealed
from services.console.settings import Settings
from services.console.store.store import Beginning
from services.console.store.tables import metadata
from services.console.wiring import build
from shared import ids
from shared.clock import WallClock, wall_now
from shared.db.engine import make_engine
from shared.settings import load
from shared.stream.topic_health import TopicWatch
from shared.web.app import create_app
from shared.web.guards.auth import Access, Keys
from shared.web.guards.rights import Table
from shared.web.routes.mounted import shared_routers
from tests.emptied import empty
from tests.everything import dump
from tests.signed import keys_file, signing_file

MIGRATIONS = Path(main_file).with_name("migrations")
URL = "https://127.0.0.1:8443"
PASSWORD = "correct horse battery"
KEY = "9f1c2ab3" * 8
ENVIRON = {
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "AUTH_KEYS_FILE": str(keys_file()),
    "HTTP_PORT": "8443",
    "HTTP_TLS_CERT_FILE": "server.pem",
    "HTTP_TLS_KEY_FILE": "server-key.pem",
    "SMTP_URL": "smtp://127.0.0.1:1",
    "CONSOLE_SIGNING_KEY_FILE": str(signing_file()),
    "CONSOLE_SEAL_KEY": KEY,
}


@pytest.fixture(scope="session")
def database(postgres) -> str:
    return asyncio.run(postgres.migrated("console"))


@pytest.fixture
async def engine(database):
    made = make_engine(database)
    await empty(made, metadata)
    yield made
    await made.dispose()


class Console:
    """The wired service without its background tasks."""

    def __init__(self, engine, *, strong=False, **more: str) -> None:
        environ = {**ENVIRON, "DATABASE_URL": str(engine.url.render_as_string(False)), **more}
        self.settings = load(Settings, "console", environ)
        self.engine = engine
        self.service = build(self.settings, engine, WallClock())
        self.context: Context = self.service.state["context"]
        if not strong:  # hundreds of passwords are hashed here
            object.__setattr__(self.context, "hasher", Argon2(memory_kib=1024, passes=1))
        self.begin: Beginning = self.service.state["begin"]
        self.runner = self.service.tasks[0].__self__
        self.app = create_app(
            "console",
            [*self.service.routers, *shared_routers()],
            clock=self.service.clock,
            access=Access(self.service.identify(Keys(keys_file())), Table(self.service.rights)),
            ready=self._ready,
            errors=self.service.errors,
            state={"engine": engine, "handlers": {}, "topic_watch": TopicWatch(""), "stopped": {}}
            | dict(self.service.state),
        )
        self._browsers: list[AsyncClient] = []

    @staticmethod
    async def _ready():
        return {}

    def browser(self, address="127.0.0.1", **headers: str) -> AsyncClient:
        transport = ASGITransport(self.app, client=(address, 5000))
        made = AsyncClient(transport=transport, base_url=URL, headers=headers)
        self._browsers.append(made)
        return made

    async def person(
        self,
        *roles,
        email="ann@example.org",
        organisation=None,
        password=PASSWORD,
        factor=None,
        name="Ann",
    ) -> Account:
        """An account in use, put straight into the table."""
        id_ = ids.random_id()
        account = Account(
            id_,
            email,
            name,
            frozenset(roles),
            organisation,
            "active",
            wall_now(),
            password_hash=await self.context.hasher.make(password),
            totp_secret=factor and sealed(self.context.seal, factor, "second factor", id_),
        )
        async with self.begin() as store:
            await store.accounts.add(account)
        return account

    async def signed_in(self, *roles, email="ann@example.org", factor=None, **more) -> AsyncClient:
        """A browser in which somebody with these roles has signed in; sends the page's token."""
        if factor is None and {"admin", "lead", "oncall"} & set(roles):
            factor = pyotp.random_base32()
        await self.person(*roles, email=email, factor=factor, **more)
        browser = self.browser()
        await sign_in(browser, email, factor)
        return browser

    async def sql(self, statement: str, **values):
        async with self.engine.begin() as connection:
            found = await connection.execute(text(statement), values)
            return found.all() if found.returns_rows else None

    async def close(self) -> None:
        await self.app.state.aside.finished()
        await self.app.state.services.close()
        for browser in self._browsers:
            await browser.aclose()


async def sign_in(browser: AsyncClient, email: str, factor=None, password=PASSWORD) -> None:
    answer = await browser.post("/v1/login", json={"email": email, "password": password})
    assert answer.status_code == 200, answer.text
    if factor is not None:
        code = pyotp.TOTP(factor).now()
        answer = await browser.post("/v1/login/second-factor", json={"code": code})
        assert answer.status_code == 200, answer.text
    browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]


def kind(answer) -> str:
    """The machine-readable word of a problem."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return json.loads(answer.text)["type"].rpartition(":")[2]


@pytest.fixture
async def console(engine) -> AsyncIterator[Console]:
    made = Console(engine)
    yield made
    await made.close()


@pytest.fixture
def make_console(engine):
    """`make_console(CONSOLE_...=...)`: with other settings."""
    return lambda **more: Console(engine, **more)


def mails(servers) -> list:
    folder = Path(servers.smtp.data)
    return [
        email.message_from_bytes(p.read_bytes(), policy=default)
        for p in sorted(folder.glob("*.eml"))
    ]


@pytest.fixture
def inbox(servers, smtp):
    for path in Path(servers.smtp.data).glob("*.eml"):
        path.unlink()
    return lambda: mails(servers)


async def ask(console, address="ann@example.org"):
    answer = await console.browser().post("/v1/password-resets", json={"email": address})
    assert answer.status_code == 202
    await console.app.state.aside.finished()


def link_of(mail) -> str:
    return next(word for word in mail.get_content().split() if word.startswith(URL))


@pytest.fixture
def dumped(servers, console):
    """`await dumped()`: all of the database, as its administrator's `pg_dump` writes it."""

    async def whole() -> str:
        system = SimpleNamespace(servers=servers)
        return (await dump(system, console.engine.url.database)).decode()

    return whole
