"""Who does tasks, and how teams may hand them over to each other."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.journey.domain.plays.owner import Way
from shared.calendars.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Team:
    """Who does tasks: our people with one of the roles, or those of a partner.

    Attributes:
        minutes_a_task: what one takes; hours_a_day: what the team has. None: nobody has said.
        organisation: of the partner whose people and programs it is; None: our own.
        hours: when it works: time to accept and to do something runs then only. None: always.
        owner: how its new tasks get one.
        skills: words for what some of its people can do; steps may ask for one.
        calls_at_once: at agreed times: so many customers can choose the same.
    """

    name: str
    says: str
    roles: frozenset[str]
    minutes_a_task: int | None = None
    hours_a_day: int | None = None
    organisation: str | None = None
    hours: Calendar | None = None
    owner: Way = "nobody"
    skills: frozenset[str] = frozenset()
    calls_at_once: int = 1

    def after(self, moment: datetime, length: timedelta) -> datetime:
        """When so much time of this team has passed; one that never works is taken to work always."""
        counted = None if self.hours is None else self.hours.after(moment, length)
        return moment + length if counted is None else counted


@dataclass(frozen=True, slots=True)
class Linkage:
    """A hand-over between two teams that is allowed.

    Attributes:
        giver, taker: teams.
        what: is handed over, for whoever takes it.
        accept_s: time of the taker to accept it.
        escalate: the team that gets what nobody has accepted in time.
    """

    name: str
    giver: str
    taker: str
    what: str
    accept_s: int
    escalate: str
