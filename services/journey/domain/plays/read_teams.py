"""`teams.yaml` and `linkages.yaml`: who does tasks, and how they may be handed over."""

from collections.abc import Mapping
from datetime import time

from services.journey.domain.plays.owner import WAYS, Way
from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.team import Linkage, Team
from shared.calendars.calendar import Calendar, Span
from shared.identity import ZONE_EXPECTED, is_zone
from shared.web.who import ROLES

FIELDS = ("team", "says", "roles")
MORE = (
    "minutes_a_task",
    "hours_a_day",
    "organisation",
    "hours",
    "owner",
    "skills",
    "calls_at_once",
)
HOURS = ("zone", "days", "from", "to")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LINKAGE = ("linkage", "from", "to", "what", "accept", "escalate")
PARTNER = "partner"


def read_teams(file: Part) -> dict[str, Team]:
    """The teams, by name."""
    teams: dict[str, Team] = {}
    for part in file.items():
        part.fields((*FIELDS, *MORE), FIELDS)
        name = part.field("team").name()
        if name in teams:
            part.field("team").bad(f"`{name}` is taken")
        takes, has = part.field("minutes_a_task"), part.field("hours_a_day")
        calls = part.field("calls_at_once")
        teams[name] = Team(
            name, part.field("says").text(), _roles(part),
            takes.whole(1, 24 * 60) if takes.is_there else None,
            has.whole(1, 10_000) if has.is_there else None,
            part.field("organisation").text() if part.field("organisation").is_there else None,
            _hours(part.field("hours")) if part.field("hours").is_there else None,
            _way(part),
            frozenset(part.field("skills").texts() if part.field("skills").is_there else ()),
            calls.whole(1, 1_000) if calls.is_there else 1,
        )  # fmt: skip
    return teams


def read_linkages(file: Part, teams: Mapping[str, Team]) -> dict[str, Linkage]:
    """The linkages, by name."""
    linkages: dict[str, Linkage] = {}
    for part in file.items():
        part.fields(LINKAGE, LINKAGE)
        name, taker = part.field("linkage").name(), part.field("to").word(teams, "team")
        giver = part.field("from").word(teams, "team")
        escalate = part.field("escalate").word(teams, "team")
        if name in linkages:
            part.field("linkage").bad(f"`{name}` is taken")
        if giver and giver == taker:
            part.field("to").bad("expected another team than `from`")
        if escalate and escalate == taker:
            part.field("escalate").bad("expected another team than the one that did not accept")
        linkages[name] = Linkage(
            name, giver, taker, part.field("what").text(), part.field("accept").span(), escalate
        )
    return linkages


def _roles(part: Part) -> frozenset[str]:
    """Its people's roles: a partner's team has the one, any other team has others."""
    roles = frozenset(role.word(ROLES, "role") for role in part.field("roles").items())
    if not roles:
        part.field("roles").bad("needs at least one role")
    if part.field("organisation").is_there and roles != {PARTNER}:
        part.field("roles").bad("a team of an `organisation` has the role `partner` alone")
    elif PARTNER in roles and not part.field("organisation").is_there:
        part.field("roles").bad("a partner's team names its `organisation`")
    return roles


def _way(part: Part) -> Way:
    """How its tasks get an owner."""
    field = part.field("owner")
    word = field.word(WAYS, "way") if field.is_there else "nobody"
    if word == "skill" and not part.field("skills").is_there:
        field.bad("a team that gives tasks by skill names its `skills`")
    return next((way for way in WAYS if way == word), "nobody")


def _hours(part: Part) -> Calendar | None:
    """When it works; None: something is wrong with it."""
    before = len(part.problems)
    part.fields(HOURS, HOURS)
    zone = part.field("zone").text()
    if zone and not is_zone(zone):
        part.field("zone").bad(f"expected {ZONE_EXPECTED}")
    days = [day.word(DAYS, "day") for day in part.field("days").items()]
    if not days:
        part.field("days").bad(f"needs at least one of {', '.join(DAYS)}")
    opens, closes = part.field("from").time(), part.field("to").time()
    if opens is not None and opens == closes:
        part.field("to").bad("expected another time than `from`")
    if len(part.problems) > before or opens is None or closes is None:
        return None
    span = Span(_minutes(opens), _minutes(closes) or 24 * 60)
    return Calendar(zone, {DAYS.index(day): (span,) for day in days})


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
