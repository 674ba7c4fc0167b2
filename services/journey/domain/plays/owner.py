"""Who gets a new task: the team's way decides, of its people, by what each has to do and can do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, assert_never, get_args

Way = Literal[
    "nobody",  #: it stands open until somebody of the team takes it
    "round_robin",  #: who was given one longest ago
    "load",  #: who has the fewest open ones
    "skill",  #: who can do what the step asks for, and of these who has the fewest
    "csm",  #: the customer's CSM; where none of the team is, who was given one longest ago
]
WAYS: tuple[Way, ...] = get_args(Way)
STEP = timedelta(microseconds=1)  # what PostgreSQL tells apart
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a team who is given tasks.

    Attributes:
        who: subject of their tokens.
        open: tasks that they have and that are not done, of whatever team.
        given_at: when they were given one of this team last; None: never.
    """

    who: str
    skills: frozenset[str] = frozenset()
    open: int = 0
    given_at: datetime | None = None


def owner_of(
    way: Way, skill: str | None, members: Sequence[Member], csm: str | None = None
) -> str | None:
    """Whose a new task is; None: nobody's yet. The same people give the same answer, in any order.

    Args:
        skill: what the step asks for; None: anybody can do it.
        csm: subject of who has the customer; None: nobody has.

    >>> ann, ben = Member("ann", open=2), Member("ben", frozenset({"german"}), open=5)
    >>> owner_of("load", "german", [ann, ben]), owner_of("skill", "german", [ann, ben])
    ('ann', 'ben')
    """
    match way:
        case "nobody":
            return None
        case "round_robin":
            return _first(members, _longest_ago)
        case "load":
            return _first(members, _least)
        case "skill":
            able = [member for member in members if skill is None or skill in member.skills]
            return _first(able, _least)
        case "csm":
            theirs = [member for member in members if member.who == csm]
            return _first(theirs or members, _longest_ago)
        case never:
            assert_never(never)


def given(
    teams: Mapping[str, Sequence[Member]], team: str, who: str, now: datetime
) -> dict[str, list[Member]]:
    """The people of teams once somebody was given a task: later than anybody before, in any batch."""
    before = [member.given_at for member in teams[team] if member.given_at is not None]
    at = max([now, *(moment + STEP for moment in before)])
    return {
        name: [
            replace(member, open=member.open + 1, given_at=at if name == team else member.given_at)
            if member.who == who
            else member
            for member in people
        ]
        for name, people in teams.items()
    }


def _first(members: Sequence[Member], key: Callable[[Member], tuple[Any, ...]]) -> str | None:
    return min(members, key=key).who if members else None


def _longest_ago(member: Member) -> tuple[datetime, str]:
    return member.given_at or NEVER, member.who


def _least(member: Member) -> tuple[int, datetime, str]:
    return member.open, *_longest_ago(member)
