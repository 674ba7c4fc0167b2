"""The routes every service has besides its own: ready-made routers that read `app.state`."""

from fastapi import APIRouter

from shared.web import ledger


def shared_routers() -> list[APIRouter]:
    """The ledger; topics and quarantine join here."""
    return [ledger.router]
