"""A call or a meeting at a time that the customer chooses: a person of the team keeps it."""

from dataclasses import dataclass
from typing import ClassVar, Final

from typing_extensions import override

from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.run import OfferCall, SendMessage
from services.journey.domain.steps import task
from services.journey.domain.steps.mail import HELD_BACK, SENT
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words
from services.journey.domain.steps.task import Task

BOOKED, CANCELLED, NOT_BOOKED, NO_SHOW = "booked", "cancelled", "not booked", "no show"
OWN = (NO_SHOW, CANCELLED, NOT_BOOKED, HELD_BACK)
TAKEN: Final = frozenset({*OWN, BOOKED, SENT})  # words that runs are told otherwise
NOTICE_S, WITHIN_S, REMIND_S = 4 * 3_600, 14 * 86_400, 2 * 3_600  # where the play says nothing
SHORTEST_S, LONGEST_S, FURTHEST_S = 300, 8 * 3_600, 60 * 86_400


@dataclass(frozen=True, slots=True)
class Call(Task):
    """Has the customer choose one of the team's free times; the task is due at its end.

    Attributes:
        message: carries the link; confirm: says when it is, each time that changes, and that it is soon.
        at_most_s: so long they may choose.
        notice_s: the soonest time that is offered; within_s: the furthest. From the moment they look.
        remind_s: so long before it they are reminded.
    """

    kind: ClassVar[str] = "call"
    message: str
    confirm: str
    at_most_s: int
    notice_s: int
    within_s: int
    remind_s: int

    @property
    @override
    def outcomes(self) -> tuple[str, ...]:
        """What may come of it, with what the customer does about it."""
        return (*self.results, *OWN)

    @override
    def look(self, at: Look) -> Waits | Outcome:
        """Over with the result of the call, or when it is not booked in time."""
        word, _, until = (at.told or "").partition(" until ")
        if word == BOOKED:
            return Waits()
        if word in {*self.results, NO_SHOW, HELD_BACK}:
            return Outcome(word, at.now)
        end = at.since + self.at_most_s + at.paused_s
        if word == CANCELLED:
            end = max(end, int(until))
        if at.now >= end:
            return Outcome(CANCELLED if word == CANCELLED else NOT_BOOKED, end)
        return Waits(end, self._invites(at, end) if at.first else ())

    def _invites(self, at: Look, end: int) -> tuple[OfferCall, SendMessage]:
        offer = OfferCall(
            self.team, self.title, self.says, (*self.results, NO_SHOW), self.skill, self.due_s,
            self.notice_s, self.within_s, self.remind_s, self.at_most_s, self.confirm, at.key, at.visit,
        )  # fmt: skip
        return offer, SendMessage(self.message, at.key, at.visit, until=end)


def cancelled(until: int) -> str:
    """What a run is told of a call that was taken back: so long, epoch seconds, another may be chosen."""
    return f"{CANCELLED} until {until}"


def _read(step: Part, words: Words) -> Call:
    team = step.field("team")
    name = team.word(words.teams, "team")
    if name in words.teams and name not in words.hours:
        team.bad(f"`{name}` has no `hours` in `teams.yaml`: they say when it can be called")
    return Call(
        title=step.field("call").text(),
        team=name,
        says=step.field("do").text(),
        due_s=_between(step.field("length"), SHORTEST_S, LONGEST_S, "from 5m to 8h"),
        results=_results(step),
        skill=task.skill_of(step, name, words),
        message=_invitation(step.field("message"), words),
        confirm=_confirmation(step.field("confirm"), words),
        at_most_s=step.field("at_most").span(),
        notice_s=_span(step.field("notice"), NOTICE_S),
        within_s=_span(step.field("within"), WITHIN_S),
        remind_s=_span(step.field("remind"), REMIND_S),
    )


def _results(step: Part) -> tuple[str, ...]:
    results = task.results(step)
    for result in results:
        if result in TAKEN or result.startswith(f"{CANCELLED} until "):
            step.field("results").bad(f"`{result}` is an outcome of every call: leave it out")
    return results


def _between(span: Part, least: int, most: int, said: str) -> int:
    length = span.span()
    if length and not least <= length <= most:
        span.bad(f"expected {said}")
    return length


def _span(span: Part, otherwise: int) -> int:
    if not span.is_there:
        return otherwise
    return _between(span, 0, FURTHEST_S, "60d at most")


def _invitation(named: Part, words: Words) -> str:
    message = named.word(words.messages, "message")
    if message in words.messages and message not in words.booking:
        named.bad(f"`{message}` needs a link to `{{{{ booking_url }}}}`, where one chooses a time")
    return message


def _confirmation(named: Part, words: Words) -> str:
    message = named.word(words.messages, "message")
    if message in words.messages and message not in words.telling:
        named.bad(f"`{message}` needs `{{{{ call_at }}}}`, the time that is agreed on")
    if message in words.messages and message not in words.owed:
        named.bad(f"`{message}` has to reach them: its purpose is `service` or `transactional`")
    return message


FIELDS = ("team", "message", "confirm", "length", "at_most", "do", "results")
KIND = Kind(
    "call", (*FIELDS, "notice", "within", "remind", "skill"),
    "Has the customer choose when the team calls or meets them.", _read, needed=FIELDS,
    example="{step: talk, call: A call about your camera, team: callers, message: books, confirm: agreed, length: 15m, at_most: 7d, do: Ask what is wrong., results: [helped, does not work]}",
)  # fmt: skip
