"""`./playcaller fleet run | record | play`: a fleet of any size against any system, or from a file.

What is heavy to import is imported by the command that needs it: the other commands start faster.
"""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from shared.clock import monotonic, wall_now
from tools.fleet.errors import FleetError
from tools.screens.screen import Screen

if TYPE_CHECKING:
    from tools.fleet.fleet import Endpoints
    from tools.fleet.ledger import Ledger

app = typer.Typer(help="Simulated customers with their devices and apps.", no_args_is_help=True)
out = Screen()
err = Screen(stderr=True)
STEP_S = 21_600
DAY_S = 86_400
ENDPOINTS = Path(".playcaller/endpoints.json")
INTERRUPTED = 130

Customers = Annotated[int, typer.Option(min=1, help="How many customers.")]
Days = Annotated[int, typer.Option(min=1, help="Length of the simulated history.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same households and events.")]


def _step(seconds: int) -> int:
    if seconds <= 0 or DAY_S % seconds:
        raise typer.BadParameter(f"{seconds} s does not divide a day")
    return seconds


Step = Annotated[
    int, typer.Option(callback=_step, help="Simulated seconds per step; must divide a day.")
]
Until = Annotated[
    datetime | None, typer.Option(help="End of history, UTC; the present when left out.")
]
Mqtt = Annotated[str | None, typer.Option(help="mqtts://HOST:PORT")]
MqttCa = Annotated[
    Path | None, typer.Option(help="CA certificates that the broker's is checked with.")
]
Ingest = Annotated[str | None, typer.Option(help="Base URL of ingest.")]
Journey = Annotated[str | None, typer.Option(help="Base URL of journey.")]
Results = Annotated[Path, typer.Option(help="Where truth.json and published.json are written.")]


@app.command()
def run(  # one argument per option
    *,
    customers: Customers = 100,
    days: Days = 30,
    seed: Seed = 1,
    step_s: Step = STEP_S,
    until: Until = None,
    live: Annotated[bool, typer.Option(help="Go on at the wall's pace until Ctrl-C.")] = False,
    wall: Annotated[
        bool,
        typer.Option(
            help="No history and no beacons: live now, against services on the wall clock."
        ),
    ] = False,
    max_ahead_h: Annotated[
        float | None, typer.Option(help="Wait when journey is further behind, simulated hours.")
    ] = None,
    mqtt: Mqtt = None,
    mqtt_ca: MqttCa = None,
    ingest: Ingest = None,
    journey: Journey = None,
    results: Results = Path(),
) -> None:
    """Let a fleet live through its history on a running system; exit code 1 when an ack is missing."""
    from tools.fleet import truth
    from tools.fleet.fleet import Fleet
    from tools.fleet.progress import Bar

    fleet = Fleet(step_s=step_s)
    fleet.plan(customers, days, seed, _end(until), history=not wall)
    truth.write(results / "truth.json", fleet.truth)
    ahead = None if max_ahead_h is None else timedelta(hours=max_ahead_h)
    address = _endpoints(mqtt, mqtt_ca, ingest, journey)

    async def play() -> None:
        try:
            if wall:
                await fleet.begin(address)
            else:
                with Bar(out) as bar:
                    await fleet.run(address, bar.show, max_ahead=ahead)
                fleet.ledger.write(results / "published.json")
                _report(fleet.ledger, fleet.seconds)
            if live or wall:
                out.print("Living on at the wall's pace; Ctrl-C ends it.")
                await fleet.live()
        finally:
            await fleet.stop()

    _run(play())
    raise typer.Exit(0 if fleet.ledger.is_complete else 1)


