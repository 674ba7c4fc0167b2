"""The summary on the screen, and what to try next."""

from collections.abc import Mapping, Sequence
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
    out: Console, found: Found, customers: int, days: int, seed: int, truth: Mapping[str, Any]
) -> None:
    """Print what happened in these days."""
    total = sum(found.published.values())
    out.print()
    out.rule(f"{customers:,} customers, {days} days, {total:,} events (seed {seed})")
    out.print(_counts(found))
    _verdict(out, found)
    out.print(
        f"Duplicates: {found.duplicates_sent:,} sent on purpose, {found.resent:,} resent; "
        f"{found.duplicates_removed:,} reached Kafka and were counted once."
    )
    if found.rejected:
        told = ", ".join(f"{reason} {n}" for reason, n in found.rejected.items())
        out.print(f"Refused: {sum(found.rejected.values()):,} ({told}).")
    out.print("Apart: " + ", ".join(f"{n:,} {what}" for what, n in found.apart.items()) + ".")
    out.print()
    out.print(_bars("Customers by stage", found.stages))
    out.print(_tickets(found))
    out.print(_plays(found.plays))
    out.print(_risk(found.scores))
    late = found.scores["watch"].too_late
    if late:
        out.print(
            f"{late} of the missed drops had fewer than {ENOUGH_DAYS} days after them: too few for a "
            f"flag. More days (--days {max(days + 30, 90)}) show them.",
            soft_wrap=True,
        )
    out.print(
        f"{found.seconds:.0f} s from the command to here (set-up apart: {found.setup_seconds:.0f} s), "
        f"{found.events_per_s:,.0f} events/s while living."
    )
    out.print(
        f"Memory at the peak: {found.peak_memory_mb:,.0f} MB ({_parts(found.memory_by_process)})."
    )
    out.print(f"Processor: {sum(found.cpu_s.values()):,.0f} s ({_parts(found.cpu_s)}).")


def _plays(plays: Plays) -> str:
    """One line a play, and what became of the mails."""
    told = [
        f"Play {name}: {each['entered']:,} entered, {each['ended']:,} ended, "
        f"{each['in_flight']:,} under way."
        for name, each in plays.plays.items()
    ]
    mails = (
        f"Mails of plays: {plays.sent:,} sent, {plays.mails_caught:,} caught, "
        f"{plays.duplicate_effects:,} twice.\n"
    )
    return "\n".join([*told, mails])


def _parts(values: Mapping[str, float]) -> str:
    ordered = sorted(values.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {value:.0f}" for name, value in ordered)


def _counts(found: Found) -> Table:
    table = Table(
        Column("topic", no_wrap=True),
        title="Distinct events, counted at every station",
        title_justify="left",
    )
    stations = ("published", "acked", "Kafka", *SERVICES)
    for name in stations:
        table.add_column(name, justify="right")
    for topic in TOPICS:
        counts = [found.published[topic], found.acked[topic], found.kafka[topic]]
        rest = [found.counted[service][topic] for service in SERVICES]
        cells = [f"{n:,}" if n is not None else "-" for n in [*counts, *rest]]
        table.add_row(topic, *cells)
    return table


def _verdict(out: Console, found: Found) -> None:
    if found.ok:
        out.print(
            "[green]Nothing lost, nothing twice.[/] '-': the service does not read the topic."
        )
        return
    out.print("[red]The stations differ.[/] The first ids that are not everywhere:")
    for each in found.differences:
        out.print(f"  {each}")


def _bars(title: str, values: Mapping[str, int]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    most = max(values.values(), default=1) or 1
    for name, count in values.items():
        table.add_row(name, f"{count:,}", "█" * round(40 * count / most))
    return table


def _tickets(found: Found) -> Table:
    table = Table("fault", title="Tickets by fault", title_justify="left")
    for name in ("tickets", "open", "faults absorbed"):
        table.add_column(name, justify="right")
    for each in sorted(found.faults, key=lambda e: -e["faults"]):
        table.add_row(
            each["fault_code"], f"{each['tickets']:,}", f"{each['open']:,}", f"{each['faults']:,}"
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
    for tier, each in scores.items():
        false = ", ".join(f"{why} {n}" for why, n in each.false.items()) or "none"
        table.add_row(
            tier.replace("_", " "),
            f"{each.found + each.missed}",
            f"{each.found}",
            _share(each.recall),
            _share(each.precision),
            "-" if each.median_delay_days is None else f"{each.median_delay_days:.0f} d",
            "-" if each.false_alarms is None else f"{each.false_alarms:.1f}",
            false,
            f"{each.left_out}",
        )
    return table


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def invitation(
    out: Console,
    found: Found,
    links: Mapping[str, str],
    stops: Sequence[Stop],
    folder: Path,
) -> None:
    """Where to look while the system goes on: links that sign in, and a tour."""
    out.rule("The console is open")
    out.print(f"  {found.console}", soft_wrap=True)
    out.print("Each of these signs in once, as somebody of that role:")
    for role, link in links.items():
        out.print(f"  {role:<10} {link}", soft_wrap=True)
    out.print(f"(./playcaller login --role ROLE --folder {folder.name} makes another one.)")
    out.print(f"Tour, five minutes, {'one stop' if len(stops) == 1 else f'{len(stops)} stops'}:")
    for n, stop in enumerate(stops, 1):
        out.print(f"  {n}. {stop.title} (as {stop.role})", soft_wrap=True)
        out.print(f"     {found.console}{stop.path}", soft_wrap=True)
    out.print(
        f"In another terminal: ./playcaller status --folder {folder.name}; the addresses of the "
        f"interfaces are in {folder.name}/endpoints.json.",
        soft_wrap=True,
    )
