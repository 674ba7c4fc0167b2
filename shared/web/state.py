"""What wiring has put into `app.state`, for routes to find: read in one way, by every service.

Signing = Annotated[Signer, Depends(of_state("signer"))]
"""

from collections.abc import Callable
from typing import Any

from fastapi import Request


def of_state(name: str) -> Callable[[Request], Any]:
    """A dependency: what stands under this name; its type is written where it is used."""

    def read(request: Request) -> Any:
        return getattr(request.app.state, name)

    return read
