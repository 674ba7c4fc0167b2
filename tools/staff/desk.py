"""The desk: what plays ask support for is answered and ended, as far as one agent gets by now."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from tools.staff.persona import SLOW, Person, draw

AGENT = Person("Hal", "desk", "agent", SLOW)
SAYS = (
    "The router keeps new devices out: switched off with the customer, the camera is in.",
    "Another power supply helped. Told the customer which ones do.",
    "We went through it once more on the phone; it was the second Wi-Fi network.",
    "It needs a newer app. The customer has it now.",
)
ENDED = ("config", "fix", "education", "fix")  # of each of these
TALKS = timedelta(days=1)  # from the first answer to the end


async def look(http: httpx.AsyncClient, now: datetime) -> None:
    """Answer and end tickets of plays whose time has come. Raises httpx.HTTPError."""
    wanted = {"state": "open", "origin": "play", "sort": "waiting", "limit": "200"}
    answer = await http.get("/v1/tickets", params=wanted)
    answer.raise_for_status()
    for ticket in answer.json()["items"]:
        await _see_to(http, ticket, now)


async def _see_to(http: httpx.AsyncClient, ticket: Mapping[str, Any], now: datetime) -> None:
    waited = now - datetime.fromisoformat(ticket["opened_at"])
    which = int(draw(ticket["id"], "says") * len(SAYS))
    path = f"/v1/tickets/{ticket['id']}"
    if ticket["version"] == 1 and waited >= AGENT.persona.after:
        await http.post(f"{path}/comment", json={"text": SAYS[which]})
    elif ticket["version"] > 1 and waited >= AGENT.persona.after + TALKS:
        await http.post(f"{path}/resolve", json={"resolution": ENDED[which]})
