"""What wiring has put into `app.state`, for routes to find: read in one way, by every service.

Signing = Annotated[Signer, Depends(of_state("signer"))]
"""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request


def of_state(name: str, *default: object) -> Callable[[Request], Awaitable[Any]]:
    """A dependency: what stands under this name, or the default; its type is the parameter's."""

    async def read(request: Request) -> Any:
        return getattr(request.app.state, name, *default)

    return read
