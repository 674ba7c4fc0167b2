"""The routes every service has besides its own: ready-made routers that read `app.state`."""

from fastapi import APIRouter

from shared.web.routes import audit, ledger, quarantine, topics


def shared_routers() -> list[APIRouter]:
    """Ledger, topics, quarantine and audit; they need `engine`, `handlers` and `topic_watch` in the state."""
    return [ledger.router, topics.router, quarantine.router, audit.router]
