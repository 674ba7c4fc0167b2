"""Who may use journey's routes, and how much of the data they show."""

from shared.web.guards.rights import EFFECTS, Right, all_of, audit_for, masked

_READERS = all_of("csm", "agent", "lead", "admin", "vendor", "service") | masked("oncall")
_SELLERS = all_of("csm", "agent", "lead", "product", "marketing", "admin", "vendor", "service")
_LOOKERS = all_of("csm", "agent", "lead", "product", "marketing", "oncall", "admin", "vendor")
_KEEPERS = all_of("csm", "lead", "admin", "vendor")
_TEAMS = all_of("csm", "agent", "lead", "admin")  # and of these, who is of the task's team

RIGHTS: tuple[Right, ...] = (
    Right("GET", "/v1/customers", _READERS),
    Right("GET", "/v1/customers/{id}", _READERS),
    Right("GET", "/v1/customers/{id}/contact", all_of("csm", "agent", "lead", "admin", "service")),
    Right("GET", "/v1/customers/{id}/export", all_of("lead", "admin")),
    Right("GET", "/v1/personal/{customer}", all_of("service")),
    Right("POST", "/v1/customers/{id}/erasure", all_of("lead", "admin")),
    Right("GET", "/v1/customers/{id}/erasure", all_of("csm", "lead", "admin", "oncall")),
    Right("GET", "/v1/erasures", all_of("csm", "lead", "admin", "oncall")),
    Right("POST", "/v1/erasures/tell", all_of("admin", "oncall")),
    Right("GET", "/v1/stages", _LOOKERS),
    Right("GET", "/v1/stages/days", _LOOKERS),
    Right("GET", "/v1/stages/flow", _LOOKERS),
    Right("GET", "/v1/stages/map", _LOOKERS),
    Right("POST", "/v1/customers", _KEEPERS),
    Right("POST", "/v1/customers/import", all_of("admin", "vendor")),
    Right("POST", "/v1/customers/{id}/purchases", _KEEPERS),
    Right("GET", "/v1/customers/{id}/purchases/{purchase}", _READERS),
    Right("PUT", "/v1/customers/{id}/purchases/{purchase}", _KEEPERS),
    Right("POST", "/v1/customers/{id}/purchases/{purchase}/withdraw", _KEEPERS),
    Right("POST", "/v1/customers/{id}/terms/{term}/withdraw", _KEEPERS),
    Right("GET", "/v1/customers/{id}/subscription", _READERS),
    Right("PUT", "/v1/customers/{id}/subscription", _KEEPERS),
    Right("GET", "/v1/customers/{id}/offers", all_of("csm", "agent", "lead", "marketing", "oncall", "admin", "service")),
    Right("GET", "/v1/products", _SELLERS),
    Right("GET", "/v1/products/{id}", _SELLERS),
    Right("PUT", "/v1/products/{id}", all_of("product", "admin", "vendor")),
    Right("POST", "/v1/products/import", all_of("product", "admin", "vendor")),
    Right("POST", "/v1/renewals", all_of("admin", "vendor")),
    Right("GET", "/v1/jobs", all_of("vendor", "admin", "oncall")),
    Right("GET", "/v1/jobs/{id}", all_of("csm", "lead", "admin", "vendor", "oncall")),
    Right("GET", "/v1/plays", all_of("csm", "agent", "lead", "product", "marketing", "admin", "oncall", "service")),
    Right("GET", "/v1/plays/counts", all_of("csm", "lead", "product", "marketing", "admin", "oncall", "service")),
    Right("POST", "/v1/plays/{play}/rehearsals", all_of("lead", "marketing", "admin")),
    Right("GET", "/v1/plays/{play}/rehearsals", all_of("csm", "lead", "marketing", "admin")),
    Right("GET", "/v1/rehearsals/{id}", all_of("csm", "lead", "marketing", "admin")),
    Right("POST", "/v1/rehearsals/{id}/cancel", all_of("lead", "marketing", "admin")),
    Right("GET", "/v1/customers/{id}/plays", all_of("csm", "agent", "lead", "admin", "oncall", "service")),
    Right("GET", "/v1/customers/{id}/consent", all_of("csm", "agent", "lead", "admin", "oncall", "service")),
    Right("PUT", "/v1/customers/{id}/consent/agreements/{purpose}", _TEAMS),
    Right("PUT", "/v1/customers/{id}/consent/topics/{topic}", _TEAMS),
    Right("GET", "/v1/tasks", _TEAMS),
    Right("GET", "/v1/tasks/{id}", _TEAMS),
    Right("POST", "/v1/tasks/{id}/claim", _TEAMS),
    Right("POST", "/v1/tasks/{id}/release", _TEAMS),
    Right("POST", "/v1/tasks/{id}/done", _TEAMS),
    Right("GET", "/leave/{token}", {}, open=True, why="customers leave a topic by a link of a mail; names the topic"),
    Right("POST", "/leave/{token}", {}, open=True, why="one click leaves the topic of the mail (RFC 8058)"),
    Right("GET", "/answer/{token}", {}, open=True, why="customers answer a question by a link of a mail; shows the question"),
    Right("POST", "/answer/{token}", {}, open=True, why="one answer to the question of the mail"),
    *EFFECTS,
    *audit_for("lead"),
)  # fmt: skip
