"""`./playcaller rehearse`: begins a rehearsal, waits for it, and draws what came of it on a terminal."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from tools.local.errors import LocalError
from tools.screens.life import BARS
from tools.screens.screen import cell, shown

SPAN = re.compile(r"([1-9][0-9]{0,3})d")
LOOK_S = 0.3  # between two looks at the job
GONE = "journey does not answer. See:  ./playcaller status"


def days(span: str) -> int:
    """The days of `90d`. Raises LocalError: it is no such span.

    >>> days("90d")
    90
    """
    match = SPAN.fullmatch(span)
    if match is None:
        raise LocalError(f"--history: expected days, like 90d, not {span!r}")
    return int(match[1])


async def ask(
    url: str,
    play: str,
    history: int,
    files: Mapping[str, str] | None,
    auth: httpx.Auth,
    out: Console,
) -> Mapping[str, Any]:
    """Rehearse, saying how far it is. Raises LocalError: it was refused, or has failed."""
    body = {"history_days": history, "files": files}
    async with httpx.AsyncClient(trust_env=False, timeout=30, auth=auth, base_url=url) as client:
        try:
            begun = await client.post(f"/v1/plays/{_safe(play)}/rehearsals", json=body)
            if begun.status_code != httpx.codes.ACCEPTED:
                raise LocalError(_refused(begun))
            job, said = begun.json()["job"], 0
            try:
                while True:
                    rehearsal = (
                        (await client.get(f"/v1/rehearsals/{job}")).raise_for_status().json()
                    )
                    if rehearsal["job"]["state"] != "running":
                        return _over(rehearsal)
                    if rehearsal["job"]["done"] - said >= 2_000:
                        said = rehearsal["job"]["done"]
                        out.print(
                            f"{said:,} of {rehearsal['job']['total'] or 0:,} customers", style="dim"
                        )
                    await asyncio.sleep(LOOK_S)
            except asyncio.CancelledError:
                await client.post(f"/v1/rehearsals/{job}/cancel")
                raise
        except httpx.HTTPError:
            raise LocalError(GONE) from None


def _safe(play: str) -> str:
    return httpx.URL("http://x/").copy_with(path=f"/{play}").raw_path.decode()[1:]


def _refused(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        listed = str(problem.get("detail") or problem["title"]).split("; ")
    except (ValueError, KeyError):
        return f"journey refused it: {answer.status_code}"
    return "\n".join(listed)


def _over(rehearsal: Mapping[str, Any]) -> Mapping[str, Any]:
    if rehearsal["job"]["state"] != "done":
        raise LocalError(
            f"The rehearsal {rehearsal['job']['state']}: {rehearsal['job']['problem']}"
        )
    result: Mapping[str, Any] = shown(rehearsal["result"])
    return result


def draw(result: Mapping[str, Any], out: Console) -> None:
    """Who enters, how far they come, what is sent, what teams have to do, five ways."""
    this, before = result["this"], result["published"]
    out.print(
        f"{result['play']}, {result['begin'][:10]} to {result['until'][:10]}: of"
        f" {result['customers']:,} customers {this['entered']:,} would have entered."
    )
    _lines(out, ["", "this", *(["as played now"] if before else [])], [
        [word, *(f"{_count(version, word):,}" for version in (this, before) if version)]
        for word in ("entered", *sorted({*this["ended"], *(before or this)["ended"]}), "messages", "tasks")
    ])  # fmt: skip
    out.print(f"messages a day  {_bars([sum(d['messages'].values()) for d in result['days']])}")
    out.print(f"entered a day   {_bars([d['entered'] for d in result['days']])}")
    _lines(out, ["step", "begun", "what came of it"], [
        [cell(s["step"]), f"{s['begun']:,}", _said(s["outcomes"])] for s in result["steps"]
    ])  # fmt: skip
    _lines(out, ["messages", "", "why"], [
        [f"{v['messages']:,}", v["verdict"], v["why"]] for v in result["verdicts"]
    ])  # fmt: skip
    for what in ("held", "caps", "left_out"):
        if result[what]:
            out.print(f"{what.replace('_', ' ')}: {_said(result[what])}")
    _lines(out, ["team", "tasks", "hours", "busiest day", "days over"], [
        [cell(t["team"]), f"{t['tasks']:,}", _known(t["hours"]), t["busiest_day"], _known(t["days_over"])]
        for t in result["teams"]
    ])  # fmt: skip
    for sentence in result["not_lived"]:
        out.print(f"not lived through: {sentence}", soft_wrap=True)
    for way in result["paths"]:
        out.print(f"\n{way['customers']:,} like {way['customer']}")
        for line in way["lines"]:
            out.print(f"  {line['at'][:16]}  {line['what']:8} {line['step'] or ''}: {line['why']}")


def _lines(out: Console, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*row)
    if rows:
        out.print(table)


def _count(version: Mapping[str, Any], word: str) -> int:
    many = version["ended"].get(word, 0) if word not in version else version[word]
    return int(many)


def _said(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{word} {n:,}" for word, n in counted.items())


def _known(number: float | None) -> str:
    return "not said" if number is None else f"{number:,}"


def _bars(values: Sequence[int]) -> str:
    """One character a day.

    >>> _bars([0, 4, 8])
    '▁▅█'
    """
    top = max(values, default=0) or 1
    return "".join(BARS[round(value / top * (len(BARS) - 1))] for value in values)
