"""What a person sees: one customer's life, the state of everything, readable logs."""

import io
import json
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tools.local.errors import LocalError
from tools.screens import life, logs, needs, status
from tools.screens.advice import Where
from tools.screens.screen import Screen, shown
from tools.screens.status import Part, State

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def out():
    return Screen(file=io.StringIO(), width=120)


def text(out):
    return out.file.getvalue()


LIFE = life.Life(
    customer={
        "id": "c-0042",
        "kind": "household",
        "zone": "Europe/Berlin",
        "profile": {"name": "Ann Example"},
        "subscription": {"plan": "plus", "status": "active", "renews_at": "2026-12-24T00:00:00Z"},
        "stage": "engaged",
        "stage_since": "2026-09-02T07:00:00Z",
        "history": [
            {"stage": "engaged", "previous": "first use", "at": "2026-09-02T07:00:00Z", "cause": "e2"},
            {"stage": "purchased", "previous": None, "at": "2026-08-31T10:00:00Z", "cause": "e1"},
        ],
    },
    days=[
        {"day": "2026-08-31", "uses": 0, "reported": False},
        {"day": "2026-09-01", "uses": 2, "reported": True},
        {"day": "2026-09-02", "uses": 7, "reported": True},
        {"day": "2026-09-03", "uses": 0, "reported": True},
    ],
    risk={"tier": "at_risk", "onset": "2026-09-03", "posterior": 0.93, "severity": 0.8},
    tickets=[
        {"id": "t1", "state": "open", "fault_code": "no_video", "device": "cam-1", "faults": 12, "opened_at": "2026-09-03T06:00:00Z"},
    ],
)  # fmt: skip


def test_a_life_is_told_in_order(out):
    life.draw(LIFE, out)
    said = text(out)
    assert "c-0042 · Ann Example · household · Europe/Berlin" in said
    assert "engaged, since 2026-09-02" in said
    assert said.index("2026-08-31  purchased") < said.index("2026-09-02  engaged")
    assert "  ·▃█▁\n  S ST\n" in said
    assert "most 7 a day, 9 in all" in said
    assert "at_risk, since 2026-09-03  posterior 0.93, severity 0.80" in said
    assert "1, from 12 faults" in said


def test_a_service_that_is_away_is_named_and_the_rest_shown(out):
    life.draw(life.Life(LIFE.customer, None, None, None), out)
    said = text(out)
    assert "analytics does not answer" in said
    assert "support does not answer" in said
    assert "purchased" in said


async def test_without_journey_the_message_says_what_to_do():
    with pytest.raises(LocalError, match="playcaller status"):
        await life.read({}, "c-1", httpx.Auth())


async def test_an_unknown_customer_is_a_plain_message(monkeypatch):
    transport = httpx.MockTransport(lambda request: httpx.Response(404))
    client = httpx.AsyncClient
    monkeypatch.setattr(
        life.httpx,
        "AsyncClient",
        lambda **rest: client(transport=transport, timeout=rest["timeout"]),
    )
    with pytest.raises(life.UnknownCustomer, match="no customer nobody"):
        await life.read({"journey": "http://journey"}, "nobody", httpx.Auth())


def line(topic="device.fault", group="support", state="OK", **rest):
    facts = {
        "partitions": 6,
        "lag_messages": 0,
        "lag_seconds": 0.0,
        "last_progress": None,
        "members": 1,
    }
    return {"topic": topic, "group": group, "state": state, "why": "because", "rejects": None, "quarantine": None, **facts, **rest}  # fmt: skip


def test_each_group_is_told_by_its_own_service_and_refusals_by_ingest():
    merged = status.merge(
        {
            "ingest": [line(quarantine=None, rejects=3, members=0), line(group="analytics", rejects=3)],
            "support": [line(quarantine=2), line(group="analytics", state="STALLED")],
        }
    )  # fmt: skip
    by_group = {entry["group"]: entry for entry in merged}
    assert by_group["support"]["quarantine"] == 2
    assert by_group["support"]["members"] == 1
    assert by_group["support"]["rejects"] == 3
    assert by_group["analytics"]["state"] == "OK"  # the first that told, its own being away


