"""A play's life over HTTP and in the engine: written, approved, published, paused, retired, rolled back."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from tests.journey.conftest import START
from tests.journey.engine import HOUR, Engine, error, started, with_address
from tests.journey.plays import MAIL, text
from tests.signed import Signed, headers

pytestmark = pytest.mark.servers
DAY = timedelta(days=1)
SERIES = text("""
  - {step: first, mail: one}
  - {step: rest, wait: 2h}
  - {step: second, mail: two}
""")
SHORTER = text("""
  - {step: first, mail: one}
  - {step: second, mail: two}
""")
WRONG = text("  - {step: first, mail: tow}\n", "{stage: onbording}")
PLAY = "/v1/plays/help"
DRAFT = f"{PLAY}/draft"
AUTHOR, LEAD = Signed("marketing", subject="account:mia"), Signed("lead", subject="account:leo")
NOON = START + 12 * HOUR


@pytest.fixture
async def journey(engine, client, smtp, clock):
    """`help` is played from the folder; Ann's first mail has gone out, she waits for the second."""
    made = Engine(engine, SERIES, smtp=smtp)
    await made.publish(START)
    clock.moment = NOON
    app = client._transport.app.state
    app.units.rules = made.units.rules = made.rules
    await with_address(engine, "ann", "ben", "cyd")
    await made.handle(started(NOON, "ann"), now=NOON)
    await made.fire(NOON)
    await made.send(NOON)
    return made


@pytest.fixture
def ask(client):
    async def asked(verb, path, who=LEAD, status=200, match=None, **body):
        more = {} if match is None else {"if-match": match}
        sent = {"json": body} if body or verb in {"PUT", "POST"} else {}
        answer = await client.request(verb, path, headers={**who, **more}, **sent)
        assert answer.status_code == status, answer.text
        return answer

    return asked


async def draft(ask, said, **messages):
    files = {"plays/help.yaml": said, **{f"messages/{n}.md": t for n, t in messages.items()}}
    return await ask("PUT", DRAFT, AUTHOR, files=files)


async def published(ask, said, under_way="follow", **messages):
    await draft(ask, said, **messages)
    await ask("POST", f"{DRAFT}/ask", AUTHOR)
    await ask("POST", f"{DRAFT}/approve")
    answer = await ask("POST", f"{DRAFT}/publish", under_way=under_way)
    return answer.json()["version"]


async def runs(rows):
    found = await rows("SELECT customer, step, state, version, ending FROM run ORDER BY customer")
    return {row.pop("customer"): tuple(row.values()) for row in found}


async def sent(rows):
    found = await rows("SELECT customer, message FROM message WHERE verdict = 'send' ORDER BY 1, 2")
    return [(row["customer"], row["message"]) for row in found]


async def test_written_by_one_approved_by_another_and_played_at_once(journey, ask, rows, servers):
    mail = (MAIL % "help").replace("Hello {{ name }}\n", "Good day {{ name }}\n")
    answer = await draft(ask, SERIES, one=mail)
    assert answer.json()["problems"] == []
    await ask("POST", f"{DRAFT}/publish", status=409)
    await ask("POST", f"{DRAFT}/ask", AUTHOR)
    await ask("POST", f"{DRAFT}/approve", AUTHOR, status=403)  # nor may marketing at all
    await ask("PUT", DRAFT, files={"plays/help.yaml": SERIES, "messages/one.md": mail})
    await ask("POST", f"{DRAFT}/ask", AUTHOR)
    refused = await ask("POST", f"{DRAFT}/approve", status=403)
    assert refused.json()["detail"].startswith("you wrote on the draft of help")
    await ask("POST", f"{DRAFT}/approve", headers("lead", subject="account:lia"))
    assert (await ask("POST", f"{DRAFT}/publish")).json() == {"version": 2}
    await ask("GET", DRAFT, status=404)
    whole = (await ask("GET", PLAY)).json()
    assert (whole["version"], whole["owner"], whole["state"]) == (2, "account:leo", "live")
    assert whole["files"]["messages/one.md"] == mail
    newest = whole["versions"][0]
    assert newest["authors"] == ["account:leo", "account:mia"]
    assert (newest["source"], newest["approved_by"]) == ("draft", "account:lia")
    await journey.handle(started(NOON, "ben"), now=NOON + HOUR)
    await journey.send(NOON + HOUR)
    folder = Path(servers.smtp.data)
    mails = [path.read_text() for path in folder.glob("*.eml")]  # noqa: ASYNC240 - nothing else runs
    assert sum("Good day Ann ben" in mail for mail in mails) == 1


