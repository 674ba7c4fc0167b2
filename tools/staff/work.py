"""The staff's work: they look at what waits for their teams, and do what they would have done by now."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tools.local.auth import Operator, write_private
from tools.local.certificates import of
from tools.local.errors import LocalError
from tools.local.keys import KeyHolder
from tools.local.patient import Patient
from tools.local.people import PARTNER, ensure_partner
from tools.staff import desk, persona
from tools.staff.persona import STAFF, WHY_NOT, Person

REST_S = 0.5  # between two looks: a simulated day takes longer
HANDED = {"summary": "Mails did not help; they want to talk.", "next_step": "Call them."}


class NoAccount(LocalError):
    """Console gives somebody of the staff no key."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(f"Console answered {status} when {name} was to get a key.")


class Staff:
    """All of them at work, until somebody calls `close`.

    Attributes:
        behind: so late they see what waits for them.
    """

    def __init__(
        self, folder: Path, urls: Mapping[str, str], people: Sequence[Person] = STAFF
    ) -> None:
        """Args: urls: of the services, console's too."""
        self._folder = folder
        self._urls = urls
        self._teams: dict[str, list[Person]] = {}
        for person in people:
            self._teams.setdefault(person.team, []).append(person)
        self._lead = next(person for person in people if person.role == "lead")
        self._http: dict[str, httpx.AsyncClient] = {}
        self._subjects: dict[str, str] = {}  # of people, by their names
        self._linkages: dict[str, str] = {}
        self._passed_on: set[str] = set()
        self.behind = timedelta()

    async def work(self) -> None:
        """Come in, then look and do, again and again."""
        await self.come_in()
        looked: datetime | None = None
        while True:
            with contextlib.suppress(httpx.HTTPError):  # a service that is away is asked again
                now = await self.now()
                if now != looked:  # who has looked waits for time to pass
                    await self.look(now)
                    looked = now
            await asyncio.sleep(REST_S)

    async def come_in(self) -> None:
        """Everybody gets a key of their own; the partner's organisation is there."""
        await ensure_partner(self._urls["support"], self._folder, PARTNER)
        trusted = of(self._folder).context()
        async with httpx.AsyncClient(
            verify=trusted, trust_env=False, timeout=60, auth=Operator(self._folder)
        ) as console:
            for team in self._teams.values():
                for person in team:
                    await self._open(console, person, "journey")
            await self._open(console, desk.AGENT, "support")
        for name, team in self._teams.items():
            if team[0].organisation is None:
                linkages = (await self._http[team[0].name].get("/v1/linkages")).json()
                own = [linkage["name"] for linkage in linkages if linkage["giver"] == name]
                if own:
                    self._linkages[name] = own[-1]

        await self._tell_members()

    async def _tell_members(self) -> None:
        """A lead says who is given tasks of our teams."""
        for name, team in self._teams.items():
            for person in team:
                if person.organisation is None:
                    path = f"/v1/teams/{name}/members/{self._subjects[person.name]}"
                    answer = await self._http[self._lead.name].put(
                        path, json={"skills": list(person.skills)}
                    )
                    answer.raise_for_status()

    async def look(self, now: datetime) -> None:
        """What waits for each team at this moment is done, as far as its people would have."""
        looks = [self._look_of(name, team, now) for name, team in self._teams.items()]
        if (at_the_desk := self._http.get(desk.AGENT.name)) is not None:
            looks.append(desk.look(at_the_desk, now))
        await asyncio.gather(*looks)

    async def _look_of(self, name: str, team: Sequence[Person], now: datetime) -> None:
        http = self._http[team[0].name]
        for offer in await _items(http, "/v1/handoffs"):
            await self._answer(team, name, offer, now)
        for task in await _items(http, "/v1/tasks", team=name):
            await self._do(team, name, task, now)

    async def close(self) -> None:
        """Close the connections."""
        for http in self._http.values():
            await http.aclose()

    async def _answer(
        self, team: Sequence[Person], name: str, offer: Mapping[str, Any], now: datetime
    ) -> None:
        """Say yes or no to an offer; a partner is not told to which of its teams it goes."""
        if offer.get("taker", name) != name:
            return
        person = persona.whose(offer["id"], team)
        if persona.is_time(person, offer["id"], _at(offer["offered_at"]), now):
            answer = persona.answers(person, offer["id"])
            body = {"why": WHY_NOT} if answer == "decline" else None
            await self._http[person.name].post(f"/v1/handoffs/{offer['id']}/{answer}", json=body)

    async def _do(
        self, team: Sequence[Person], name: str, task: Mapping[str, Any], now: datetime
    ) -> None:
        """Do a task, or offer it to another team, once."""
        id_ = task["id"]
        whose = [member for member in team if self._subjects[member.name] == task["owner"]]
        person = whose[0] if whose else persona.whose(id_, team)
        http = self._http[person.name]
        if task["owner"] is not None and not whose:
            if now - _at(task["opened_at"]) < persona.AWAY:
                return  # a colleague's, who may be signed in
            await self._http[self._lead.name].post(f"/v1/tasks/{id_}/release")
        if task["starts_at"] is not None:
            await self._keep(http, task, now)
            return
        if not persona.is_time(person, id_, _at(task["opened_at"]), now):
            return
        if name in self._linkages and id_ not in self._passed_on and persona.passes_on(person, id_):
            self._passed_on.add(id_)
            wish = {"linkage": self._linkages[name], **HANDED}
            await http.post(f"/v1/tasks/{id_}/offer", json=wish)
            return
        done = {"result": persona.result(id_, task["results"])}
        await http.post(f"/v1/tasks/{id_}/done", json=done)  # over by now, perhaps: so be it

    async def _keep(self, http: httpx.AsyncClient, task: Mapping[str, Any], now: datetime) -> None:
        """Call at the time that was agreed on, which nobody forgets, and say what came of it."""
        if now < _at(task["due_at"]):
            return
        came = persona.kept(task["id"], task["results"], persona.NO_SHOW)
        await http.post(f"/v1/tasks/{task['id']}/done", json={"result": came})

    async def _open(self, console: httpx.AsyncClient, person: Person, service: str) -> None:
        wish = {"name": f"staff-{person.name.lower()}", "roles": [person.role]}
        if person.organisation is not None:
            wish["organisation"] = person.organisation
        answer = await console.post(f"{self._urls['console']}/v1/keys", json=wish)
        if answer.status_code != httpx.codes.CREATED:
            raise NoAccount(person.name, answer.status_code)
        key = self._folder / "run" / "staff" / person.name
        key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(key, answer.json()["key"])
        self._subjects[person.name] = f"key:{answer.json()['id']}"
        self._http[person.name] = httpx.AsyncClient(
            base_url=self._urls[service], trust_env=False, timeout=30,
            auth=KeyHolder(self._urls["console"], key, self._folder), transport=Patient(),
        )  # fmt: skip

    async def now(self) -> datetime:
        """The time the staff live in: that of the customers, or so far behind it. Raises httpx.HTTPError."""
        answer = await next(iter(self._http.values())).get("/readyz")  # 503 tells it as well
        return _at(answer.json()["facts"]["now"]) - self.behind


async def _items(http: httpx.AsyncClient, path: str, **wanted: str) -> list[dict[str, Any]]:
    """The first page of a list. Raises httpx.HTTPError."""
    answer = await http.get(path, params={"limit": "200", **wanted})
    answer.raise_for_status()
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
