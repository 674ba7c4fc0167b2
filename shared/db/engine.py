"""The database engine: time-outs everywhere, so that a frozen server is an error and not a hang."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

CONNECT_S = 5.0
COMMAND_S = 30.0  # a closing day of a large region is the longest statement we send
STATEMENTS = 500  # a service has some hundreds: one that is forgotten is parsed and planned anew
SERVER = {
    "lock_timeout": "5s",
    "statement_timeout": "25s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
}


def _dump(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def make_engine(url: str, *, pool: int = 10, application: str = "playcaller") -> AsyncEngine:
    """An engine for `postgresql+asyncpg://` URLs; every wait on the server is bounded.

    Isolation is READ COMMITTED: correctness rests on row locks and unique keys.
    """
    return create_async_engine(
        url,
        pool_size=pool,
        max_overflow=5,
        pool_use_lifo=True,  # whoever was used last has our statements prepared
        pool_timeout=5,
        hide_parameters=True,  # an error's text goes into logs: no values of customers there
        json_serializer=_dump,
        json_deserializer=msgspec.json.decode,
        connect_args={
            "timeout": CONNECT_S,
            "command_timeout": COMMAND_S,
            "prepared_statement_cache_size": STATEMENTS,
            "server_settings": {**SERVER, "application_name": application},
        },
    )


def stamp(moment: datetime | None) -> str | None:
    """RFC 3339 text of a moment, for JSON columns."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
