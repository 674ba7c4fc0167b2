"""/v1/replies: customers replied to mails; whatever gets their replies tells it, never the words."""

from fastapi import APIRouter, Response
from pydantic import Field

from services.journey.edges.api.units import ChangeOnce, Unit
from services.journey.handlers.messages.reply import reply_to
from shared.web.bodies import Body, View

router = APIRouter(prefix="/v1/replies", tags=["plays"])


class ReplyIn(Body):
    """Which mail was replied to."""

    message: str = Field(
        min_length=1, max_length=200, pattern=r"^[^\x00]*$",
        description="`In-Reply-To` of the reply: the Message-ID of a mail of ours.",
    )  # fmt: skip


class ReplyOut(View):
    """The mail it was a reply to."""

    id: str
    customer: str
    play: str
    step: str
    message: str


@router.post("", status_code=202, response_model=ReplyOut)
async def note_reply(once: ChangeOnce, told: ReplyIn) -> Response:
    """A customer has replied to a mail: it becomes a task, and plays are silent until that is done."""

    async def work(unit: Unit) -> ReplyOut:
        return ReplyOut.model_validate(await reply_to(unit, told.message))

    return await once(202, work)
