"""What the routes of every service find in the application, by type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.clock import Clock
from shared.stream.apply import Handle


@dataclass(frozen=True, slots=True)
class Application:
    """The running service, as its own routes see it.

    Attributes:
        handlers: by topic; empty where the service reads none.
    """

    service: str
    engine: AsyncEngine
    clock: Clock
    handlers: Mapping[str, Handle]


def _application(request: Request) -> Application:
    state = request.app.state
    return Application(state.service, state.engine, state.clock, getattr(state, "handlers", {}))


Running = Annotated[Application, Depends(_application)]
"""A route's argument."""
