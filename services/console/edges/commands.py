"""`python -m services.console bootstrap`: the first keys of an installation, on its database.

With `into=FOLDER` each key goes to `FOLDER/<name>/key`, for the names that have a folder there: for
containers, each with a volume of its own. Without, it speaks JSON: `{"name": "pk_..." or null}` of the keys that are there comes on standard input, new
ones and a link for the first admin go to standard output. Whoever has the database may do this; over
HTTP it takes an admin.
"""

import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.domain.accounts import link
from services.console.domain.programs import api_key
from services.console.domain.sealed.digest import digest, same
from services.console.edges.hashing import Argon2
from services.console.handlers import entry, keys
from services.console.handlers.entry import Somebody
from services.console.handlers.keys import WantedKey
from services.console.handlers.links import CONSOLE, offer_admin_link
from services.console.handlers.ports import By, Context
from services.console.settings import Settings
from services.console.store.store import Beginning
from shared import log
from shared.clock import wall_now
from shared.errors import BadSettings
from shared.pki_files import write_private
from shared.settings import SERVICES

if TYPE_CHECKING:
    from shared.web.who import Role

INTO = "into="
# whom a local stack has; nobody's real name or address
PEOPLE_HERE = (
    Somebody("csm@console.test", "Cleo Martin", "csm"),
    Somebody("agent@console.test", "Ana Gomez", "agent"),
    Somebody("partner@console.test", "Pat Quinn", "partner"),
    Somebody("lead@console.test", "Lee Park", "lead"),
    Somebody("product@console.test", "Priya Nair", "product"),
    Somebody("marketing@console.test", "Milan Novak", "marketing"),
    Somebody("oncall@console.test", "Olu Adeyemi", "oncall"),
    Somebody("admin@console.test", "Ada Brandt", "admin"),
)
RENEW = timedelta(days=30)  # a key that ends sooner is replaced


_log = log.get("console.bootstrap")


def wanted() -> list[WantedKey]:
    """One key per program of ours, with its least rights."""
    service_role: Role = "service"
    vendor_role: Role = "vendor"
    programs = [WantedKey("vendor", {vendor_role}, life=api_key.LONGEST_LIFE)]
    return programs + [
        WantedKey(service, {service_role}, life=api_key.LONGEST_LIFE, kind="service")
        for service in SERVICES
        if service != "console"
    ]


async def bootstrap(settings: Settings, engine: AsyncEngine, words: list[str]) -> None:
    """Make what is missing; `no-admin-link` leaves the link out."""
    begin = Beginning(engine)
    context = Context(begin, Argon2(), settings.rules(), settings.seal(), lambda: None)
    if folder := next((word[len(INTO) :] for word in words if word.startswith(INTO)), None):
        await _into(context, Path(folder))
        return
    known: dict[str, str | None] = json.loads(sys.stdin.read() or "{}")
    renewed = {}
    for key in wanted():
        if not await _is_good(context, known.get(key.name)):
            renewed[key.name] = await _renewed(context, key)
    secret = None if "no-admin-link" in words else await offer_admin_link(context, wall_now())
    address = None if secret is None else link.address(context.rules.url, secret, first=True)
    sys.stdout.write(json.dumps({"keys": renewed, "admin_link": address}) + "\n")


async def enter(settings: Settings, engine: AsyncEngine, words: list[str]) -> None:
    """A link for each word that signs somebody of a role in once: `csm`, `partner=ORGANISATION`.

    Raises: BadSettings: this console is not of a local stack.
    """
    if not settings.local_port:
        raise BadSettings("CONSOLE_LOCAL_PORT is not set: links that sign in are for a local stack")
    begin = Beginning(engine)
    context = Context(begin, Argon2(), settings.rules(), settings.seal(), lambda: None)
    for word in words:
        secret = await entry.offer(context, _somebody(word), wall_now())
        sys.stdout.write(f"{context.rules.url}/sign-in/once/{secret}\n")


def _somebody(word: str) -> Somebody:
    """Who comes in; each organisation has people of its own."""
    role, _, organisation = word.partition("=")
    person = next(somebody for somebody in PEOPLE_HERE if somebody.role == role)
    if not organisation:
        return person
    email = person.email.replace("@console", f"@{organisation}")
    return replace(person, email=email, organisation=organisation)


async def _into(context: Context, folder: Path) -> None:
    """Write the keys that are missing there, or end soon."""
    for key in wanted():
        path = folder / key.name / "key"
        if not path.parent.is_dir():
            continue
        written = path.read_text("ascii").strip() if path.exists() else None
        if not await _is_good(context, written):
            write_private(path, f"{await _renewed(context, key)}\n".encode("ascii"))
            _log.info("a new key for %s", key.name)


async def _is_good(context: Context, written: str | None) -> bool:
    id_ = api_key.id_of(written or "")
    async with context.begin() as store:
        held = None if id_ is None else await store.keys.by_id(id_)
    if held is None or not held.is_active(wall_now() + RENEW):
        return False
    return same(digest(str(written)[api_key.SECRET_AT :]), held.digest)


async def _renewed(context: Context, wanted_key: WantedKey) -> str:
    """A new key; where two are active already, the older one goes."""
    by = By(CONSOLE, wall_now())
    async with context.begin() as store:
        active = await store.keys.active(wanted_key.name, by.now)
    if len(active) >= api_key.ACTIVE_PER_NAME:
        await keys.revoke(context, active[0].id, by)
    _, written = await keys.create(context, wanted_key, by)
    return written
