"""Analytics' routes: which there are, who may use them, and how much of the data they show."""

from services.analytics.edges.api import care, customers, findings, risks
from services.analytics.store.customers import export
from shared.web.guards.rights import Right, all_of, audit_for, numbers
from shared.web.routes import personal

ROUTERS = (
    customers.router,
    care.router,
    risks.router,
    findings.router,
    personal.router(export.collect),
)

_CARERS = all_of("csm", "lead", "admin")
_WRITTEN = all_of("csm", "agent", "lead", "admin")  # who reads what colleagues wrote
_READERS = all_of("csm", "agent", "lead", "oncall", "admin", "service")

RIGHTS: tuple[Right, ...] = (
    Right("GET", "/v1/customers/{customer}/risk", _READERS),
    Right("GET", "/v1/customers/{customer}/health", _READERS),
    Right("GET", "/v1/customers/{customer}/onset", _READERS),
    Right("GET", "/v1/customers/{customer}/days", _READERS),
    Right("GET", "/v1/risks", _READERS),
    Right("GET", "/v1/risks/heads", _READERS | numbers("product", "marketing")),
    Right("GET", "/v1/risks/summary", _READERS | numbers("product", "marketing")),
    Right("GET", "/v1/risks/days", _READERS | numbers("product", "marketing")),
    Right("GET", "/v1/risks/outages", _READERS),
    Right("GET", "/v1/risks/unreachable", _READERS),
    Right("GET", "/v1/risks/declines", _READERS | numbers("product", "marketing")),
    Right("GET", "/v1/risks/uses", _READERS),
    Right("GET", "/v1/risks/{customer}/contacts", _WRITTEN),
    Right("POST", "/v1/risks/{customer}/contacts", _CARERS),
    Right("GET", "/v1/risks/{customer}/snooze", _WRITTEN),
    Right("POST", "/v1/risks/{customer}/snooze", _CARERS),
    Right("DELETE", "/v1/risks/{customer}/snooze", _CARERS),
    Right("GET", "/v1/findings", _READERS),
    Right("GET", "/v1/personal/{customer}", all_of("service")),
    *audit_for("lead"),
)
