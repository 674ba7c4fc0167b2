"""The console's pages. `PAGES` is the catalogue: navigation, rights and tests come from it.

A page is one file with its router, one template beside it, and one line here. What has no line is for
nobody.
"""

from fastapi import APIRouter, Depends

from services.console.edges.pages import statics
from services.console.edges.pages.accounts import account, staff, wishes
from services.console.edges.pages.audit import audit
from services.console.edges.pages.customers import (
    consent,
    contacts,
    customer_acts,
    customer_offers,
    customers,
    portfolios,
    profile,
    talks,
)
from services.console.edges.pages.devices import devices
from services.console.edges.pages.forms import guarded
from services.console.edges.pages.jobs import imports, jobs
from services.console.edges.pages.live import live
from services.console.edges.pages.on_call import deliveries, on_call, quarantine, refusals
from services.console.edges.pages.page import Page
from services.console.edges.pages.palette import palette
from services.console.edges.pages.partners import organisations
from services.console.edges.pages.plays import (
    audiences,
    messages,
    play_draft,
    plays,
    rehearsals,
    suppressions,
)
from services.console.edges.pages.products import products
from services.console.edges.pages.programs import programs
from services.console.edges.pages.referrals import referrals
from services.console.edges.pages.renewals import renewals
from services.console.edges.pages.risks import at_risk
from services.console.edges.pages.sessions import forgotten, sign_in, welcome
from services.console.edges.pages.stages import journey
from services.console.edges.pages.tasks import hand_offs, tasks
from services.console.edges.pages.tickets import bulk, contact, ticket, tickets
from services.console.edges.pages.today import first_steps, home, today
from shared.web.who import Role

EVERYBODY: frozenset[Role] = frozenset(
    {"csm", "agent", "lead", "product", "marketing", "oncall", "admin", "partner"}
)
STAFF: frozenset[Role] = EVERYBODY - {"partner"}
ADMIN: frozenset[Role] = frozenset({"admin"})
SELLERS: frozenset[Role] = STAFF - {"oncall"}
CARERS: frozenset[Role] = STAFF - {"product", "marketing"}  # who work for single customers

PAGES: tuple[Page, ...] = (
    Page("/", "home.title", why="leads to the first page, or to the sign-in"),
    Page("/static/{name}", "home.title", why="style and scripts: the same for everybody"),
    Page("/sign-in", "sign_in.title", why="this is where people prove who they are"),
    Page("/welcome", "welcome.title", why="the link is the proof"),
    Page(
        "/today",
        "today.title",
        "home",
        "t",
        EVERYBODY,
        "work",
        no_file="numbers that lead to lists with files",
    ),
    Page("/tickets", "tickets.title", "ticket", "q", tickets.ROLES, "work"),
    Page("/tasks", "tasks.title", "phone", "w", hand_offs.ROLES, "work"),
    Page("/handoffs", "handoffs.title", "share", "h", hand_offs.ROLES, "work"),
    Page("/customers", "customers.title", "users", "c", CARERS, "work"),
    Page(
        "/journey",
        "journey.title",
        "route",
        "j",
        STAFF,
        "work",
        no_file="a picture of stages: the customers of each are a list",
    ),
    Page("/devices", "devices.title", "camera", "d", CARERS, "work"),
    Page("/apps", "devices.apps", roles=CARERS),
    Page("/at-risk", "at_risk.title", "trending-down", "r", CARERS, "work"),
    Page("/renewals", "renewals.title", "calendar", "n", renewals.READERS, "work"),
    Page("/portfolios", "portfolios.title", "briefcase", "f", portfolios.ROLES, "work"),
    Page("/discoveries", "talks.discoveries", "search", "v", talks.ROLES, "work"),
    Page("/products", "products.title", "shopping", "s", SELLERS, "work"),
    Page("/plays", "plays.title", "flag", "y", STAFF, "work"),
    Page("/messages", "messages.title", "mail", "m", STAFF, "work"),
    Page("/suppressions", "consent.suppressions", "ban", "x", suppressions.ROLES, "work"),
    Page("/referrals", "referrals.title", "heart", "a", referrals.ROLES, "work"),
    Page("/plays/{play}/draft", "plays.draft.title", roles=play_draft.WRITERS),
    Page("/plays/{play}/audience", "audience.title", roles=audiences.ROLES),
    Page("/plays/{play}/rehearsal", "rehearsals.title", roles=rehearsals.ROLES),
    Page("/forgotten", "forgotten.title", why="answers the same for every address"),
    Page(
        "/on-call",
        "on_call.title",
        "activity",
        "l",
        on_call.ROLES,
        "system",
        no_file="states of this moment: its lists have files",
    ),
    Page("/people", "staff.title", "user", "p", ADMIN, "admin"),
    Page("/organisations", "organisations.title", "building", "o", organisations.ROLES, "admin"),
    Page("/keys", "programs.title", "key", "k", ADMIN, "admin"),
    Page("/live", "live.title", roles=EVERYBODY),
    Page("/palette", "palette.title", roles=EVERYBODY),
    Page("/audit", "audit.title", "history", "u", ADMIN, "admin"),
    Page("/imports", "imports.title", "upload", "i", imports.ROLES, "admin", no_file="takes files"),
    Page("/jobs", "jobs.title", "hourglass", "b", jobs.ROLES, "admin"),
    Page("/account", "account.title", roles=EVERYBODY),
    Page("/sign-out", "sign_out.title", roles=EVERYBODY),
)

ROUTERS: tuple[APIRouter, ...] = (
    statics.router,
    home.router,
    sign_in.router,
    welcome.router,
    forgotten.router,
    today.router,
    first_steps.router,
    imports.router,
    tickets.router,
    bulk.router,
    contact.router,
    ticket.router,
    tasks.router,
    hand_offs.router,
    plays.router,
    messages.router,
    play_draft.router,
    audiences.router,
    rehearsals.router,
    suppressions.router,
    referrals.router,
    renewals.router,
    customers.router,
    customer_offers.router,
    customer_acts.router,
    profile.router,
    consent.router,
    contacts.router,
    talks.router,
    portfolios.router,
    journey.router,
    devices.router,
    at_risk.router,
    products.router,
    staff.router,
    on_call.router,
    deliveries.router,
    refusals.router,
    quarantine.router,
    organisations.router,
    programs.router,
    audit.router,
    jobs.router,
    palette.router,
    live.router,
    account.router,
    wishes.router,
)

router = APIRouter(dependencies=[Depends(guarded)])  # no change comes from elsewhere
for router_of_page in ROUTERS:
    router.include_router(router_of_page)
