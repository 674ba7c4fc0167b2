"""`make bench-science`: the detector and the risk on fleets whose truth is known, as tables.

The simulator is tests/analytics/simulator.py, the demo's fleet tests/analytics/lived_fleet.py; a flag
is true within 45 days of the drop, false alarms are per 1,000 healthy customer-months, ECE is of the
posterior. `python -m tests.analytics.bench_science PART...` prints only some of the tables.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from services.analytics.domain.drops.tiers import AT_RISK, WATCH
from tests.analytics.adversarial import CASES
from tests.analytics.grading import by_kind, calibration, grade, run
from tests.analytics.lived_fleet import fleet as lived
from tests.analytics.oracle import posterior, watched
from tests.analytics.ranking import posterior_ranks, ranking
from tests.analytics.simulator import Fleet, Settings, simulate
from tools.backtest.plot import calibration as plot

PLAIN = Settings(customers=1_500)
VACATIONS = replace(PLAIN, vacations=0.04)
FLEETS = {
    "plain": PLAIN,
    "vacations 4 % a month": VACATIONS,
    "vacations 4 %, drops 6 %": replace(VACATIONS, drops=0.06),
    "vacations 8 %": replace(PLAIN, vacations=0.08),
    "drops 2 %": replace(PLAIN, drops=0.02),
    "log-normal, autocorrelated": replace(PLAIN, log_normal=True),
    "own weekdays (sd 0.7)": replace(PLAIN, own_weekdays=0.7),
    "mean 1 use a day": replace(PLAIN, mean_uses=1.0),
}
LIVED = {"the demo's fleet, 90 days": (1_000, 90), "the demo's fleet, 180 days": (1_000, 180)}
SEEDS = (1, 2, 3, 4, 5)
RANKED = ("plain", "vacations 4 % a month")
RANKED_ON = SEEDS  # ideas were tried on others
RANKED_AT = 135  # days that are known
ORACLE_ON = (1,)
ORACLE_WATCH = 0.8  # where Bayes' rule is as precise as the detector
CASE_SEED = 11
PLOTS = Path("docs/science")


def main() -> None:
    """Print the tables, a line as soon as its fleet is done."""
    parts = {
        "detector": _detector,
        "kinds": _kinds,
        "ranking": _ranking,
        "cases": _cases,
        "best": _best,
    }
    for name in sys.argv[1:] or parts:
        parts[name]()
        print(flush=True)


def _makers() -> dict[str, Callable[[int], Fleet]]:
    made: dict[str, Callable[[int], Fleet]] = {
        name: lambda seed, settings=settings: simulate(replace(settings, seed=seed))
        for name, settings in FLEETS.items()
    }
    for name, (customers, days) in LIVED.items():
        made[name] = lambda seed, customers=customers, days=days: lived(customers, days, seed)
    return made


def _detector() -> None:
    print("| fleet | tier | recall | precision | median delay, days | false alarms | ECE |")
    print("|---|---|---|---|---|---|---|")
    for name, make in _makers().items():
        fleets = [make(seed) for seed in SEEDS]
        runs = [run(fleet) for fleet in fleets]
        pairs = list(zip(fleets, runs, strict=True))
        error = float(np.mean([calibration(*pair)[0] for pair in pairs]))
        for tier, title in ((WATCH, "watch"), (AT_RISK, "at risk")):
            marks = [grade(*pair, tier) for pair in pairs]
            recall, precision, delay, false_alarms = (
                float(np.mean([getattr(mark, field) for mark in marks]))
                for field in ("recall", "precision", "delay", "false_alarms")
            )
            print(
                f"| {name} | {title} | {recall:.2f} | {precision:.2f} "
                f"| {delay:.0f} | {false_alarms:.1f} | {error:.3f} |",
                flush=True,
            )


def _kinds() -> None:
    print("| the demo's fleet, watch | found of the drops |")
    print("|---|---|")
    counts: dict[str, np.ndarray] = {}
    for seed in SEEDS:
        fleet = lived(1_000, 90, seed)
        for kind, found in by_kind(fleet, run(fleet)).items():
            counts[kind] = counts.get(kind, np.zeros(2, dtype=int)) + found
    for kind, (had, of) in sorted(counts.items()):
        print(f"| {kind} | {had / of:.2f} ({had} of {of}) |", flush=True)


def _ranking() -> None:
    print("| fleet | learned risk ranks | stated prior ranks | ECE of the learned |")
    print("|---|---|---|---|")
    PLOTS.mkdir(exist_ok=True)
    for name in RANKED:
        found = [
            ranking(simulate(replace(FLEETS[name], seed=seed)), RANKED_AT) for seed in RANKED_ON
        ]
        ranks, prior, error = (
            float(np.mean(values))
            for values in zip(*((r.ranks, r.prior_ranks, r.came.ece) for r in found), strict=True)
        )
        print(f"| {name} | {ranks:.3f} | {prior:.3f} | {error:.3f} |", flush=True)
        short = "-".join(name.replace("%", "").replace(",", "").split())
        (PLOTS / f"{short}.svg").write_text(plot(found[0].came, f"Risk of 30 days, {name}"))


def _best() -> None:
    print("| fleet of 600 | who | recall | precision | median delay, days | false alarms | ranks |")
    print("|---|---|---|---|---|---|---|")
    for name in RANKED:
        pairs = []
        for seed in ORACLE_ON:
            settings = replace(FLEETS[name], customers=600, seed=seed)
            fleet = simulate(settings)
            result = run(fleet)
            best = watched(posterior(settings, fleet), ORACLE_WATCH)
            pairs.append((fleet, result, replace(result, tier=best.tier, posterior=best.posterior)))
        for who, place in (("detector", 1), ("Bayes' rule", 2)):
            marks = [grade(pair[0], pair[place]) for pair in pairs]
            values = [
                float(np.mean([getattr(mark, field) for mark in marks]))
                for field in ("recall", "precision", "delay", "false_alarms")
            ]
            ranks = [posterior_ranks(pair[0], pair[place].posterior, RANKED_AT) for pair in pairs]
            recall, precision, delay, false_alarms = values
            print(
                f"| {name} | {who} | {recall:.2f} | {precision:.2f} | {delay:.0f} "
                f"| {false_alarms:.1f} | {float(np.mean(ranks)):.3f} |",
                flush=True,
            )


def _cases() -> None:
    print("| case | before | now |")
    print("|---|---|---|")
    for case in CASES:
        print(f"| {case.says} | {case.before:g} | {case.now(CASE_SEED):.0f} |", flush=True)


if __name__ == "__main__":
    main()
