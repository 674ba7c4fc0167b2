"""Support's routes: which there are, who may use them, and how much of the data they show."""

from services.support.edges.api.customers import contact
from services.support.edges.api.partners import organisations, sharing
from services.support.edges.api.tickets import tickets
from services.support.store.customers import export
from shared.web.guards.rights import SHARED, Right, all_of, audit_for, numbers
from shared.web.routes import personal

ROUTERS = (
    tickets.router,
    sharing.router,
    contact.router,
    organisations.router,
    personal.router(export.collect),
)

_DESK = all_of("agent", "csm", "lead", "admin")
_READERS = _DESK | all_of("oncall", "service")
_SHARERS = all_of("lead", "admin")

RIGHTS: tuple[Right, ...] = (
    Right("GET", "/v1/tickets", _READERS | SHARED),
    Right("POST", "/v1/tickets", _DESK | all_of("service")),
    Right("GET", "/v1/tickets/counts", _READERS),
    Right("GET", "/v1/tickets/search", _READERS | SHARED),
    Right("GET", "/v1/tickets/visible", _READERS | SHARED),
    Right("GET", "/v1/tickets/summary", _READERS | numbers("product", "marketing")),
    Right("GET", "/v1/tickets/days", _READERS | numbers("product", "marketing")),
    Right("GET", "/v1/tickets/{ticket_id}", _READERS | SHARED),
    Right("GET", "/v1/tickets/{ticket_id}/history", _READERS | SHARED),
    Right("GET", "/v1/tickets/{ticket_id}/neighbours", _READERS | SHARED),
    Right("POST", "/v1/tickets/{ticket_id}/assign", _DESK),
    Right("POST", "/v1/tickets/{ticket_id}/comment", _DESK | SHARED),
    Right("POST", "/v1/tickets/{ticket_id}/resolve", _DESK | SHARED),
    Right("POST", "/v1/tickets/{ticket_id}/reopen", _DESK),
    Right("POST", "/v1/tickets/{ticket_id}/share", _SHARERS),
    Right("POST", "/v1/tickets/{ticket_id}/unshare", _SHARERS),
    Right("POST", "/v1/tickets/{ticket_id}/reveal", _DESK | SHARED),
    Right("GET", "/v1/tickets/{ticket_id}/contact", _DESK | SHARED),
    Right("GET", "/v1/personal/{customer}", all_of("service")),
    Right("GET", "/v1/organisations", _READERS),
    Right("POST", "/v1/organisations", _SHARERS),
    Right("GET", "/v1/organisations/{id}", _READERS),
    Right("PATCH", "/v1/organisations/{id}", _SHARERS),
    *audit_for("lead"),
)
