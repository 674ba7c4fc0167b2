"""The other services, asked for the person who looks: one client each, methods named as questions."""

from collections.abc import Mapping

from services.console.edges.services.analytics import Analytics
from services.console.edges.services.auditing import Auditing
from services.console.edges.services.ingest import Ingest
from services.console.edges.services.journey.assignees import Assignees
from services.console.edges.services.journey.audiences import Audiences
from services.console.edges.services.journey.calls import Calls
from services.console.edges.services.journey.consents import Consents
from services.console.edges.services.journey.contacts import Contacts
from services.console.edges.services.journey.customers import Customers
from services.console.edges.services.journey.deliveries import Deliveries
from services.console.edges.services.journey.erasures import Erasures
from services.console.edges.services.journey.hand_offs import HandOffs
from services.console.edges.services.journey.lives import Lives
from services.console.edges.services.journey.plays import Plays
from services.console.edges.services.journey.portfolios import Portfolios
from services.console.edges.services.journey.products import Products
from services.console.edges.services.journey.referrals import Referrals
from services.console.edges.services.journey.rehearsals import Rehearsals
from services.console.edges.services.journey.renewals import Renewals
from services.console.edges.services.journey.stages import Stages
from services.console.edges.services.journey.talks import Talks
from services.console.edges.services.long_work import LongWork
from services.console.edges.services.once import AskedOnce
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
        peers = {name: AskedOnce(peer) for name, peer in services.peers.items()}
        self.ingest = Ingest(peers["ingest"], bearer)
        journey = peers["journey"], bearer
        self.customers = Customers(*journey)
        self.consents = Consents(*journey)
        self.contacts = Contacts(*journey)
        self.deliveries = Deliveries(*journey)
        self.erasures = Erasures(*journey)
        self.stages = Stages(*journey)
        self.talks = Talks(*journey)
        self.calls = Calls(*journey)
        self.portfolios = Portfolios(*journey)
        self.products = Products(*journey)
        self.renewals = Renewals(*journey)
        self.referrals = Referrals(*journey)
        self.plays = Plays(*journey)
        self.lives = Lives(*journey)
        self.assignees = Assignees(*journey)
        self.hand_offs = HandOffs(*journey)
        self.rehearsals = Rehearsals(*journey)
        self.audiences = Audiences(*journey)
        self.support = Support(peers["support"], bearer)
        self.analytics = Analytics(peers["analytics"], bearer)
        self.auditing = {n: Auditing(peer, bearer) for n, peer in peers.items()}
        self.long_work = {n: LongWork(peer, bearer) for n, peer in peers.items()}
        self.watching = {name: Watching(peer, bearer) for name, peer in sorted(peers.items())}
