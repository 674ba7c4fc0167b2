"""/answer/{token}: a customer answers a question of a mail. Opening it never does; a POST does."""

from html import escape
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse

from services.journey.edges.api.units import Public
from services.journey.edges.public.page import gone, page
from services.journey.errors import UnknownAnswer
from services.journey.handlers.messages.answer import Question, answer, question_of
from shared.errors import NotFound

Token = Annotated[str, Path(max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]
MOST_BYTES, MOST_WORDS = 16_000, 2_000

router = APIRouter(prefix="/answer", tags=["public"], include_in_schema=True)
GONE = gone("Nothing to answer")


@router.get("/{token}", response_class=HTMLResponse, responses=GONE)
async def read_question(public: Public, token: Token) -> HTMLResponse:
    """The question with what can be answered; scanners that open it answer nothing."""
    try:
        async with public() as unit:
            question = await question_of(unit, token)
    except NotFound:
        return _gone()
    return _thanks() if question.answered else _ask(200, question)


@router.post("/{token}", response_class=HTMLResponse, responses=GONE)
async def answer_question(public: Public, token: Token, request: Request) -> HTMLResponse:
    """Answer it, once: a second answer changes nothing."""
    body = await request.body()
    try:
        given = parse_qs(body[:MOST_BYTES].decode(), max_num_fields=10)
    except ValueError:
        given = {}
    choice = given.get("answer", [""])[0]
    words = given.get("words", [""])[0].replace("\0", "").strip()[:MOST_WORDS] or None
    try:
        async with public() as unit:
            await answer(unit, token, choice, words)
    except NotFound:
        return _gone()
    except UnknownAnswer:
        async with public() as unit:
            return _ask(422, await question_of(unit, token))
    return _thanks()


def _ask(status: int, question: Question) -> HTMLResponse:
    asked = question.asked
    choices = "".join(
        f'<p><label><input type="radio" name="answer" required value="{escape(value)}">'
        f" {escape(value)}</label></p>"
        for value in asked.values
    )
    form = (
        f'<form method="post">{choices}<p><label>In your own words, if you like<br>'
        f'<textarea name="words" maxlength="{MOST_WORDS}" rows="4" cols="40"></textarea></label></p>'
        '<button type="submit">Answer</button></form>'
    )
    said = "Choose one." if status == 200 else "Please choose one of these."
    return page(status, asked.question or asked.says, said, form)


def _thanks() -> HTMLResponse:
    return page(200, "Thank you", "We have your answer.")


def _gone() -> HTMLResponse:
    return page(404, "Nothing to answer", "This link is not good any more.")
