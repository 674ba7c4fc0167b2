"""`playcaller backtest risk`."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from services.analytics.domain.drops.parameters import STANDARD
from services.analytics.domain.drops.tiers import NAMES, severity, tiers, told
from services.analytics.domain.risks.condition import CONDITIONS, conditions
from services.analytics.domain.risks.measures import Measures
from shared.clock import WallClock
from tools.backtest import read, write
from tools.backtest.dates import Form
from tools.backtest.errors import BadHistory
from tools.backtest.history import History, LeftOut, silent_after, until
from tools.backtest.replay import Replayed, Signs, replay
from tools.backtest.rfm import rfm
from tools.screens.screen import Screen

app = typer.Typer(
    help="What the service would have said of your own history.", no_args_is_help=True
)
out = Screen()
err = Screen(stderr=True)

DAY_RANGE = (1, 3650)  # of a horizon, days


@app.callback()
def group() -> None:
    """Keep `risk` a command of its own."""


@app.command()
def risk(
    events: Annotated[Path, typer.Option(help="CSV: customer,time[,amount]; a row is a use.")],
    out_: Annotated[Path, typer.Option("--out", help="CSV to write, a row per customer.")],
    faults: Annotated[Path | None, typer.Option(help="CSV: customer,time.")] = None,
    tickets: Annotated[Path | None, typer.Option(help="CSV: customer,time.")] = None,
    attributes: Annotated[
        Path | None, typer.Option(help="CSV: customer and model, firmware, region, plan.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="2026-03-01: nothing after it is used. Else the last day.")
    ] = None,
    horizon: Annotated[str, typer.Option(help="Days ahead the risk is about, e.g. 273d.")] = "90d",
    labels: Annotated[
        Path | None, typer.Option(help="CSV: customer,label; 1: left, 0: stayed.")
    ] = None,
    dates: Annotated[Form, typer.Option(help="How the files write dates.")] = Form.ISO,
) -> None:
    """Rate every customer of a history by the risk of no use within the horizon.

    With labels, or when the events go on until the horizon's end, it also says how right that was.
    """
    days, today = _horizon(horizon), WallClock().now().date().toordinal()
    _writable(out_, {events, faults, tickets, attributes, labels})
    given = None if labels is None else read.labels(labels)
    with _progress() as bars:
        rows = _read(events, dates, bars)
        day = _day(as_of, rows, events, today)
        history, left = until(rows, day)
        if not history.ids:
            why = f"; {left.not_a_use:,} rows have an amount of 0 or less" if left.not_a_use else ""
            raise BadHistory(events, f"no use on or before {date.fromordinal(day)}{why}")
        if given is not None and labels is not None and given.keys().isdisjoint(history.ids):
            raise BadHistory(
                labels,
                f"none of its {len(given):,} customers has a use on or before"
                f" {date.fromordinal(day)} in {events.name}; are they written alike?",
            )
        known = {} if attributes is None else read.attributes(attributes)
        cohorts = [_cohort(known.get(id_, {})) for id_ in history.ids]
        signs = {
            name: _signs(file, dates, history)
            for name, file in (("faults", faults), ("tickets", tickets))
            if file is not None
        }
        task = bars.add_task("closing days", total=None)
        replayed = replay(
            history, days, cohorts, signs, lambda n, of: bars.update(task, completed=n, total=of)
        )
    _write(out_, history, replayed)
    _tell(history, left, replayed, days, out_)
    _grade(rows.by(today), history, replayed, given, days, out_)


def _horizon(text: str) -> int:
    match = re.fullmatch(r"(\d{1,4})\s*d(ays)?", text.strip(), re.ASCII)
    if match is None or not DAY_RANGE[0] <= int(match[1]) <= DAY_RANGE[1]:
        raise typer.BadParameter(f"--horizon: days such as 273d, {DAY_RANGE[0]} to {DAY_RANGE[1]}")
    return int(match[1])


def _writable(out_: Path, read_: set[Path | None]) -> None:
    """Say at once, not after minutes, that a file cannot be written."""
    if not out_.parent.is_dir():
        raise BadHistory(out_, "its folder does not exist; make it first")
    if out_.resolve() in {file.resolve() for file in read_ if file is not None}:
        raise BadHistory(out_, "it is one of the files that are read; write another")


def _day(as_of: str | None, rows: read.Events, file: Path, today: int) -> int:
    if as_of is not None:
        try:
            day = date.fromisoformat(as_of).toordinal()
        except ValueError as error:
            raise typer.BadParameter("--as-of: a date such as 2026-03-01") from error
        if day > today:
            raise typer.BadParameter("--as-of: it is in the future, of which nothing is known")
        return day
    past = rows.by(today).day
    if len(past) == 0:
        earliest = date.fromordinal(int(rows.day.min()))
        raise BadHistory(
            file, f"every row is in the future, from {earliest} on; is it another form? see --dates"
        )
    return int(past.max())


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=err)


def _read(file: Path, form: Form, bars: Progress) -> read.Events:
    task = bars.add_task("reading rows", total=None)

    def tick(n: int) -> None:
        bars.update(task, description=f"reading rows: {n:,}")

    rows = read.events(file, form, tick)
    bars.update(task, total=1, completed=1, description=f"read {len(rows.who):,} rows")
    return rows


def _signs(file: Path, form: Form, history: History) -> Signs:
    rows = read.events(file, form, lambda n: None)
    number = {id_: n for n, id_ in enumerate(history.ids)}
    place = np.array([number.get(id_, -1) for id_ in rows.ids], dtype=np.int64)[rows.who]
    kept = (place >= 0) & (rows.day <= history.as_of)
    return Signs(place[kept], rows.day[kept])


def _cohort(known: dict[str, str]) -> str:
    return "/".join(known.get(name) or "-" for name in read.ATTRIBUTES)


def _write(file: Path, history: History, replayed: Replayed) -> None:
    p = STANDARD.per(replayed.period)
    states, risk = replayed.states, replayed.risk
    tier = told(tiers(states, p), risk, states, p)
    word = conditions(states, history.as_of, replayed.head.prior, p)
    try:
        write.risks(
            file,
            {
                "customer": history.ids,
                "risk": risk.tolist(),
                "tier": [NAMES[n] for n in tier.tolist()],
                "severity": severity(states).tolist(),
                "onset": np.where(states.alarm > 0, states.onset, 0).tolist(),
                "state": [CONDITIONS[n] for n in word.tolist()],
            },
        )
    except OSError as error:
        raise BadHistory(file, error.strerror or "it cannot be written") from error


def _tell(history: History, left: LeftOut, replayed: Replayed, horizon: int, file: Path) -> None:
    head = replayed.head
    out.print(
        f"{len(history.ids):,} customers as of {date.fromordinal(history.as_of)}, "
        f"risk of no use within {horizon} days: {file}",
        soft_wrap=True,
    )
    learned = "a stated prior: too little history to learn from"
    if head.learned is not None:
        learned = f"learned from {head.lessons:,} earlier outcomes of up to {head.horizon} days"
    out.print(
        f"The risk is {learned}; judged in periods of {replayed.period} days.", soft_wrap=True
    )
    for n, what in (
        (left.after, "after that day: not used"),
        (left.not_a_use, "with an amount of 0 or less: no use"),
        (left.repeated, "within an hour (or day) that another one was in: counted once"),
    ):
        if n:
            out.print(f"{n:,} rows {what}.", soft_wrap=True)


def _grade(
    rows: read.Events,
    history: History,
    replayed: Replayed,
    given: dict[str, bool] | None,
    horizon: int,
    file: Path,
) -> None:
    if given is None and int(rows.day.max()) < history.as_of + horizon:
        return
    if given is None:
        silent = silent_after(rows, history.ids, history.as_of, horizon)
        given = dict(zip(history.ids, silent.tolist(), strict=True))
        source = "the events after that day"
    else:
        source = "the labels"
    places = np.array([n for n, id_ in enumerate(history.ids) if id_ in given], dtype=np.int64)
    came = np.array([given[history.ids[n]] for n in places.tolist()], dtype=bool)
    measures = Measures.of(replayed.risk[places], came)
    recency = history.as_of - replayed.states.used_last[places].astype(np.float64)
    plain = rfm(history, horizon)
    about = {
        "as_of": date.fromordinal(history.as_of).isoformat(),
        "horizon_days": horizon,
        "recency_auc": Measures.of(recency / max(float(recency.max()), 1.0), came).auc,
        "rfm_auc": None if plain is None else Measures.of(plain[places], came).auc,
        "learned_from": replayed.head.lessons,
    }
    numbers, plot = write.marks(file, measures, f"Risk within {horizon} days", about)
    out.print(f"Against {source}: " + _line(measures, about), soft_wrap=True)
    out.print(f"{numbers}\n{plot}", soft_wrap=True)
    missing = len(given) - len(places)
    if missing:
        out.print(
            f"{missing:,} labelled customers have no use on or before that day: left out.",
            soft_wrap=True,
        )


def _line(measures: Measures, about: dict[str, Any]) -> str:
    def shown(number: float | None) -> str:
        return "-" if number is None else f"{number:.3f}"

    return (
        f"{measures.customers:,} customers, {measures.rate:.3f} left, "
        f"AUC {shown(measures.auc)} (recency alone {shown(about['recency_auc'])}, "
        f"a logistic on recency, frequency, amount {shown(about['rfm_auc'])}), "
        f"average precision {shown(measures.average_precision)}, Brier {measures.brier:.4f}, "
        f"ECE {measures.ece:.3f}, lift of the top tenth {shown(measures.lift)}."
    )
