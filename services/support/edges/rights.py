"""Who may use support's routes, and how much of the data they show."""

from shared.web.rights import Right, all_of, numbers

_DESK = all_of("agent", "csm", "lead", "admin")
_READERS = _DESK | all_of("oncall", "service")

RIGHTS: tuple[Right, ...] = (
    Right("GET", "/v1/tickets", _READERS),
    Right("GET", "/v1/tickets/summary", _READERS | numbers("product", "marketing")),
    Right("GET", "/v1/tickets/{ticket_id}", _READERS),
    Right("GET", "/v1/tickets/{ticket_id}/history", _READERS),
    Right("POST", "/v1/tickets/{ticket_id}/assign", _DESK),
    Right("POST", "/v1/tickets/{ticket_id}/comment", _DESK),
    Right("POST", "/v1/tickets/{ticket_id}/resolve", _DESK),
    Right("POST", "/v1/tickets/{ticket_id}/reopen", _DESK),
)