async def test_the_folder_says_nothing_new_and_what_people_published_stays(journey, ask, rows):
    assert await published(ask, SHORTER) == 2
    again = Engine(journey.engine, SERIES)
    await again.publish(NOON)
    assert again.rules.versions == {"help": 2}
    changed = Engine(journey.engine, SERIES.replace("2h", "3h"))
    await changed.publish(NOON)
    assert changed.rules.versions == {"help": 3}
    await ask("POST", f"{PLAY}/retire", under_way="end", why="case 7")
    await changed.publish(NOON)
    assert (await rows("SELECT state FROM play"))[0]["state"] == "retired"
    gone = Engine(journey.engine, SERIES.replace("2h", "4h"))
    await gone.publish(NOON)
    assert (await rows("SELECT state, version FROM play"))[0] == {"state": "live", "version": 4}


async def test_a_process_with_another_folder_leaves_alone_what_it_cannot_read(journey, ask, rows):
    call = "  - {step: call, task: Call, team: onboarding, do: Call., due: 1d, results: [helped]}\n"
    assert await published(ask, SERIES + call) == 2
    other = Engine(journey.engine, teams="- {team: sales, says: Sells., roles: [csm]}\n")
    await other.handle(started(NOON, "ben"), now=NOON + 3 * HOUR)
    await other.fire(NOON + 3 * HOUR)
    assert await runs(rows) == {"ann": ("rest", "active", 1, None)}
    await journey.fire(NOON + 5 * HOUR)
    assert (await runs(rows))["ann"] == ("second", "active", 2, None)


async def test_those_under_way_follow_or_keep_their_version(journey, ask, rows):
    preview = (await draft(ask, SHORTER)) and (await ask("GET", f"{DRAFT}/preview", AUTHOR)).json()
    assert preview == {
        "standing": [{"step": "rest", "runs": 1, "becomes": "goes on", "to": "second"}],
        "unreached": [{"step": "first", "runs": 1, "behind": ["rest"]}],
    }
    assert await published(ask, SHORTER, "pin") == 2
    await journey.handle(started(NOON, "ben"), now=NOON)
    await journey.fire(NOON + HOUR)
    assert (await runs(rows))["ann"] == ("rest", "active", 1, None)
    assert (await runs(rows))["ben"][2] == 2
    answer = await ask("POST", f"{PLAY}/roll-back", version=1, under_way="follow")
    assert answer.json() == {"version": 3}
    await journey.fire(NOON + 3 * HOUR)
    assert (await runs(rows))["ann"][:3] == ("second", "active", 3)


async def test_a_step_that_is_gone_leads_to_the_next_one_that_is_there(journey, ask, rows):
    await published(ask, SHORTER)
    await journey.fire(NOON + HOUR)
    assert (await runs(rows))["ann"] == ("second", "active", 2, None)
    await journey.send(NOON + HOUR)
    assert await sent(rows) == [("ann", "one"), ("ann", "two")]


async def test_a_pause_lets_nobody_in_and_nothing_out_and_loses_no_time(journey, ask, rows):
    await journey.handle(started(NOON, "ben"), now=NOON)  # his mail is planned, and not sent yet
    await ask("POST", f"{PLAY}/pause", why="case 7")
    await journey.handle(started(NOON, "cyd"), now=NOON)
    await journey.send(NOON)
    await journey.fire(NOON + 3 * HOUR)
    assert {who: one[0] for who, one in (await runs(rows)).items()} == {
        "ann": "rest",
        "ben": "first",
    }
    assert await rows("SELECT why FROM left_out") == [{"why": "not_live"}]
    assert await rows("SELECT due_at FROM run WHERE customer = 'ann'") == [{"due_at": None}]
    assert await rows("SELECT why FROM message WHERE customer = 'ben'") == [{"why": "play_paused"}]
    assert await sent(rows) == [("ann", "one")]
    await ask("POST", f"{PLAY}/pause", why="case 7", status=409)
    journey.clock.moment = NOON + 4 * HOUR
    await ask("POST", f"{PLAY}/resume")
    await journey.fire(NOON + 200 * DAY)
    assert (await runs(rows))["ann"][0] == "second"


