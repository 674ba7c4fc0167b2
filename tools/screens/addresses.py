"""Where everything is after `up`, and what to try."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

SIGNED = '-H "Authorization: Bearer $(./playcaller token)"'


def draw(endpoints: Mapping[str, Any], folder: Path, admin_link: str | None, out: Console) -> None:
    """Print addresses and the first commands to try."""
    table = Table(box=None, show_header=False, padding=(0, 2))
    if endpoints.get("console"):
        table.add_row("the pages", f"{endpoints['console']}  (./playcaller login --role admin)")
    for service, url in endpoints["http"].items():
        table.add_row(service, f"{url}/docs")
    table.add_row("MQTT", f"{endpoints['mqtt']} with a password")
    table.add_row("", f"{endpoints['mqtt_certificates']} with a certificate")
    table.add_row("", f"{endpoints['mqtt_websockets']} for apps")
    table.add_row("Kafka", endpoints["kafka"])
    table.add_row("mail", endpoints["smtp"])
    table.add_row("PostgreSQL", f"one database per service: see {folder / 'endpoints.json'}")
    out.print(table)
    out.print("Everything listens on this machine only.")
    out.print("One replica of everything (DURABILITY=single): good for work, not for production.")
    if admin_link is not None:
        out.print(
            "\nThere is no admin yet. This link makes one, once, within 24 hours:", style="bold"
        )
        out.print(f"  {admin_link}", markup=False, soft_wrap=True)
        out.print("  How, and what then: docs/how-to/accounts.md")
    http = endpoints["http"]
    out.print("\nTry:", style="bold")
    if "journey" in http:
        out.print(f"  curl {SIGNED} {http['journey']}/v1/stages", soft_wrap=True)
    if "support" in http:
        out.print(f"  curl {SIGNED} {http['support']}/v1/tickets", soft_wrap=True)
    out.print("  ./playcaller status\n  ./playcaller logs ingest\n  ./playcaller down")
