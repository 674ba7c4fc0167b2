"""What a rehearsal cannot live through: steps that reach others, and what others do to the play."""

from collections.abc import Iterator, Mapping

from services.journey.domain.plays.play import Play, Step
from services.journey.domain.steps.ask import Ask
from services.journey.domain.steps.call import Call
from services.journey.domain.steps.in_app import InApp
from services.journey.domain.steps.offer import Offer
from services.journey.domain.steps.open_ticket import Ticket
from services.journey.domain.steps.rate import Rate
from services.journey.domain.steps.start import Start
from services.journey.domain.steps.stop import Stop
from services.journey.domain.steps.webhook import Webhook


def unlived(play: Play, plays: Mapping[str, Play]) -> list[str]:
    """Sentences for whoever reads the rehearsal of `play`; `plays` are all of the playbook."""
    own = [f"`{step.key}`: {said}" for step in play.steps if (said := _said(step)) is not None]
    return own + list(_by_others(play.name, plays))


def _said(step: Step) -> str | None:
    """What is not lived of a step of the play itself."""
    does = step.does
    if isinstance(does, Ask | Rate):
        return "only answers really given count; who was not really asked is taken to be silent"
    if isinstance(does, Call):
        return "only calls really held count; who was not really asked is taken to book none"
    if isinstance(does, InApp):
        return (
            "only what was really seen and clicked counts; who was not really shown it does neither"
        )
    if isinstance(does, Webhook):
        return f"`{does.webhook}` is not called, and nothing comes of it"
    if isinstance(does, Offer):
        return "it is taken to be made, unless a ticket was open; nobody answers it"
    if isinstance(does, Ticket):
        return "no ticket is opened, so nothing waits for it to be solved"
    if isinstance(does, Start):
        return f"play `{does.play}` is not lived; its messages and tasks are missing"
    if isinstance(does, Stop):
        return f"play `{does.play}` is as it really was; what it sent counts for the caps"
    return None


def _by_others(name: str, plays: Mapping[str, Play]) -> Iterator[str]:
    """Steps of other plays that begin or end runs of this one."""
    for other in plays.values():
        for step in other.steps:
            does = step.does
            if isinstance(does, Start) and does.play == name and other.name != name:
                yield f"play `{other.name}` starts it at `{step.key}`; who enters so is missing"
            elif isinstance(does, Stop) and does.play == name:
                yield f"play `{other.name}` stops it at `{step.key}`; here such runs go on"
