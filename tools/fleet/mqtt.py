"""All connections of the fleet behind one selector: never a thread per device."""

import asyncio
import resource
import selectors
import ssl
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from shared.clock import monotonic
from tools.fleet.errors import BrokerAway, TooFewFiles
from tools.fleet.link import Link, Login, OnDown
from tools.fleet.wire import Wire

MISC_S = 5.0  # between two rounds of keep-alive checks
SOON_S = 0.05  # between two groups that reconnect
AWAY_S = 0.5  # until a broker that refused is tried again
SPARE_FILES = 200  # for the rest of the process: HTTP, logs, the broker's and database's sockets
CONNECTING = 100  # new connections that may be under way at once


def allow_files(connections: int) -> None:
    """Raise this process' limit of open files. Raises TooFewFiles when the hard limit is lower."""
    needed = connections + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        if hard != resource.RLIM_INFINITY and hard < needed:
            raise TooFewFiles(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


class Network:
    """The fleet's links; `pump` does whatever the sockets are ready for, and never waits by itself."""

    def __init__(
        self,
        url: str,
        on_down: OnDown,
        *,
        ca: Path | None = None,
        passwords: Mapping[str, str] | None = None,
    ) -> None:
        """A network without links.

        Args:
            url: `mqtts://host:port`, or `mqtt://account:password@host:port` of the broker's
                listener for tests: then everybody signs in with that account.
            on_down: called with each message on a `down` topic.
            ca: whom the broker's certificate must be of; None: of an authority of the system's.
            passwords: by user name; may grow.
        """
        parts = urlsplit(url)
        self.host = parts.hostname or "127.0.0.1"
        secure = parts.scheme == "mqtts"
        self.port = parts.port or (8883 if secure else 1883)
        self._tls = ssl.create_default_context(cafile=ca) if secure else None
        self._account = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None  # fmt: skip
        self._passwords = {} if passwords is None else passwords
        self.links: dict[str, Link] = {}
        self._on_down = on_down
        self._selector = selectors.DefaultSelector()
        self._lost: dict[Link, float] = {}  # when each may try again
        self._misc_at = 0.0
        self._retry_at = 0.0
        self._reached = False
        self.reconnects = 0

    def connect(self, source: str, down: str | None) -> Link:
        """Begin to connect a source; it subscribes to `down` by itself.

        A broker that goes away later is waited for. Raises BrokerAway when it was never there.
        """
        link = Link(source, down=down, on_down=self._on_down, login=self._login(source))
        self.links[source] = link
        try:
            link.open(self.host, self.port)
        except OSError as error:
            if not self._reached:
                raise BrokerAway(self.host, self.port, error) from error
            self._lost[link] = 0.0
        else:
            self._register(link)
        return link

    @property
    def has_account(self) -> bool:
        """Whether everybody signs in with one account."""
        return self._account is not None

    def _login(self, source: str) -> Login:
        if self._account is not None:
            return Login(*self._account, self._tls)
        return Login(source, self._passwords.get(source), self._tls)

    def disconnect(self, link: Link) -> None:
        """Leave in order; the session stays with the broker."""
        self.links.pop(link.source, None)
        self._lost.pop(link, None)
        if link.wire is not None and link.wire.fileno() >= 0:
            self._selector.unregister(link.wire)
            link.on_disconnect = None
            wire = link.wire
            link.disconnect()
            wire.flush()
            wire.close()

    def flush(self, link: Link) -> None:
        """Write what a link has queued; the rest goes when its socket is ready."""
        wire = link.wire
        if wire is None or wire.fileno() < 0:
            return
        wire.flush()
        if wire.out:
            self._selector.modify(wire, selectors.EVENT_READ | selectors.EVENT_WRITE, link)

    def pump(self) -> None:
        """Read and write everything that is ready now."""
        for key, events in self._selector.select(0):
            link: Link = key.data
            wire = link.wire
            if wire is None or wire is not key.fileobj:
                continue
            if events & selectors.EVENT_WRITE:
                wire.flush()
                if not wire.out:
                    self._selector.modify(wire, selectors.EVENT_READ, link)
            if events & selectors.EVENT_READ:
                self._read(link, wire)
        if (now := monotonic()) >= self._misc_at:
            self._misc_at = now + MISC_S
            self._misc()
        if self._lost and now >= self._retry_at:
            self._retry_at = now + (SOON_S if self._reconnect() else AWAY_S)

    async def until(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Pump until `done`, sleeping while nothing is ready; False when the time is over."""
        deadline = monotonic() + timeout_s
        while True:
            self.pump()
            if done():
                return True
            left = deadline - monotonic()
            if left <= 0:
                return False
            await self._readable(min(left, SOON_S if self._lost else MISC_S))

    async def up(self, links: Iterable[Link], timeout_s: float) -> bool:
        """Wait until all these are connected and subscribed."""
        waiting = [link for link in links if not link.is_up]

        def done() -> bool:
            waiting[:] = [link for link in waiting if not link.is_up]
            return not waiting

        is_up = await self.until(done, timeout_s)
        self._reached = self._reached or is_up
        return is_up

    async def acked(self, links: Iterable[Link], timeout_s: float) -> bool:
        """Wait until the broker has acked all that these have published."""
        waiting = [link for link in links if link.pending]

        def done() -> bool:
            waiting[:] = [link for link in waiting if link.pending]
            return not waiting

        return await self.until(done, timeout_s)

    def close(self) -> None:
        """Disconnect everybody."""
        for link in list(self.links.values()):
            self.disconnect(link)
        self._selector.close()

    def _register(self, link: Link) -> None:
        wire = link.wire
        if wire is not None:
            wire.flush()
            self._selector.register(wire, selectors.EVENT_READ, link)

    def _read(self, link: Link, wire: Wire) -> None:
        wire.fill()
        link.take_pubacks()
        while wire.has_input and not wire.is_torn and wire.fileno() >= 0:
            link.loop_read()
            link.take_pubacks()
        if wire.fileno() < 0:
            self._ended(link, wire)
            return
        if link.want_write():  # what was published inside a callback
            link.loop_write()
        if wire.out:
            self.flush(link)

    def _ended(self, link: Link, wire: Wire) -> None:
        # paho has closed the socket: the selector must not keep its descriptor, which the next
        # connection gets.
        self._selector.unregister(wire)
        self._lost[link] = monotonic() + link.wait_s

    def _misc(self) -> None:
        for link in list(self.links.values()):
            if link not in self._lost:
                link.loop_misc()
                if link.wire is not None and link.wire.fileno() < 0:
                    self._ended(link, link.wire)
                self.flush(link)

    def _reconnect(self) -> bool:
        """Try some of the lost ones; False: the broker is still away."""
        now = monotonic()
        due = [link for link, at in self._lost.items() if at <= now]
        for link in due[:CONNECTING]:
            try:
                link.reconnect()
            except OSError:
                return False
            del self._lost[link]
            self.reconnects += 1
            self._register(link)
        return True

    async def _readable(self, timeout_s: float) -> None:
        """Wait for any socket: the selector's own descriptor is readable when one of them is."""
        loop = asyncio.get_running_loop()
        ready = loop.create_future()

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)

        descriptor = self._selector.fileno()
        loop.add_reader(descriptor, wake)
        timer = loop.call_later(timeout_s, wake)
        try:
            await ready
        finally:
            loop.remove_reader(descriptor)
            timer.cancel()
