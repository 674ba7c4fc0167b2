"""Messages are judged one after the other, each with what its mail domain still takes."""

from collections.abc import Mapping

from services.journey.domain.messages.purpose import Channel
from services.journey.domain.messages.rate import domain_of
from services.journey.domain.messages.verdict import Outcome, Reason, Verdict
from services.journey.handlers.messages.cases import Case
from services.journey.handlers.ports import Unit


async def judge(unit: Unit, cases: Mapping[str, Case]) -> dict[str, Verdict]:
    """Whether messages may go now, by id; those that may, or are given a turn, take it."""
    rate = unit.rules.sending.rate
    if rate is None:
        return {id_: case.judged(unit) for id_, case in cases.items()}
    domains = {
        id_: domain_of(case.address or "")
        for id_, case in cases.items()
        if case.channel is Channel.EMAIL
    }
    full_at = dict(await unit.store.mail_rates.hold(domains.values(), unit.now))
    before = dict(full_at)
    judged: dict[str, Verdict] = {}
    for id_, case in cases.items():
        if id_ not in domains:
            judged[id_] = case.judged(unit)
            continue
        turn = rate.turn(full_at[domains[id_]], unit.now)
        ruling = judged[id_] = case.judged(unit, turn.at)
        goes = ruling.outcome is Outcome.SEND or ruling.reason is Reason.RATE
        if goes and not case.had_turn:
            full_at[domains[id_]] = turn.full_at
    changed = {domain: at for domain, at in full_at.items() if at != before[domain]}
    await unit.store.mail_rates.save(changed)
    return judged
