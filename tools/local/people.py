"""Whom a local stack signs in by a link; a partner's agent has an organisation at support, and so a desk."""

from pathlib import Path
from typing import Any

PEOPLE = ("csm", "agent", "partner", "lead", "product", "marketing", "oncall", "admin")
PARTNER = "bluebird"  # nobody's real name


async def ensure_partner(support: str, folder: Path, organisation: str) -> None:
    """Add the organisation where it is not there yet; its name is made of its id."""
    # both take longer to load than most commands run
    import httpx

    from tools.local.auth import Operator

    name = organisation.replace("-", " ").title()
    new: dict[str, Any] = {"id": organisation, "name": name}
    async with httpx.AsyncClient(trust_env=False, timeout=30, auth=Operator(folder)) as http:
        answer = await http.post(f"{support}/v1/organisations", json=new)
        if answer.status_code != httpx.codes.CONFLICT:
            answer.raise_for_status()
