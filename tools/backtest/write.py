"""What a back-test writes: a row per customer, the measures, the calibration plot."""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from services.analytics.domain.risks.measures import Measures
from tools.backtest.plot import calibration

COLUMNS = ("customer", "risk", "tier", "severity", "onset", "state")


def risks(file: Path, columns: dict[str, Sequence[Any]]) -> None:
    """Write the customers, the highest risk first; equal ones by id."""
    risk = np.array(columns["risk"])
    order = np.argsort(-risk, kind="stable")  # customers come sorted by id
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for i in order.tolist():
            onset = columns["onset"][i]
            writer.writerow(
                (
                    columns["customer"][i],
                    f"{risk[i]:.6f}",
                    columns["tier"][i],
                    f"{columns['severity'][i]:.3f}",
                    date.fromordinal(onset).isoformat() if onset else "",
                    columns["state"][i],
                )
            )


def marks(file: Path, measures: Measures, title: str, about: dict[str, Any]) -> tuple[Path, Path]:
    """Write the measures and the plot beside the customers; returns both files."""
    numbers, plot = file.with_suffix(".measures.json"), file.with_suffix(".calibration.svg")
    told = {**about, **msgspec.to_builtins(measures)}
    numbers.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1))
    plot.write_text(calibration(measures, title), encoding="utf-8")
    return numbers, plot