@pytest.mark.parametrize(
    ("parts", "topics", "complaint"),
    [
        pytest.param([Part("kafka", "down")], [line()], "kafka: down", id="a server is down"),
        pytest.param([], [line(state="MISSING")], "MISSING, because", id="a group without members"),
        pytest.param([], [line(state="STALLED")], "STALLED", id="no progress"),
        pytest.param([], [line(quarantine=2)], "2 in quarantine", id="poison set aside"),
        pytest.param([], [], "no service answered", id="nobody to ask"),
    ],
)
def test_what_needs_somebody_is_said_and_ends_unhealthy(out, parts, topics, complaint):
    state = State(parts, topics, needs.complaints(parts, topics, {}, NOON))
    status.draw(state, out)
    assert not state.healthy
    assert complaint in text(out)
    assert json.loads(state.to_json())["healthy"] is False


@pytest.mark.parametrize("how", ["OK", "BEHIND"])
def test_a_group_that_is_catching_up_is_healthy(out, how):
    parts, topics = [Part("kafka", "up")], [line(state=how)]
    state = State(parts, topics, needs.complaints(parts, topics, {}, NOON))
    status.draw(state, out)
    assert state.healthy
    assert "All is well." in text(out)


def test_logs_of_one_service_are_readable(tmp_path, out):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "ingest.log").write_text(
        '{"time":"T1","level":"INFO","service":"ingest","logger":"x","message":"ready","port":80}\n'
        "Traceback of a library\n"
    )
    logs.show(tmp_path, "ingest", 10, follow=False, out=out)
    assert text(out) == "T1 INFO ready port=80\nTraceback of a library\n"


def test_an_unknown_log_names_those_that_exist(tmp_path, out):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "ingest.log").touch()
    with pytest.raises(LocalError, match="Logs: ingest"):
        logs.show(tmp_path, "inget", 10, follow=False, out=out)


OBEYED = "\x1b[2J\x9b31m\x07\r\u202e\u2066\u200f\x00\x7f"
SPOILT = f"Ann{OBEYED}\nrisk  none [red]x[/] [/bold]"


def spoilt(value):
    """The same answer with nonsense in every text that is no date."""
    if isinstance(value, dict):
        return {name: spoilt(each) for name, each in value.items()}
    if isinstance(value, list):
        return [spoilt(each) for each in value]
    return value + SPOILT if isinstance(value, str) and not value[:2].isdigit() else value


def assert_nothing_is_obeyed(said):
    allowed = "\n·│─━↑▁▂▃▄▅▆▇█"
    assert [c for c in said if not (c.isprintable() or c in allowed)] == []
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200f]", said)
    assert not any(line.startswith("risk  none") for line in said.split("\n"))


async def test_a_life_with_control_characters_in_every_text_is_shown_escaped(out, monkeypatch):
    answers = {
        "/risk": {"tier": "at_risk", "onset": "2026-09-03"},
        "/days": LIFE.days,
        "/tickets": {"items": LIFE.tickets},
        "/customers/": LIFE.customer,
    }
    transport = httpx.MockTransport(
        lambda asked: httpx.Response(
            200, json=spoilt(next(a for p, a in answers.items() if p in str(asked.url)))
        )
    )
    client = httpx.AsyncClient
    monkeypatch.setattr(life.httpx, "AsyncClient", lambda **_: client(transport=transport))
    urls = {name: f"http://{name}" for name in ("journey", "analytics", "support")}
    life.draw(await life.read(urls, "c-1", httpx.Auth()), out)
    said = text(out)
    assert_nothing_is_obeyed(said)
    assert "Ann\\u001b[2J\\u009b31m" in said
    assert "[red]x[/] [/bold]" in said


def test_a_status_with_control_characters_is_shown_escaped(out):
    parts, topics = [Part("kafka", SPOILT.partition("\n")[0])], [line(why=SPOILT, state="STALLED")]
    complaints = needs.complaints(parts, shown(topics), {}, NOON)
    status.draw(State(parts, shown(topics), complaints), out)
    assert_nothing_is_obeyed(text(out))
    told = Screen(file=io.StringIO())
    told.print(State(parts, topics, [SPOILT]).to_json(), markup=False, soft_wrap=True)
    assert_nothing_is_obeyed(text(told))
    assert json.loads(text(told))["complaints"] == [SPOILT]


def test_log_lines_with_control_characters_are_shown_escaped(tmp_path, out):
    (tmp_path / "logs").mkdir()
    raw = f"plain {OBEYED}\u2028T9 INFO forged"
    entry = json.dumps({"time": "T1", "level": "INFO", "message": f"m{OBEYED}\nT9 INFO forged"})
    (tmp_path / "logs" / "ingest.log").write_text(f"{raw}\n{entry}\n", newline="")
    logs.show(tmp_path, "ingest", 10, follow=False, out=out)
    said = text(out)
    assert_nothing_is_obeyed(said)
    assert "plain \\u001b[2J" in said
    assert not any(line.startswith("T9") for line in said.split("\n"))


