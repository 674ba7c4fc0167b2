"""/v1/webhooks/{shop}: what shops and billing systems tell us, signed as Standard Webhooks says."""

import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from services.journey.domain.messages.signature import TOLERANCE_S, is_signed
from services.journey.edges.api.units import Shops
from services.journey.errors import NotUnderstood
from services.journey.handlers.deliveries.deliver import Outcome, Sent, deliver, keep
from shared import metrics
from shared.errors import NotFound
from shared.web.problems import Problem

ID = re.compile(r"[A-Za-z0-9._:-]{1,200}")
SECONDS = re.compile(r"[0-9]{1,12}")
Name = Annotated[
    str, Path(alias="shop", pattern=r"^[a-z0-9-]{1,40}$", description="As its file says.")
]
JSON = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}

router = APIRouter(prefix="/v1/webhooks", tags=["public"])


class WebhookOut(BaseModel):
    """What has become of it."""

    state: str = Field(
        description="done; ignored: of no matter here; kept: until people see to it."
    )
    repeated: bool = Field(description="It came before under this id, and was not done again.")


@router.post("/{shop}", openapi_extra=JSON)
async def receive_webhook(shops: Shops, name: Name, request: Request) -> WebhookOut:
    """Do what a shop tells, once; what cannot be understood is kept, and answered with success.

    `webhook-id`, `webhook-timestamp` (five minutes from now at most) and `webhook-signature` as Standard
    Webhooks has them.
    """
    shop, keys = shops.rules.playbook.shops.get(name), shops.rules.keys.get(name)
    if shop is None or not keys:
        raise Problem(404, "shop_not_found", "No such shop is listened to")
    id_, at = _head(request, shops.now())
    body = await request.body()
    signatures = request.headers.get("webhook-signature", "")
    if not is_signed(keys, id_, at, body, signatures):
        raise _refused("bad_signature", "The signature is of another secret, id, time or body")
    sent = Sent(shop, f"{name}/{id_}", datetime.fromtimestamp(at, UTC), body)
    outcome = await _done(shops, name, sent)
    word = "repeated" if outcome.repeated else outcome.became
    metrics.DELIVERIES.labels(name, word).inc()
    return WebhookOut(state=outcome.became, repeated=outcome.repeated)


async def _done(shops: Shops, name: str, sent: Sent) -> Outcome:
    try:
        async with shops.begin(name) as unit:
            return await deliver(unit, sent)
    except NotFound as missing:  # its own words name an id
        why = f"no such {missing.noun} is known yet"
    except NotUnderstood as refusal:
        why = str(refusal)
    async with shops.begin(name) as unit:
        return await keep(unit, sent, why)


def _head(request: Request, now: datetime) -> tuple[str, int]:
    """Id and time, before anything is read of the body. Raises: Problem 401."""
    id_ = request.headers.get("webhook-id", "")
    at = request.headers.get("webhook-timestamp", "")
    if ID.fullmatch(id_) is None or SECONDS.fullmatch(at) is None:
        raise _refused("not_signed", "webhook-id and webhook-timestamp are missing, or none")
    if abs(now.timestamp() - int(at)) > TOLERANCE_S:
        raise _refused("too_old", f"webhook-timestamp: expected within {TOLERANCE_S} s of now")
    return id_, int(at)


def _refused(why: str, title: str) -> Problem:
    metrics.REFUSED.labels(f"webhook_{why}").inc()
    return Problem(401, why, title)
