"""All of journey's tables on one connection."""

from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.calls.calls import Calls
from services.journey.store.contacts.contacts import Contacts
from services.journey.store.contacts.talks import Talks
from services.journey.store.customers import Customers
from services.journey.store.deliveries.deliveries import Deliveries
from services.journey.store.devices import Devices
from services.journey.store.erasures import Erasures
from services.journey.store.holdings import Owned
from services.journey.store.plays.assignees import Assignments, Members
from services.journey.store.plays.audiences import Audiences
from services.journey.store.plays.clicks import Clicks
from services.journey.store.plays.consents import Consents
from services.journey.store.plays.drafts import Drafts
from services.journey.store.plays.hand_offs import HandOffs
from services.journey.store.plays.messages import Messages
from services.journey.store.plays.outcomes import Outcomes
from services.journey.store.plays.pasts import Pasts
from services.journey.store.plays.plays import Plays
from services.journey.store.plays.runs import Runs
from services.journey.store.plays.sending import Holdouts, MailRates
from services.journey.store.plays.suppressions import Suppressions
from services.journey.store.plays.tasks import Tasks
from services.journey.store.portfolios.portfolios import Portfolios
from services.journey.store.products.offers import Offers
from services.journey.store.products.products import Products
from services.journey.store.readers import CustomerReader
from services.journey.store.referrals.referrals import Referrals
from services.journey.store.renewals import Renewals


class Store:
    """Journey's tables within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.customers = Customers(connection)
        self.contacts = Contacts(connection)
        self.talks = Talks(connection)
        self.calls = Calls(connection)
        self.portfolios = Portfolios(connection)
        self.devices = Devices(connection)
        self.owned = Owned(connection)
        self.deliveries = Deliveries(connection)
        self.products = Products(connection)
        self.offers = Offers(connection)
        self.referrals = Referrals(connection)
        self.renewals = Renewals(connection)
        self.erasures = Erasures(connection)
        self.plays = Plays(connection)
        self.drafts = Drafts(connection)
        self.runs = Runs(connection)
        self.outcomes = Outcomes(connection)
        self.messages = Messages(connection)
        self.clicks = Clicks(connection)
        self.consents = Consents(connection)
        self.suppressions = Suppressions(connection)
        self.holdouts = Holdouts(connection)
        self.mail_rates = MailRates(connection)
        self.tasks = Tasks(connection)
        self.members = Members(connection)
        self.assignments = Assignments(connection)
        self.hand_offs = HandOffs(connection)
        self.pasts = Pasts(connection)
        self.audiences = Audiences(connection)
        self.reader = CustomerReader(connection)
