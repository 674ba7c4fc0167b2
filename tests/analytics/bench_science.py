"""`make bench-science`: the drop detector on simulated fleets, five seeds each, as a table.

The simulator is tests/analytics/simulator.py; a flag is true within 45 days of the drop, false
alarms are per 1,000 healthy customer-months, ECE is of the posterior.
"""

import sys
from dataclasses import replace

import numpy as np

from services.analytics.domain.drops.tiers import AT_RISK, WATCH
from tests.analytics.grading import calibration, grade, run
from tests.analytics.ranking import ranking
from tests.analytics.simulator import Settings, simulate

PLAIN = Settings(customers=1_500)
VACATIONS = replace(PLAIN, vacations=0.04)
FLEETS = {
    "plain": PLAIN,
    "vacations 4 % a month": VACATIONS,
    "vacations 4 %, drops 6 %": replace(VACATIONS, drops=0.06),
    "vacations 8 %": replace(PLAIN, vacations=0.08),
    "drops 2 %": replace(PLAIN, drops=0.02),
    "log-normal, autocorrelated": replace(PLAIN, log_normal=True),
    "mean 1 use a day": replace(PLAIN, mean_uses=1.0),
}
SEEDS = (1, 2, 3, 4, 5)
RANKED = ("plain", "vacations 4 % a month", "drops 2 %", "log-normal, autocorrelated")
RANKED_ON = ((1, 135), (2, 120))  # seed, days that are known


def main() -> None:
    """Print the tables, a line as soon as its fleet is done; `ranking`: only that of the risk."""
    if "ranking" not in sys.argv:
        _detector()
    print("\n| fleet | learned risk ranks | stated prior ranks | ECE of the learned |")
    print("|---|---|---|---|")
    for name in RANKED:
        found = [ranking(simulate(replace(FLEETS[name], seed=seed)), at) for seed, at in RANKED_ON]
        ranks, prior, error = (
            float(np.mean(values))
            for values in zip(*((r.ranks, r.prior_ranks, r.came.ece) for r in found), strict=True)
        )
        print(f"| {name} | {ranks:.2f} | {prior:.2f} | {error:.3f} |", flush=True)


def _detector() -> None:
    print("| fleet | tier | recall | precision | median delay, days | false alarms | ECE |")
    print("|---|---|---|---|---|---|---|")
    for name, settings in FLEETS.items():
        marks = {WATCH: [], AT_RISK: []}
        errors = []
        for seed in SEEDS:
            fleet = simulate(replace(settings, seed=seed))
            result = run(fleet)
            errors.append(calibration(fleet, result)[0])
            for tier, grades in marks.items():
                grades.append(grade(fleet, result, tier))
        for tier, title in ((WATCH, "watch"), (AT_RISK, "at risk")):
            mean = {
                field: float(np.mean([getattr(g, field) for g in marks[tier]]))
                for field in ("recall", "precision", "delay", "false_alarms")
            }
            print(
                f"| {name} | {title} | {mean['recall']:.2f} | {mean['precision']:.2f} "
                f"| {mean['delay']:.0f} | {mean['false_alarms']:.1f} | {np.mean(errors):.3f} |"
            )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