@pytest.mark.parametrize(
    ("clocks", "step_then", "why_then"),
    [("shift", "rest", "nothing_against"), ("run_on", "second", "too_late")],
)
async def test_the_time_of_a_pause_counts_or_does_not(
    journey, ask, rows, clock, clocks, step_then, why_then
):
    """ann waits for two hours and has waited for none; the mail to ben is of use for seven days."""
    await journey.handle(started(NOON, "ben"), now=NOON)
    await ask("POST", f"{PLAY}/pause", why="case 7")
    await journey.send(NOON)
    clock.moment = later = NOON + 8 * DAY
    await ask("POST", f"{PLAY}/resume", clocks=clocks)
    await journey.fire(later)
    assert (await runs(rows))["ann"][0] == step_then
    await journey.send(later)
    assert await rows("SELECT why FROM message WHERE customer = 'ben'") == [{"why": why_then}]
    await journey.fire(later + 3 * HOUR)
    assert (await runs(rows))["ann"][0] == "second"
    noted = await rows(
        "SELECT after FROM audit WHERE action = 'play.resume' ORDER BY n DESC LIMIT 1"
    )
    assert clocks in str(noted)


async def test_retired_with_runs_under_way(journey, ask, rows):
    await ask("POST", f"{PLAY}/retire", under_way="finish", why="case 7")
    await journey.handle(started(NOON, "ben"), now=NOON)
    await journey.fire(NOON + 3 * HOUR)
    assert await runs(rows) == {"ann": ("second", "active", 1, None)}
    await ask("POST", f"{PLAY}/retire", under_way="end", why="case 8")
    await journey.fire(NOON + 300 * DAY)
    assert (await runs(rows))["ann"][1:] == ("ended", 1, "retired")
    assert (await ask("GET", "/v1/plays")).json()[0]["state"] == "retired"
    refused = await ask("POST", f"{PLAY}/pause", why="case 9", status=409)
    assert refused.json()["detail"] == "play help is retired; this can be done when it is live"


IN_FLIGHT = 9_999  # beside Ann
COPIES = (  # of Ann and her run
    """INSERT INTO customer SELECT (json_populate_record(c, json_build_object('id', 'c-' || n))).*
    FROM customer c, generate_series(1, :n) AS n WHERE c.id = 'ann'""",
    """INSERT INTO customer_state SELECT 'c-' || n, state FROM customer_state,
    generate_series(1, :n) AS n WHERE customer = 'ann'""",
    """INSERT INTO run SELECT (json_populate_record(r, json_build_object('id', 'r-' || n, 'customer',
    'c-' || n))).* FROM run r, generate_series(1, :n) AS n WHERE r.customer = 'ann'""",
)


async def test_retired_with_ten_thousand_under_way_ends_batch_after_batch_and_leaves_nobody(
    journey, ask, rows, engine
):
    async with engine.begin() as connection:
        for copy in COPIES:
            await connection.execute(sql(copy), {"n": IN_FLIGHT})
    await ask("POST", f"{PLAY}/retire", under_way="end", why="case 9")
    left = "SELECT count(*) AS runs FROM run WHERE state <> 'ended'"
    batches = []
    while (count := (await rows(left))[0]["runs"]) and len(batches) < 100:
        batches.append(count)
        await journey.fire(NOON + HOUR)
    ended = {before - after for before, after in pairwise([*batches, 0])}
    assert (len(batches), max(ended)) == (20, 500), batches
    endings = await rows("SELECT ending, count(*) AS runs FROM run GROUP BY ending")
    assert endings == [{"ending": "retired", "runs": IN_FLIGHT + 1}]
    assert await rows("SELECT id FROM run WHERE due_at IS NOT NULL") == []


async def test_a_draft_may_be_wrong_and_says_where(journey, ask, rows):
    problems = (await draft(ask, WRONG)).json()["problems"]
    assert [(p["file"], p["line"], p["field"]) for p in problems] == [
        ("plays/help.yaml", 3, "starts.stage"),
        ("plays/help.yaml", 6, "steps[0].mail"),
    ]
    assert problems[0]["what"] == "unknown stage `onbording`; did you mean `onboarding`?"
    checked = await ask("POST", "/v1/plays/check", play="help", files={"plays/help.yaml": WRONG})
    assert checked.json() == problems
    refused = await ask("POST", f"{DRAFT}/ask", AUTHOR, status=422)
    assert "did you mean `onboarding`?" in refused.json()["detail"]
    await ask("GET", f"{DRAFT}/preview", AUTHOR, status=422)


CALLED = {"plays/help.yaml": text("  - {step: a, wait: 1d}", name="other")}
STARTS_ITSELF = {
    "plays/help.yaml": SERIES,
    "plays/two.yaml": SERIES,
}


