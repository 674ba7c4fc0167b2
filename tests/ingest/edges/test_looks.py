"""How often a bucket's session looks whether messages may have waited for us."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

from services.ingest.edges.buckets import session as subject
from services.ingest.edges.buckets.session import Session

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Contact:
    """Counts the looks; the first fails."""

    def __init__(self) -> None:
        self.looks = 0
        self.several = asyncio.Event()

    def look(self, now, in_flight, read) -> None:
        self.looks += 1
        if self.looks == 1:
            raise RuntimeError("a look that fails")
        if self.looks == 3:
            self.several.set()


async def test_a_session_looks_as_long_as_its_connection_stands(monkeypatch):
    monkeypatch.setattr(subject, "LOOK_S", 0.01)
    loop, contact, forgotten, failed = asyncio.get_running_loop(), Contact(), [], []
    loop.set_exception_handler(lambda _, context: failed.append(context["exception"]))
    broker = SimpleNamespace(receive_maximum=10, keep_alive_s=600)
    connection = SimpleNamespace(
        closed=loop.create_future(), in_flight=0, read=0, heard=loop.time()
    )
    session = Session(
        "0", broker, len, lambda: NOW, None, known=True,
        remember=len, forget=forgotten.append, contact=contact,
    )  # fmt: skip
    stay = asyncio.create_task(session._stay(connection))
    async with asyncio.timeout(60):
        await contact.several.wait()
        connection.closed.set_result(None)
        await stay
    looks = contact.looks
    session._look(connection)
    assert (contact.looks, forgotten, len(failed)) == (looks, [connection], 1)
