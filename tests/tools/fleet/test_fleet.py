import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from tests.broker import TESTER
from tests.system import until
from tools.fleet.fleet import Endpoints, Fleet
from tools.fleet.playback import Playback
from tools.fleet.replay import Recorder
from tools.fleet.source import Rules

pytestmark = pytest.mark.servers

END = datetime(2026, 3, 1, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[3] / "examples/device.py"
QUICK = Rules(ask_gap_s=0.2, echo_s=1, jitter_s=0.1, resend_per_s=1000)


def planned(customers=15, days=10, end=END, seed=4):
    fleet = Fleet(rules=QUICK)
    fleet.plan(customers, days, seed, end)
    return fleet


def address(mosquitto):
    return Endpoints(mosquitto.tests_url(TESTER), "", "")


def received(twin):
    """What the twin has, by topic, without the prototypes' bad payloads."""
    return {key: r for key, r in twin.ids.items() if not key[0].startswith("prototype")}


def published(fleet):
    return {key: r for streams in fleet.ledger.published.values() for key, r in streams.items()}


async def test_a_history_arrives_completely_and_is_acked(mosquitto, twin, office):
    fleet = planned(seed=1)  # one of these households sends duplicates
    steps = []
    await fleet.run(address(mosquitto), steps.append, registry=office)
    await fleet.stop()
    assert fleet.ledger.is_complete
    assert fleet.ledger.counts() == fleet.ledger.counts("acked")
    assert received(twin) == published(fleet)
    assert sum(fleet.ledger.counts().values()) > 600
    assert fleet.ledger.duplicates_sent > 0
    assert twin.repeated >= fleet.ledger.duplicates_sent
    assert [p.step for p in steps if p.what == "history"] == list(range(1, 41))
    assert steps[-1].now == END


async def test_beacons_come_after_everything_of_their_step_and_before_the_next(
    mosquitto, twin, office
):
    fleet = planned(10, 4)
    await fleet.run(address(mosquitto), registry=office)
    await fleet.stop()
    now = {}
    for topic, payload in twin.heard:
        if "prototype" in topic:
            continue
        read = msgspec.json.decode(payload)
        if topic.endswith("/clock/up"):
            bucket = topic.split("/")[2]
            moment = datetime.fromisoformat(read["now"])
            assert moment >= now.get(bucket, moment)
            now[bucket] = moment
        elif "ask" not in read:
            clock = now[topic.split("/")[2]]  # a beacon came before the first event
            for event in read if isinstance(read, list) else [read]:
                sent = datetime.fromisoformat(event["sent"])
                step = (sent - clock).total_seconds()
                assert 0 < step <= fleet.step_s or is_skewed(fleet, topic)
    assert len(now) == 16
    assert set(now.values()) == {END}


def is_skewed(fleet, topic):
    source = topic.split("/")[4]
    return any(
        source in told["devices"] and told["clock_off_s"]
        for told in fleet.truth["customers"].values()
    )


@pytest.mark.parametrize(
    ("acks", "messages"),
    [pytest.param(2, 0, id="every second ack"), pytest.param(0, 7, id="a message in seven")],
)
async def test_what_is_lost_on_the_way_is_sent_again_until_it_is_acked(
    mosquitto, twin, office, acks, messages
):
    twin.lose_acks, twin.lose_messages = acks, messages
    fleet = planned(8, 6)
    await fleet.run(address(mosquitto), registry=office)
    await fleet.stop()
    assert fleet.ledger.resent > 0
    assert fleet.ledger.is_complete
    assert received(twin) == published(fleet)


async def test_the_registry_is_told_before_a_source_speaks_and_after_it_has_ended(
    mosquitto, twin, office
):
    fleet = planned(60, 16)
    await fleet.run(address(mosquitto), registry=office)
    await fleet.stop()
    claimed = {source for work in office.done for source, _ in work.claims}
    apps = {row[0] for work in office.done for row in work.apps}
    speaking = {key[0] for key in received(twin)}
    assert speaking <= claimed | apps
    told = [t["exchanged"] for t in fleet.truth["customers"].values() if t["exchanged"]]
    exchanged = [e for e in told if datetime.fromisoformat(e["at"]) < END - timedelta(days=5)]
    assert exchanged
    assert {e["old"] for e in exchanged} <= set(office.retired)
    assert not {e["new"] for e in exchanged} & set(office.retired)


async def test_a_recording_plays_as_the_fleet_itself(mosquitto, twin, office, tmp_path):
    file = tmp_path / "fleet.jsonl"
    fleet = planned(10, 4)
    with file.open("wb") as opened:
        fleet.record(Recorder(opened))
    player = Playback(file, rules=QUICK)
    await player.play(address(mosquitto), registry=office)
    assert player.ledger.is_complete
    assert player.ledger.counts() == fleet.ledger.counts()
    assert received(twin) == published(fleet)
    assert office.done[0].customers
    assert sum(t.endswith("/clock/up") for t, _ in twin.heard) == 16 * (4 * 4 + 1)


async def test_a_recording_of_the_same_seed_is_the_same_file(tmp_path):
    files = []
    for name in ("one", "two"):
        path = tmp_path / name
        with path.open("wb") as opened:
            planned(6, 3).record(Recorder(opened))
        files.append(path.read_bytes())
    assert files[0] == files[1]


async def test_a_fleet_comes_back_when_the_broker_does(mosquitto, twin, office):
    fleet = planned(6, 6)
    running = asyncio.create_task(fleet.run(address(mosquitto), registry=office))
    await until(lambda: len(twin.heard) >= 60)
    await mosquitto.kill()
    await mosquitto.start()
    await running
    await fleet.stop()
    assert fleet.ledger.is_complete
    # what the broker had acked and lost was sent again
    assert received(twin) == published(fleet)


async def test_live_goes_on_with_beacons_of_the_present(mosquitto, twin, office):
    fleet = planned(5, 2, end=datetime.now(UTC))
    await fleet.run(address(mosquitto), registry=office)
    history = len(twin.heard)
    living = asyncio.create_task(fleet.live(step_s=0.5))
    await until(lambda: any("clock" in topic for topic, _ in twin.heard[history:]))
    await fleet.stop()
    await asyncio.wait_for(living, 90)
    beacons = [p for t, p in twin.heard[history:] if t.endswith("/clock/up")]
    assert beacons
    told = datetime.fromisoformat(msgspec.json.decode(beacons[-1])["now"])
    assert abs((datetime.now(UTC) - told).total_seconds()) < 60


async def test_without_a_history_it_lives_from_now_on_and_sends_no_beacons(mosquitto, twin, office):
    fleet = Fleet(rules=QUICK)
    fleet.plan(150, 30, 4, datetime.now(UTC) - timedelta(minutes=20), history=False)
    await fleet.begin(address(mosquitto), registry=office)
    living = asyncio.create_task(fleet.live())
    await until(lambda: len(twin.heard) >= 5)
    await fleet.stop()
    await asyncio.wait_for(living, 90)
    assert office.done[0].customers
    assert not any(topic.endswith("/clock/up") for topic, _ in twin.heard)


async def test_the_example_device_speaks_the_protocol(mosquitto, twin, tmp_path):
    command = [sys.executable, str(EXAMPLE), mosquitto.tests_url(TESTER), "demo-cam", "0.05"]
    twin.lose_messages = 5
    for _ in range(2):  # a restart goes on with the counter it has kept
        before = len(twin.heard)
        device = await asyncio.create_subprocess_exec(*command, cwd=tmp_path)
        try:
            await until(lambda before=before: len(twin.heard) >= before + 12)
        finally:
            device.kill()
            await device.wait()
    (key,) = twin.ids
    kept = msgspec.json.decode((tmp_path / "demo-cam.json").read_bytes())
    assert key == ("demo-cam", "usage", kept["boot"])
    asks = [p for _, p in twin.heard if b'"ask"' in p]
    assert len(asks) >= 2
    # what was lost before the restart was named by no ack, and sent again after the echo
    assert set(range(1, 9)) <= set(twin.ids[key])
