"""One customer lives through a play again: events, times and answers in order, by the engine's functions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from services.journey.domain.customers.state import State
from services.journey.domain.days import moment_of, seconds
from services.journey.domain.messages.arms import OF_ALL, SALT, arm, held_out
from services.journey.domain.messages.held_renewal import call_instead
from services.journey.domain.messages.of_runs import (
    NOT_WANTED,
    USEFUL,
    ended_without,
)
from services.journey.domain.messages.purpose import Channel
from services.journey.domain.messages.verdict import (
    COMPARED,
    RETRY,
    Message,
    Outcome,
    Reason,
    Verdict,
    verdict,
)
from services.journey.domain.plays.advance import advance, enter, note, park
from services.journey.domain.plays.run import (
    Act,
    HandOutCode,
    Known,
    Line,
    MakeOffer,
    Moved,
    NoteFact,
    OfferCall,
    OpenTask,
    Run,
    SendMessage,
)
from services.journey.domain.plays.start import LeftOut, Occasion, start
from services.journey.domain.rehearsals.life import Did, Life, Played, Said
from services.journey.domain.rehearsals.moments import chances, moments
from services.journey.domain.rehearsals.past import Past, as_of, of_offer
from services.journey.domain.rehearsals.reader import reader
from services.journey.domain.steps.ask import Ask
from services.journey.domain.steps.call import Call
from services.journey.domain.steps.mail import HELD_BACK, SENT
from services.journey.domain.steps.rate import Rate
from shared import ids

SECOND = timedelta(seconds=1)
SERVICE = "journey"  # ids are those that the engine gives


def live(past: Past, played: Played) -> Life:
    """What the play would have been for a customer.

    The same past gives the same life; no step sees what happened after the moment it is looked at.
    """
    return _Living(past, played).live()


class _Living:
    """A customer, a clock, and what waits for its time."""

    def __init__(self, past: Past, played: Played) -> None:
        self._past, self._played, self._play = past, played, played.play
        said = {fact: list(marks) for fact, marks in past.state.said.items()}
        self._state = msgspec.structs.replace(past.state, said=said)  # steps note facts in it
        self._chances = chances(past, played)
        self._run = past.before
        self._traces: dict[str, list[Line]] = {}
        self._runs: dict[str, Run] = {}
        self._asked: list[tuple[datetime, Said]] = []
        self._now = moment_of(played.begin)  # more exact than the engine's seconds
        self._said: list[Said] = []
        self._did: list[Did] = []
        self._told: list[tuple[int, str, int, str]] = []
        self._left_out: list[LeftOut] = []

    def live(self) -> Life:
        """All of it."""
        if self._chances:
            self._live(moments(self._past, self._played, self._chances[0].at))
        runs = [(run, self._traces[id_]) for id_, run in self._runs.items()]
        return Life(self._past.customer, runs, self._said, self._did, self._left_out)

    def _live(self, moments: Sequence[int]) -> None:
        n, chance = 0, 0
        while (t := self._next(moments[n] if n < len(moments) else None)) is not None:
            known, self._now = self._known(t), moment_of(t)
            happened = n < len(moments) and moments[n] == t
            n += happened
            run = self._mine()
            if run is not None and (happened or (run.due is not None and run.due <= t)):
                self._look(run, known, t)
            while chance < len(self._chances) and self._chances[chance].at == t:
                self._begin(self._chances[chance], known, t)
                chance += 1
            self._answers(known, t)
            self._ask(known, t)

    def _mine(self) -> Run | None:
        """The run that goes on here; one from before the rehearsal is not moved."""
        run = self._run
        return run if run is not None and run.state == "active" and run.id in self._runs else None

    def _next(self, happens: int | None) -> int | None:
        """The next moment at which anything may come of it."""
        run = self._mine()
        moments = [
            happens,
            None if run is None else run.due,
            *(seconds(at) for at, _ in self._asked),
            *(at for at, *_ in self._told),
        ]
        soonest = min((at for at in moments if at is not None), default=None)
        return None if soonest is None or soonest > self._played.until else soonest

    def _known(self, t: int) -> Known:
        past = self._past
        return Known(as_of(self._state, t), past.stage(t), past.zone)

    def _begin(self, occasion: Occasion, known: Known, t: int) -> None:
        past, last = self._past, self._run
        if last is past.before and last is not None and (last.ended is None or last.ended > t):
            last = replace(last, state="active", ended=None)  # as it was then
        rotation = 0 if last is None else last.rotation + 1
        named = f"{past.customer}/{self._play.name}"
        begun = start(
            self._play, self._played.version, past.customer, occasion, last, known, t,
            ids.derived(SERVICE, named, "run", rotation),
            out=held_out(SALT, OF_ALL, past.customer, self._played.rules.holdout),
        )  # fmt: skip
        if isinstance(begun, LeftOut):
            self._left_out.append(begun)
            return
        moved = enter(begun, occasion.at)
        self._take(moved, t)
        self._look(moved.run, known, t)

    def _look(self, run: Run, known: Known, t: int) -> None:
        try:
            moved = advance(self._play, run, known, t, self._played.version)
        except Exception as error:  # noqa: BLE001 - as the engine does
            moved = park(run, type(error).__name__, t)
        self._take(moved, t)

    def _take(self, moved: Moved, t: int) -> None:
        """Note how far a run came, and see to what its step asks for."""
        run = self._run = moved.run
        self._runs[run.id] = run
        self._traces.setdefault(run.id, []).extend(moved.lines)
        for act in moved.acts:
            self._plan(run, act, t)
        if run.state == "ended":
            for did in self._did:
                did.cancelled |= did.run == run.id and did.result is None
            self._told = [told for told in self._told if told[1] != run.id]

    def _plan(self, run: Run, act: Act, t: int) -> None:
        if isinstance(act, SendMessage):
            message = self._played.messages[act.message]
            said = Said(
                run.id, act.step, act.visit, act.message, Channel(act.channel), message.purpose,
                self._now, self._now, to=act.to,
            )  # fmt: skip
            self._said.append(said)
            self._asked.append((self._now, said))
        elif isinstance(act, OpenTask):
            comes, at = self._comes(run, act, t)
            team = act.taker or act.team
            self._did.append(
                Did(run.id, act.step, act.visit, team, act.title, t, act.due, comes, at)
            )
            self._told.append((at, run.id, act.visit, comes))
        elif isinstance(act, OfferCall):
            self._call(run, act, t)
        elif isinstance(act, MakeOffer | HandOutCode):
            self._told.append((t, run.id, act.visit, of_offer(self._state, t)))
        elif isinstance(act, NoteFact):
            note(self._state, run.id, act)

    def _call(self, run: Run, act: OfferCall, t: int) -> None:
        """A call that was really held; who was not really asked is taken to book none."""
        real = self._past.done.get((run.cause, act.step, act.visit))
        if real is None or real.at < t or real.result not in act.results:
            return
        did = Did(
            run.id, act.step, act.visit, act.team, act.title, t, real.at, real.result, real.at
        )
        self._did.append(did)
        self._told.append((real.at, run.id, act.visit, real.result))

    def _comes(self, run: Run, act: OpenTask, t: int) -> tuple[str, int]:
        """What comes of a task: what really came, or what people say of such, or anything evenly."""
        real = self._past.done.get((run.cause, act.step, act.visit))
        if real is not None and real.at >= t and real.result in act.results:
            return real.result, real.at
        habit = self._played.habits.get(act.step)
        often = {} if habit is None else {r: habit.results.get(r, 0) for r in act.results}
        shares = often if sum(often.values()) else dict.fromkeys(act.results, 1)
        drawn = arm("", f"{self._play.name}/{act.step}/{act.visit}", run.id, shares)
        return drawn, act.due if habit is None else t + habit.takes_s

    def _answers(self, known: Known, t: int) -> None:
        """What somebody says at this moment."""
        for told in [told for told in self._told if told[0] <= t]:
            self._told.remove(told)
            _, id_, visit, word = told
            for did in self._did:
                if (did.run, did.visit) == (id_, visit):
                    did.result = word
            self._tell(id_, visit, word, known, t)

    def _tell(self, id_: str, visit: int, word: str, known: Known, t: int) -> None:
        run = self._runs[id_]
        # who has an invitation to a call waits still
        if (run.state, run.visit) == ("active", visit) and run.told in {None, SENT}:
            self._look(replace(run, told=word), known, t)

    def _ask(self, known: Known, t: int) -> None:
        """Whether what waits may go now."""
        for asked in sorted(self._asked, key=lambda asked: asked[0]):
            at, said = asked
            if seconds(at) > t:
                break
            self._asked.remove(asked)
            said.at = self._now = max(at, self._now)
            verdict = said.verdict = self._verdict(said, known.state)
            if verdict.outcome in {Outcome.DEFER, Outcome.HOLD}:
                self._hold(said, verdict)
                continue
            if verdict.reason is Reason.TROUBLE_LASTED and self._called(said, t):
                continue
            passes = verdict.outcome is Outcome.SEND or verdict.reason in COMPARED
            self._tell(said.run, said.visit, SENT if passes else HELD_BACK, known, t)

    def _called(self, said: Said, t: int) -> bool:
        """A person does what the mail was to do; False: nobody could, or it was a question."""
        run, step = self._runs[said.run], self._play.step(said.step)
        asks = step is not None and isinstance(step.does, Ask | Rate | Call)
        task = None if asks or run.control else call_instead(self._play, self._played.teams, run, t)
        if task is None:
            return False
        self._take(Moved(run, acts=(task,)), t)
        return True

    def _hold(self, said: Said, verdict: Verdict) -> None:
        if verdict.reason.value not in said.held:
            said.held.append(verdict.reason.value)
        if verdict.reason is Reason.CAP_REACHED and verdict.said not in said.caps:
            said.caps.append(verdict.said)
        later = self._now + SECOND
        self._asked.append((max(verdict.until or self._now + RETRY, later), said))

    def _verdict(self, said: Said, state: State) -> Verdict:
        run, message = self._runs[said.run], self._played.messages[said.message]
        if ended_without(run):
            return NOT_WANTED
        asked = Message(
            key=ids.derived(SERVICE, run.id, f"message/{said.step}", said.visit),
            purpose=message.purpose, channel=said.channel, topic=message.topic,
            priority=self._play.priority, planned=said.planned, useful=USEFUL,
        )  # fmt: skip
        holdout = self._played.rules.holdout
        known = reader(self._past, run, said, self._said, state, self._now, holdout)
        return verdict(asked, known, self._played.rules, self._now)