@pytest.mark.parametrize(
    ("part", "plainly", "next_"),
    [
        pytest.param(
            Part("support", "Kafka has not answered for 18 s; without its group for 17 s"),
            "Kafka has not answered for 18 s", "./playcaller logs kafka", id="Kafka lost",
        ),
        pytest.param(
            Part("support", "unread records, and none applied for 16 s"),
            "a batch stands", "./playcaller logs", id="a batch that stands",
        ),
        pytest.param(Part("journey", "down"), "started again by itself", "logs journey", id="died"),
        pytest.param(Part("support", "waiting for migrations"), "", "./playcaller migrate", id="old database"),
        pytest.param(Part("analytics", "something nobody foresaw"), "foresaw", "logs analytics", id="else"),
    ],
)  # fmt: skip
def test_every_sentence_says_what_to_do_next(part, plainly, next_):
    (said,) = needs.complaints([part], [line()], {}, NOON)
    assert plainly in said
    assert next_ in said.partition("Next: ")[2]


@pytest.mark.parametrize(
    "sentence", ["down", "unread records, and none applied for 16 s", "without its group for 17 s"]
)
def test_only_where_somebody_watches_it_is_started_again_by_itself(sentence):
    parts = [Part("support", sentence)]
    (watched,) = needs.complaints(parts, [line()], {}, NOON)
    (alone,) = needs.complaints(parts, [line()], {}, NOON, Where(watched=False, folder=".demo"))
    assert ("started again" in watched, "playcaller up" in watched) == (True, False)
    assert ("started again" in alone, "./playcaller up --folder .demo starts it again" in alone) == (False, True)  # fmt: skip
    assert "playcaller logs support" not in alone, "that would be another folder's log"


def group(count, reason, *, hours, last_hour, topic="device.fault"):
    oldest = (NOON - timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
    return {"topic": topic, "reason": reason, "count": count, "oldest_at": oldest, "last_hour": last_hour}  # fmt: skip


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        pytest.param(
            [group(3, "seq_conflict", hours=5, last_hour=0), group(40, "KeyError", hours=2, last_hour=7)],
            "support: 43 in quarantine (40 KeyError of device.fault, 3 seq_conflict of device.fault), "
            "the oldest for 5 h; it grows, 7 within the hour. Next: GET /v1/quarantine",
            id="grows",
        ),
        pytest.param(
            [group(1, f"r{n}", hours=1, last_hour=0) for n in range(6)],
            "1 r3 of device.fault, 2 for other reasons), the oldest for 1 h; none within the hour",
            id="many causes",
        ),
    ],
)  # fmt: skip
def test_quarantine_is_told_by_cause_with_its_age_and_growth(groups, told):
    (said,) = needs.complaints([], [line(quarantine=43)], {"support": groups}, NOON)
    assert told in said


def test_the_brokers_sessions_are_told_and_who_was_evicted():
    evicted = {"reason": "too_many_filters", "client": "cam-7"}
    told = {
        "held": {"connected": 3, "sessions": 9, "subscriptions": 12},
        "counts": {"too_many_filters": 1, "not_authorised": 8},
        "last": [evicted, {"reason": "not_authorised", "client": "cam-8"}],
    }
    held, ended, refused = needs.broker(told)
    assert held == "broker: 3 connected, 9 sessions, 12 subscriptions"
    assert "1 sessions ended for more filters than a device needs (cam-7)" in ended
    assert "credentials/revoke" in ended
    assert "8 not_authorised" in refused
    assert needs.broker({}) == []


def test_effects_that_wait_are_told_and_unknown_ones_need_somebody():
    facts = {
        "console": {"effects": "2 waiting", "effects_unknown": "1: GET /v1/effects?state=unknown"},
        "journey": {},
    }
    assert needs.waiting_effects(facts) == ["console: effects: 2 waiting"]
    (said,) = needs.unknown_effects(facts)
    assert said.startswith("console: effects of which nobody knows whether they happened: 1: GET ")


def test_sources_full_of_holes_are_told_of_with_what_to_do_next():
    facts = {
        "journey": {"fragmented_seq": "1 sources with more than 1000 gaps in a day"},
        "support": {},
    }
    (said,) = needs.fragmented(facts)
    assert said.startswith("journey: fragmented_seq, 1 sources with more than 1000 gaps in a day.")
    assert "Next: ./playcaller gaps" in said
