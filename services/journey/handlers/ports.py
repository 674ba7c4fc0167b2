"""What the handlers need of the store: a port for each noun, in its folder, and all of them as one."""

from typing import Protocol

from services.journey.domain.rules import Rules
from services.journey.handlers.calls.ports import Calls
from services.journey.handlers.contacts.ports import Contacts, Talks
from services.journey.handlers.customers.ports import CustomerStore, DeviceStore, OwnedStore, Reader
from services.journey.handlers.deliveries.ports import Deliveries
from services.journey.handlers.erasures.ports import Erasures
from services.journey.handlers.messages.ports import (
    Clicks,
    Consents,
    Holdouts,
    MailRates,
    Messages,
    Suppressions,
)
from services.journey.handlers.plays.ports import (
    Assignments,
    Audiences,
    Drafts,
    HandOffs,
    Members,
    Plays,
    Runs,
    Tasks,
)
from services.journey.handlers.portfolios.ports import Portfolios
from services.journey.handlers.products.ports import Offers, ProductStore
from services.journey.handlers.referrals.ports import Referrals
from services.journey.handlers.renewals.ports import Renewals
from shared import unit


class Store(Protocol):
    """Journey's tables within one transaction."""

    @property
    def customers(self) -> CustomerStore: ...
    @property
    def contacts(self) -> Contacts: ...
    @property
    def talks(self) -> Talks: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def portfolios(self) -> Portfolios: ...
    @property
    def devices(self) -> DeviceStore: ...
    @property
    def owned(self) -> OwnedStore: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def products(self) -> ProductStore: ...
    @property
    def offers(self) -> Offers: ...
    @property
    def referrals(self) -> Referrals: ...
    @property
    def renewals(self) -> Renewals: ...
    @property
    def erasures(self) -> Erasures: ...
    @property
    def plays(self) -> Plays: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def runs(self) -> Runs: ...
    @property
    def audiences(self) -> Audiences: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def clicks(self) -> Clicks: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def suppressions(self) -> Suppressions: ...
    @property
    def holdouts(self) -> Holdouts: ...
    @property
    def mail_rates(self) -> MailRates: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def members(self) -> Members: ...
    @property
    def assignments(self) -> Assignments: ...
    @property
    def hand_offs(self) -> HandOffs: ...
    @property
    def reader(self) -> Reader: ...


Unit = unit.Unit[Store, Rules]
"""What every handler is given."""