@app.command()
def record(  # one argument per option
    file: Annotated[Path, typer.Argument(help="JSON lines, one per message.")],
    *,
    customers: Customers = 100,
    days: Days = 30,
    seed: Seed = 1,
    step_s: Step = STEP_S,
    until: Until = None,
    results: Results = Path(),
) -> None:
    """Write a fleet's history to a file; needs no servers."""
    from tools.fleet import truth
    from tools.fleet.fleet import Fleet
    from tools.fleet.progress import Bar
    from tools.fleet.replay import Recorder

    fleet = Fleet(step_s=step_s)
    fleet.plan(customers, days, seed, _end(until))
    truth.write(results / "truth.json", fleet.truth)
    with file.open("wb") as opened, Bar(out) as bar:
        recorder = Recorder(opened)
        fleet.record(recorder, bar.show)
    events = sum(fleet.ledger.counts().values())
    out.print(f"{events:,} events in {recorder.messages:,} messages written to {file}.")


@app.command()
def play(
    file: Annotated[Path, typer.Argument(exists=True, help="As `record` writes it.")],
    *,
    speed: Annotated[
        float, typer.Option(min=0, help="Recorded seconds per second; 0: as fast as possible.")
    ] = 0.0,
    mqtt: Mqtt = None,
    mqtt_ca: MqttCa = None,
    ingest: Ingest = None,
    journey: Journey = None,
    results: Results = Path(),
) -> None:
    """Play a recorded file against a running system; exit code 1 when an ack is missing."""
    from tools.fleet.playback import Playback

    player = Playback(file)
    began = monotonic()
    address = _endpoints(mqtt, mqtt_ca, ingest, journey)

    def told(messages: int) -> None:
        out.print(f"  {messages:>9,} messages  {messages / (monotonic() - began):>7,.0f}/s")

    _run(player.play(address, told, speed=speed))
    player.ledger.write(results / "published.json")
    _report(player.ledger, monotonic() - began)
    raise typer.Exit(0 if player.ledger.is_complete else 1)


def _run(work: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(work)
    except FleetError as error:
        err.print(f"[red]{error}[/]", soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def _report(ledger: "Ledger", seconds: float) -> None:
    published, acked = ledger.counts(), ledger.counts("acked")
    out.print(f"{sum(published.values()):,} events in {seconds:.1f} s; distinct ids by topic:")
    for topic in published:
        out.print(f"  {topic:<18} published {published[topic]:>9,}   acked {acked[topic]:>9,}")
        for gap in ledger.missing(topic):
            out.print("    not acked: " + "/".join(map(str, gap)))
    out.print(
        f"  sent twice {ledger.duplicates_sent:,}, sent again {ledger.resent:,}, "
        f"rejected {sum(ledger.rejected.values()):,}"
    )


def _end(until: datetime | None) -> datetime:
    if until is None:
        return wall_now()
    return until.replace(tzinfo=wall_now().tzinfo)


def _endpoints(
    mqtt: str | None, mqtt_ca: Path | None, ingest: str | None, journey: str | None
) -> "Endpoints":
    """The options, else what `./playcaller up` wrote."""
    from tools.fleet.fleet import Endpoints
    from tools.local.auth import Operator
    from tools.local.keys import KeyHolder, key_file
    from tools.local.mosquitto import accounts_with_password

    accounts = accounts_with_password(ENDPOINTS.parent)
    if mqtt and ingest and journey:
        operator = Operator(ENDPOINTS.parent, "vendor")
        return Endpoints(mqtt, ingest, journey, operator, mqtt_ca, accounts)
    try:
        written = msgspec.json.decode(ENDPOINTS.read_bytes())
    except FileNotFoundError:
        err.print(
            "[red]Nothing runs here.[/] Start it with `./playcaller up`, "
            "or name --mqtt, --ingest and --journey.",
            soft_wrap=True,
        )
        raise typer.Exit(1) from None
    return Endpoints(
        mqtt or written["mqtt"],
        ingest or written["http"]["ingest"],
        journey or written["http"]["journey"],
        KeyHolder(
            written["http"]["console"], key_file(ENDPOINTS.parent, "vendor"), ENDPOINTS.parent
        ),
        mqtt_ca or Path(written["mqtt_ca"]),
        accounts,
    )
