"""The summary on the screen, and what to try next."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from tools.demo.plays import Plays
from tools.demo.result import SERVICES, Found
from tools.demo.scoring import ENOUGH_DAYS, Score
from tools.demo.tour import Stop
from tools.fleet.ledger import TOPICS


def summary(
    out: Console, result: Found, customers: int, days: int, seed: int, truth: Mapping[str, Any]
) -> None:
    """Print what happened in these days."""
    total = sum(result.published.values())
    out.print()
    out.rule(f"{customers:,} customers, {days} days, {total:,} events (seed {seed})")
    out.print(_counts(result))
    _verdict(out, result)
    out.print(
        f"Duplicates: {result.duplicates_sent:,} sent on purpose, {result.resent:,} resent; "
        f"{result.duplicates_removed:,} reached Kafka and were counted once."
    )
    if result.rejected:
        told = ", ".join(f"{reason} {n}" for reason, n in result.rejected.items())
        out.print(f"Refused: {sum(result.rejected.values()):,} ({told}).")
    out.print("Apart: " + ", ".join(f"{n:,} {what}" for what, n in result.apart.items()) + ".")
    out.print()
    out.print(_bars("Customers by stage", result.stages))
    out.print(_tickets(result))
    out.print(_plays(result.plays))
    out.print(_risk(result.scores))
    for line in _beside(result):
        out.print(line, soft_wrap=True)
    late = result.scores["watch"].too_late
    if late:
        out.print(
            f"{late} of the missed drops had fewer than {ENOUGH_DAYS} days after them: too few for a "
            f"flag. More days (--days {max(days + 30, 90)}) show them.",
            soft_wrap=True,
        )
    out.print(
        f"{result.seconds:.0f} s from the command to here (set-up apart: {result.setup_seconds:.0f} s), "
        f"{result.events_per_s:,.0f} events/s while living."
    )
    out.print(
        f"Memory at the peak: {result.peak_memory_mb:,.0f} MB ({_parts(result.memory_by_process)})."
    )
    out.print(f"Processor: {sum(result.cpu_s.values()):,.0f} s ({_parts(result.cpu_s)}).")


def _plays(plays: Plays) -> str:
    """One line a play, and what became of the mails."""
    told = [
        f"Play {name}: {play['entered']:,} entered, {play['ended']:,} ended, "
        f"{play['in_flight']:,} under way."
        for name, play in plays.plays.items()
    ]
    tasks = "; ".join(
        f"{team} {counted['done']:,} done, {counted['late']:,} late"
        for team, counted in sorted(plays.tasks.items())
    )
    told.append(f"Tasks: {tasks or 'none'}.")
    handed, median_s = plays.handoffs, plays.handoffs.get("median_s")
    told.append(
        f"Hand-offs: {handed.get('accepted') or 0:,} accepted, {handed.get('declined') or 0:,} declined, "
        f"{handed.get('expired') or 0:,} expired"
        + ("." if median_s is None else f"; half were answered within {median_s / 3_600:.1f} h.")
    )
    calls = plays.calls
    told.append(
        f"Calls at times of the customers' choice: {calls.get('held', 0):,} held, "
        f"{calls.get('no_show', 0):,} missed, {calls.get('booked', 0):,} ahead, "
        f"{calls.get('cancelled', 0):,} cancelled, {calls.get('offered', 0):,} not chosen."
    )
    mails = (
        f"Mails of plays: {plays.sent:,} sent, {plays.mails_caught:,} caught, "
        f"{plays.duplicate_effects:,} twice; of {plays.clicked.get('email', 0):,} a link was opened, "
        f"replies: {plays.replied.get('email', 0):,}.\n"
    )
    return "\n".join([*told, mails])


def _parts(values: Mapping[str, float]) -> str:
    ordered = sorted(values.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {value:.0f}" for name, value in ordered)


def _counts(result: Found) -> Table:
    table = Table(
        Column("topic", no_wrap=True),
        title="Distinct events, counted at every station",
        title_justify="left",
    )
    stations = ("published", "acked", "Kafka", *SERVICES)
    for name in stations:
        table.add_column(name, justify="right")
    for topic in TOPICS:
        counts = [result.published[topic], result.acked[topic], result.kafka[topic]]
        rest = [result.counted[service][topic] for service in SERVICES]
        cells = [f"{n:,}" if n is not None else "-" for n in [*counts, *rest]]
        table.add_row(topic, *cells)
    return table


def _verdict(out: Console, result: Found) -> None:
    if result.ok:
        out.print(
            "[green]Nothing lost, nothing twice.[/] '-': the service does not read the topic."
        )
        return
    out.print("[red]The stations differ.[/] The first ids that are not everywhere:")
    for difference in result.differences:
        out.print(f"  {difference}")


def _bars(title: str, values: Mapping[str, int]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    most = max(values.values(), default=1) or 1
    for name, count in values.items():
        table.add_row(name, f"{count:,}", "█" * round(40 * count / most))
    return table


def _tickets(result: Found) -> Table:
    table = Table("fault", title="Tickets by fault", title_justify="left")
    for name in ("tickets", "open", "faults absorbed"):
        table.add_column(name, justify="right")
    for fault in sorted(result.faults, key=lambda e: -e["faults"]):
        table.add_row(
            fault["fault_code"],
            f"{fault['tickets']:,}",
            f"{fault['open']:,}",
            f"{fault['faults']:,}",
        )
    return table


def _risk(scores: Mapping[str, Score]) -> Table:
    table = Table(
        "tier",
        title="Usage drops: flags against the truth; false alarms per 1,000 customer-months",
        title_justify="left",
    )
    for name in (
        "drops",
        "found",
        "recall",
        "precision",
        "median delay",
        "false alarms",
        "false flags",
        "left out",
    ):
        table.add_column(name, justify="right")
    for tier, score in scores.items():
        false = ", ".join(f"{why} {n}" for why, n in score.false.items()) or "none"
        table.add_row(
            tier.replace("_", " "),
            f"{score.found + score.missed}",
            f"{score.found}",
            _share(score.recall),
            _share(score.precision),
            "-" if score.median_delay_days is None else f"{score.median_delay_days:.0f} d",
            "-" if score.false_alarms is None else f"{score.false_alarms:.1f}",
            false,
            f"{score.left_out}",
        )
    return table


def _beside(result: Found) -> Iterator[str]:
    """By kind of drop, and what the rule anybody would write first finds."""
    for tier, tier_score in result.scores.items():
        told = ", ".join(f"{kind} {n}/{of}" for kind, (n, of) in tier_score.kinds.items())
        days, rule = result.naive[tier]
        yield (
            f"{tier.replace('_', ' ').capitalize()} by kind of drop: {told or 'none'}. "
            f"At no more false alarms, {days} days without use finds {_share(rule.recall)}."
        )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def invitation(
    out: Console,
    result: Found,
    links: Mapping[str, str],
    stops: Sequence[Stop],
    folder: Path,
) -> None:
    """Where to look while the system goes on: links that sign in, and a tour."""
    out.rule("The console is open")
    out.print(f"  {result.console}", soft_wrap=True)
    out.print("Each of these signs in once, as somebody of that role:")
    for role, link in links.items():
        out.print(f"  {role:<10} {link}", soft_wrap=True)
    out.print(f"(./playcaller login --role ROLE --folder {folder.name} makes another one.)")
    out.print(f"Tour, five minutes, {'one stop' if len(stops) == 1 else f'{len(stops)} stops'}:")
    for n, stop in enumerate(stops, 1):
        out.print(f"  {n}. {stop.title} (as {stop.role})", soft_wrap=True)
        out.print(f"     {result.console}{stop.path}", soft_wrap=True)
    out.print(
        f"In another terminal: ./playcaller status --folder {folder.name}; the addresses of the "
        f"interfaces are in {folder.name}/endpoints.json.",
        soft_wrap=True,
    )
