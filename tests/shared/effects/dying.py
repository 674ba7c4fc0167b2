"""A process that sends mails as effects and is killed at one point: `dying.py DATABASE SMTP POINT`."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from email.message import EmailMessage

from shared.clock import WallClock
from shared.db.engine import make_engine
from shared.effects import rows
from shared.effects.effect import Accepted, Policy
from shared.effects.kind import Kind, singly
from shared.effects.runner import Runner
from shared.effects.smtp import Courier

SECOND = timedelta(seconds=1)
# the commits of an effect's way, and its act: (writes so far, before or after it is committed)
POINTS = (
    "before claim", "after claim", "before dispatch", "after dispatch", "after act",
    "before settle", "after settle",
)  # fmt: skip
MAIL = Policy(repeats=1, within=5 * SECOND, lease=10 * SECOND)
STATE = {"claim": "claimed", "dispatch": "dispatched", "settle": "accepted"}


def mail_kind(smtp: str, policy: Policy = MAIL, die=lambda point: None) -> Kind[EmailMessage]:
    courier = Courier(smtp, "us@example.org")

    async def prepare(connection, effect, now):
        message = EmailMessage()
        message["From"], message["To"] = courier.sender, f"{effect.about}@example.org"
        message["Message-ID"] = courier.message_id(effect.id)
        message.set_content("Good day.")
        return message

    async def act(message):
        outcome = await courier.send(message)
        if outcome == Accepted():
            die("after act")
        return outcome

    return Kind("mail", policy, singly(prepare), act)


async def main(url: str, smtp: str, point: str) -> None:
    def die(reached: str) -> None:
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    write = rows.write
    engine = make_engine(url)

    async def dying_write(connection, changes, *more):
        held = await write(connection, changes, *more)
        for name, state in STATE.items():
            if any(change.effect.state == state for change in changes):
                die(f"before {name}")
                if point == f"after {name}":
                    await connection.commit()
                    die(point)
        return held

    rows.write = dying_write
    await Runner(engine, [mail_kind(smtp, die=die)], WallClock()).drain()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
