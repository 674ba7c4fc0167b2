"""Ingest's routes: which there are, who may use them, and how much of the data they show."""

from services.ingest.edges.api import app_messages, claims, credentials, rejects, sources
from services.ingest.store.customers import export
from shared.web.guards.rights import Right, all_of, audit_for, numbers
from shared.web.routes import jobs as web_jobs
from shared.web.routes import personal

ROUTERS = (
    app_messages.router,
    sources.devices,
    sources.apps,
    sources.models,
    claims.router,
    credentials.router,
    rejects.router,
    personal.router(export.collect),
    web_jobs.router,
)

_KEEPERS = all_of("vendor", "admin")  # they change the registry
_IMPORTERS = all_of("vendor", "admin", "product")  # many at once, before they are sold
_READERS = all_of("vendor", "admin", "csm", "agent", "lead", "oncall", "service")
_ONCALL = all_of("oncall", "admin")
_LOOKERS = all_of("vendor", "admin", "oncall")
_ENDERS = all_of("vendor", "admin", "oncall")  # a stolen credential cannot wait for the morning

RIGHTS: tuple[Right, ...] = (
    Right("GET", "/v1/devices", _READERS),
    Right("GET", "/v1/models", _READERS | numbers("product")),
    Right("GET", "/v1/devices/{id}", _READERS),
    Right("POST", "/v1/devices", _KEEPERS),
    Right("POST", "/v1/devices/import", _IMPORTERS),
    Right("POST", "/v1/devices/import/{job}/cancel", _IMPORTERS),
    Right("POST", "/v1/devices/import/{job}/passwords", _IMPORTERS),
    Right("POST", "/v1/devices/{id}/claim", _KEEPERS),
    Right("POST", "/v1/devices/{id}/move", _KEEPERS),
    Right("POST", "/v1/devices/{id}/retire", _KEEPERS),
    Right("GET", "/v1/apps", _READERS),
    Right("GET", "/v1/apps/{id}", _READERS),
    Right("POST", "/v1/apps", _KEEPERS),
    Right("POST", "/v1/apps/messages", all_of("service")),
    Right("POST", "/v1/apps/import", _KEEPERS),
    Right("POST", "/v1/apps/{id}/claim", _KEEPERS),
    Right("POST", "/v1/apps/{id}/move", _KEEPERS),
    Right("POST", "/v1/apps/{id}/retire", _KEEPERS),
    Right("POST", "/v1/claims", _KEEPERS),
    Right("POST", "/v1/devices/credentials", _KEEPERS),
    Right("POST", "/v1/devices/{id}/credentials", _KEEPERS),
    Right("GET", "/v1/devices/{id}/credentials", _LOOKERS),
    Right("POST", "/v1/devices/{id}/credentials/revoke", _ENDERS),
    Right("POST", "/v1/devices/{id}/credentials/{credential}/revoke", _ENDERS),
    Right("POST", "/v1/devices/{id}/certificates", _KEEPERS),
    Right("POST", "/v1/apps/credentials", _KEEPERS),
    Right("POST", "/v1/apps/{id}/credentials", _KEEPERS),
    Right("GET", "/v1/apps/{id}/credentials", _LOOKERS),
    Right("POST", "/v1/apps/{id}/credentials/revoke", _ENDERS),
    Right("POST", "/v1/apps/{id}/credentials/{credential}/revoke", _ENDERS),
    Right("POST", "/v1/apps/{id}/certificates", _KEEPERS),
    Right("POST", "/v1/devices/{id}/claim-code", _KEEPERS),
    Right("POST", "/v1/claims/code", _KEEPERS),
    Right("GET", "/v1/broker/refused", _ONCALL),
    Right("GET", "/v1/jobs", _IMPORTERS | _ONCALL),
    Right("GET", "/v1/jobs/{id}", _IMPORTERS | _ONCALL),
    Right("GET", "/v1/personal/{customer}", all_of("service")),
    Right("GET", "/v1/rejects", _ONCALL),
    Right("GET", "/v1/rejects/summary", all_of("oncall", "admin", "lead", "product")),
    Right("GET", "/v1/rejects/sources", _ONCALL),
    Right("GET", "/v1/rejects/{id}", _ONCALL),
    *audit_for(),
)
