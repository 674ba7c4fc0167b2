"""What questions by mail have in common: they go out, and an answer is waited for, but only so long."""

from services.journey.domain.customers.state import Dated
from services.journey.domain.facts import fact_of
from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.run import SendMessage
from services.journey.domain.steps.mail import HELD_BACK
from services.journey.domain.steps.step import Look, Outcome, Waits, Words

TIMED_OUT = "timed out"


def ask(at: Look, message: str, fact: str, at_most_s: int) -> Waits | Outcome | Dated:
    """Ask once by mail, then wait: the answer, or how the step is over without one."""
    end = at.since + at_most_s + at.paused_s
    if at.told == HELD_BACK:
        return Outcome(HELD_BACK, at.now)
    given = fact_of(fact).events(at.known.state, at.since, end)
    answers = [mark for mark in given if isinstance(mark, Dated)]
    if answers:
        return min(answers)
    if at.now >= end:
        return Outcome(TIMED_OUT, end)
    asked = SendMessage(message, at.key, at.visit, fact, end)
    return Waits(end, (asked,) if at.first else ())


def read_message(step: Part, words: Words) -> str:
    """The message that a question goes out with."""
    named = step.field("message")
    message = named.word(words.messages, "message")
    if message in words.messages and message not in words.asking:
        named.bad(f"`{message}` needs a link to `{{{{ answer_url }}}}`, where one answers")
    return message
