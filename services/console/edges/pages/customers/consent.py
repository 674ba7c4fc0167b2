"""`/customers/{customer}/consent`: what a customer wants to get, who wrote it down, and when."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.safe_cells import Value
from services.console.edges.pages import files
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.people import customers_called, names
from services.console.edges.pages.refused import why
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import Found
from services.console.edges.services.journey.consents import Consent
from shared.web.client.answered import Refused

router = APIRouter(include_in_schema=False)

CHANNELS = ("email", "app")
OPT_IN = ("promotion",)  # what is sent to whoever agreed only
KEEPERS = ("csm", "agent", "lead", "admin")
LIFTERS = ("lead", "admin")
WHY = ("asked", "bounced", "complained")
COLUMNS = ("about", "channel", "wanted", "at", "how", "who")


def _lines(consent: Consent) -> Sequence[Mapping[str, Any]]:
    """One line for each topic and channel, and for each kind that needs an agreement."""
    said = {(left.topic, left.channel): left for left in consent.left}
    agreed = {agreement.purpose: agreement for agreement in consent.agreed}
    lines: list[dict[str, Any]] = [
        {"about": purpose, "channel": "", "said": agreed.get(purpose), "opt_in": True}
        for purpose in OPT_IN
    ]
    topics = sorted({*consent.topics, *(topic for topic, _ in said if topic)})
    for topic in topics:
        for channel in CHANNELS:
            # what was left on every channel, or with all topics, is left here too
            keys = ((topic, channel), (topic, ""), ("", channel), ("", ""))
            exact = next((said[key] for key in keys if key in said), None)
            lines.append({"about": topic, "channel": channel, "said": exact, "opt_in": False})
    for line in lines:
        line["wanted"] = (line["said"] is not None) == line["opt_in"]
    return lines


async def _page(view: View, after: str | None) -> Found[Mapping[str, Any]]:
    del after  # it is one page
    consent, _ = await view.ask.consents.of(view.request.path_params["customer"])
    return Found(list(_lines(consent)))


def _row(line: Mapping[str, Any]) -> Sequence[Value]:
    said = line["said"]
    told = (said.at, said.how, said.who) if said is not None else (None,) * 3
    return [line["about"], line["channel"], line["wanted"], *told]


FILES = (File("consent", COLUMNS, _page, _row),)


@router.get("/customers/{customer}/consent")
async def read_consent(view: Viewing, customer: str, said: str = "") -> Response:
    """By topic and channel: what they said last, when, by whom it was written down."""
    return await _shown(view, customer, said="said" if said == "written" else "")


@router.post("/customers/{customer}/consent")
async def write_consent(view: Viewing, customer: str, form: Form) -> Response:
    """What they said just now, by telephone or in a mail."""
    wanted, about, seen = form.get("wanted") == "yes", form.get("about", ""), form.get("seen")
    consents = view.ask.consents
    if about in OPT_IN and not form.get("channel"):
        return await _do(
            view, customer, consents.agree(customer, about, seen or None, agreed=wanted)
        )
    body = {"wanted": wanted, "channel": form.get("left_on") or form.get("channel") or None}
    return await _do(view, customer, consents.want(customer, about, body, seen or None))


@router.post("/customers/{customer}/consent/suppress")
async def suppress(view: Viewing, customer: str, form: Form) -> Response:
    """Nothing is sent to their address any more."""
    return await _do(view, customer, view.ask.consents.suppress(customer, form.get("why", "")))


@router.post("/customers/{customer}/consent/lift")
async def lift(view: Viewing, customer: str, form: Form) -> Response:
    """Something may be sent there again."""
    asked = view.ask.consents.lift(form.get("id", ""), form.get("reason", ""))
    return await _do(view, customer, asked)


async def _do(view: View, customer: str, asked: Awaitable[object]) -> Response:
    """Let journey do it; what it refuses is said on the page."""
    try:
        await asked
    except Refused as refused:
        return await _shown(view, customer, refused.status, problem=why(view, refused))
    return view.go(f"/customers/{quote(customer, safe='')}/consent?said=written")


async def _shown(view: View, customer: str, status: int = 200, **more: Any) -> Response:
    consent, seen = await view.ask.consents.of(customer)
    lines = _lines(consent)
    said = [line["said"] for line in lines if line["said"] is not None]
    if consent.suppressed is not None:
        said.append(consent.suppressed)
    words = view.words
    return view.page(
        "consent.html",
        status=status,
        customer=customer,
        called=(await customers_called(view, [customer])).get(customer, customer),
        consent=consent,
        seen=seen,
        lines=lines,
        people=await names(view, (each_said.who for each_said in said)),
        keeps=view.has(*KEEPERS),
        lifts=view.has(*LIFTERS),
        reasons=[(word, words(f"consent.why_{word}")) for word in WHY],
        **{"said": "", "problem": "", **more},
    )


files.serve(router, "/customers/{customer}/consent", FILES)
