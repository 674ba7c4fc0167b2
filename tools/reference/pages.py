"""The Markdown pages that are made from code, so that they cannot say something else."""

from prometheus_client import Histogram
from prometheus_client.metrics import MetricWrapperBase

from services.analytics.settings import Settings as Analytics
from services.console.settings import Settings as Console
from services.ingest.settings import Settings as Ingest
from services.journey.settings import Settings as Journey
from services.support.settings import Settings as Support
from shared import metrics
from shared.settings import ServiceSettings
from shared.variables import table

CLASSES: dict[str, type[ServiceSettings]] = {
    "ingest": Ingest,
    "journey": Journey,
    "support": Support,
    "analytics": Analytics,
    "console": Console,
}
MADE = "Made by `python -m tools.reference`; do not edit."


def settings() -> str:
    """Every environment variable of every service."""
    return f"""# Settings

{MADE}

A service reads its settings once, from the environment. A missing, malformed or unknown variable
stops the start and is named, its value never; unknown is what begins with the service's name or
`PLAYCALLER_` and is not in this table, or is one slip of the pen away from what is. An empty
variable counts as not set. Placeholders (`changeme`, `<password>`), a password that is the user's
name, spans of time without a unit and line breaks in a value are refused.

A secret may stand in a file, which `NAME_FILE` names: UTF-8, white space around it does not count,
mode 0640 at most (below `/run/secrets`, where container engines mount them, 0444). Both at once
stop the start.

{table(CLASSES)}"""


def metrics_page() -> str:
    """Every metric, with its sentence."""
    lines = ["| metric | kind | labels | meaning |", "|---|---|---|---|"]
    lines += [_metric_line(metric) for metric in metrics.CATALOGUE]
    rows = "\n".join(lines)
    return f"""# Metrics

{MADE}

Every service shows them at `/metrics` in the Prometheus text format, those of other services as
zero or not at all; beside them the process's own (`process_*`: memory, CPU, open files).

{rows}
"""


def _metric_line(metric: MetricWrapperBase) -> str:
    (family,) = metric.describe()
    name = f"{family.name}_total" if family.type == "counter" else family.name
    labels = ", ".join(f"`{label}`" for label in metric._labelnames) or "-"  # noqa: SLF001
    kind = "histogram (s)" if isinstance(metric, Histogram) else family.type
    return f"| `{name}` | {kind} | {labels} | {family.documentation} |"
