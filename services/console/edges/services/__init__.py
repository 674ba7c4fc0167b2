"""The other services, asked for the person who looks: one client each, methods named as questions."""

from collections.abc import Mapping

from services.console.edges.services.analytics import Analytics
from services.console.edges.services.auditing import Auditing
from services.console.edges.services.hand_offs import HandOffs
from services.console.edges.services.ingest import Ingest
from services.console.edges.services.journey import Journey
from services.console.edges.services.lives import Lives
from services.console.edges.services.long_work import LongWork
from services.console.edges.services.plays import Plays
from services.console.edges.services.rehearsals import Rehearsals
from services.console.edges.services.support import Support
from services.console.edges.services.watching import Watching
from shared.web.client.client import ServiceClient


class Services:
    """Where the other services are."""

    def __init__(self, urls: Mapping[str, str], ca_file: str) -> None:
        self._client = ServiceClient(ca_file)
        self.peers = {name: self._client.peer(name, url) for name, url in urls.items()}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


class Asked:
    """All of them, asked with one person's token."""

    def __init__(self, services: Services, bearer: str) -> None:
        self.ingest = Ingest(services.peers["ingest"], bearer)
        self.journey = Journey(services.peers["journey"], bearer)
        self.lives = Lives(services.peers["journey"], bearer)
        self.plays = Plays(services.peers["journey"], bearer)
        self.hand_offs = HandOffs(services.peers["journey"], bearer)
        self.rehearsals = Rehearsals(services.peers["journey"], bearer)
        self.support = Support(services.peers["support"], bearer)
        self.analytics = Analytics(services.peers["analytics"], bearer)
        self.auditing = {n: Auditing(peer, bearer) for n, peer in services.peers.items()}
        self.long_work = {n: LongWork(peer, bearer) for n, peer in services.peers.items()}
        self.watching = {
            name: Watching(peer, bearer) for name, peer in sorted(services.peers.items())
        }
