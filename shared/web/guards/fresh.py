"""A second factor given a moment ago: for what cannot be undone, or shows what is hidden.

A stolen token is good for five minutes. So a route that erases, exports, reveals or hands out rights
asks for more: the token says when its person last gave a code (shared/web/guards/token.py), and that must be
recent. Our own services pass, because they have no telephone; a program passes where its key was
confined to this very route by somebody who had just given a code.
"""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request

from shared import metrics
from shared.clock import monotonic, wall_now
from shared.web.guards import hourly
from shared.web.guards.auth import Caller
from shared.web.problems import Problem
from shared.web.who import STEP_UP, Who

KIND = "second_factor_needed"


def is_fresh(who: Who, now: datetime, within: timedelta = STEP_UP) -> bool:
    """Whether a second factor was given recently enough for a sensitive act."""
    return who.second_factor_at is not None and now - who.second_factor_at < within


def may(who: Who, now: datetime) -> bool:
    """Whether somebody may do a sensitive act now, as far as the second factor goes."""
    if who.kind == "service" or (who.kind == "key" and who.scopes is not None):
        return True
    return is_fresh(who, now)


def check(who: Who, now: datetime) -> None:
    """Raises Problem 401: a second factor is missing or too old; it says what to do."""
    if may(who, now):
        return
    metrics.REFUSED.labels(KIND).inc()
    seconds = int(STEP_UP.total_seconds())
    what = (
        "A key for this names the route in its `scopes`: make one at POST /v1/keys of console."
        if who.kind == "key"
        else "Give a code at POST /v1/me/step-up of console (without a second factor yet: "
        "POST /v1/me/second-factor), get a new token at POST /v1/tokens, then send this again."
    )
    raise Problem(
        401,
        KIND,
        "This needs a second factor given a moment ago",
        what,
        # RFC 9470 section 3
        headers={
            "WWW-Authenticate": f'Bearer error="insufficient_user_authentication", max_age={seconds}'
        },
        max_age_s=seconds,
    )


async def _fresh(request: Request, who: Caller) -> Who:
    check(who, wall_now())
    route: str = request.scope["route"].path
    hourly.of(request.app).take(who, f"{request.method} {route}", monotonic())
    return who


SECOND_FACTOR = Depends(_fresh)
"""For a route's `dependencies`: refuses who has not given a second factor a moment ago, and who has
done this too often within the hour."""
Stepped = Annotated[Who, SECOND_FACTOR]
"""A route's argument: who asks, with a second factor given a moment ago."""
