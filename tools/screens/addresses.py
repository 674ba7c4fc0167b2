"""Where everything is after `up`, and what to try."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

SIGNED = '-H "Authorization: Bearer $(./playcaller token)"'


def draw(endpoints: Mapping[str, Any], folder: Path, out: Console) -> None:
    """Print addresses and the first commands to try."""
    table = Table(box=None, show_header=False, padding=(0, 2))
    for service, url in endpoints["http"].items():
        table.add_row(service, f"{url}/docs")
    table.add_row("MQTT", endpoints["mqtt"])
    table.add_row("Kafka", endpoints["kafka"])
    table.add_row("mail", endpoints["smtp"])
    table.add_row("PostgreSQL", f"one database per service: see {folder / 'endpoints.json'}")
    out.print(table)
    out.print("Everything listens on this machine only; accounts and rights are not built yet.")
    out.print("One replica of everything (DURABILITY=single): good for work, not for production.")
    http = endpoints["http"]
    out.print("\nTry:", style="bold")
    if "journey" in http:
        out.print(f"  curl {SIGNED} {http['journey']}/v1/stages", soft_wrap=True)
    if "support" in http:
        out.print(f"  curl {SIGNED} {http['support']}/v1/tickets", soft_wrap=True)
    out.print("  ./playcaller status\n  ./playcaller logs ingest\n  ./playcaller down")