@pytest.mark.parametrize(
    ("files", "says"),
    [
        pytest.param(CALLED, "expected `help`: a play keeps its name", id="another name"),
        pytest.param({}, "expected one file of a play", id="no play"),
        pytest.param(STARTS_ITSELF, "expected one file of a play", id="two plays"),
        pytest.param({"teams.yaml": "[]"}, "expected plays/NAME.yaml", id="a file of all plays"),
        pytest.param({"plays/../../x.yaml": ""}, "expected plays/NAME.yaml", id="elsewhere"),
        pytest.param({"plays/help.yaml": "a: ["}, "not YAML", id="no YAML"),
    ],
)
async def test_files_that_are_none_of_a_play(journey, ask, files, says):
    answer = await ask("POST", "/v1/plays/check", play="help", files=files)
    assert any(says in one["what"] for one in answer.json()), answer.json()


async def test_who_writes_over_another_is_told(journey, ask):
    first = (await draft(ask, SERIES)).headers["etag"]
    await draft(ask, SHORTER)
    await ask("PUT", DRAFT, AUTHOR, 412, first, files={"plays/help.yaml": SERIES})
    await ask("POST", f"{DRAFT}/ask", AUTHOR, 412, first)
    await ask("POST", f"{PLAY}/pause", LEAD, 412, '"0"', why="case 7")
    present = (await ask("GET", PLAY)).headers["etag"]
    await ask("POST", f"{PLAY}/pause", LEAD, 200, present, why="case 7")


async def test_a_draft_that_began_with_another_version_is_looked_at_again(journey, ask):
    await draft(ask, SHORTER)
    await ask("POST", f"{DRAFT}/ask", AUTHOR)
    changed = Engine(journey.engine, SERIES.replace("2h", "3h"))
    await changed.publish(NOON)
    refused = await ask("POST", f"{DRAFT}/approve", status=409)
    assert "began with version 1, and it is at version 2" in refused.json()["detail"]
    await draft(ask, SHORTER)
    await ask("POST", f"{DRAFT}/ask", AUTHOR)
    await ask("POST", f"{DRAFT}/approve")


async def test_a_new_play_is_a_draft_until_it_is_published(journey, ask, rows):
    new = {
        "plays/more-help.yaml": text(
            "  - {step: a, mail: one}", "{happens: app_errors}", name="more help"
        )
    }
    await ask("PUT", "/v1/plays/more help/draft", AUTHOR, files=new)
    shown = (await ask("GET", "/v1/plays/more help")).json()
    assert (shown["state"], shown["version"], shown["draft"]) == ("draft", 0, "draft")
    assert [one["play"] for one in (await ask("GET", "/v1/plays")).json()] == ["help", "more help"]
    for verb in ("ask", "approve", "publish"):
        who = AUTHOR if verb == "ask" else LEAD
        await ask("POST", f"/v1/plays/more help/draft/{verb}", who)
    await journey.handle(error(NOON, customer="ben"), now=NOON)
    assert (await runs(rows))["ben"] == ("a", "active", 1, None)
    await ask("GET", "/v1/plays/nothing", status=404)


async def test_two_plays_that_start_each_other_are_not_published(journey, ask):
    start = text("  - {step: a, start: help}", "{happens: app_errors}", name="more")
    await ask("PUT", "/v1/plays/more/draft", AUTHOR, files={"plays/more.yaml": start})
    for verb in ("ask", "approve", "publish"):
        await ask("POST", f"/v1/plays/more/draft/{verb}", AUTHOR if verb == "ask" else LEAD)
    await draft(ask, SERIES + "  - {step: third, start: more}\n")
    refused = await ask("POST", f"{DRAFT}/ask", AUTHOR, status=422)
    assert "help -> more -> help" in refused.json()["detail"]


async def test_a_draft_is_rehearsed_as_it_is(journey, ask, client):
    await draft(ask, SHORTER)
    answer = await ask("POST", f"{PLAY}/rehearsals", AUTHOR, 202, draft=True, history_days=30)
    job = answer.json()["job"]
    assert (await ask("GET", f"/v1/rehearsals/{job}")).json()["unpublished"]
    assert (await ask("GET", DRAFT)).json()["rehearsed_at"] is not None
    await draft(ask, SERIES)
    assert (await ask("GET", DRAFT)).json()["rehearsed_at"] is None
    await ask("DELETE", DRAFT, AUTHOR, 204)
    await ask("POST", f"{PLAY}/rehearsals", AUTHOR, 404, draft=True)
