import asyncio
import resource

import pytest

from tests.broker import TESTER
from tools.fleet.errors import BadRecording, BrokerAway, NotInTime, TooFewFiles
from tools.fleet.link import Link
from tools.fleet.mqtt import Network, allow_files
from tools.fleet.replay import lines


@pytest.fixture
def network(mosquitto):
    made = Network(
        mosquitto.tests_url(TESTER), lambda link, payload: heard.append((link.source, payload))
    )
    heard = made.heard = []
    yield made
    made.close()


def test_too_few_open_files_are_told_with_the_number_needed():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        allow_files(10)
        return
    with pytest.raises(TooFewFiles, match=str(hard + 200)):
        allow_files(hard)


def test_the_soft_limit_is_raised_as_far_as_needed():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (300, hard))
        allow_files(150)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 350
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_broker_that_is_not_there_is_named():
    network = Network("mqtt://127.0.0.1:9", lambda *_: None)
    with pytest.raises(BrokerAway, match=r"127\.0\.0\.1:9"):
        network.connect("cam-1", None)
    network.close()


def test_a_line_that_cannot_be_read_is_named(tmp_path):
    file = tmp_path / "x.jsonl"
    file.write_text('{"topic":"a","payload":"b"}\nnonsense\n')
    with pytest.raises(BadRecording, match="line 2"):
        list(lines(file))


@pytest.mark.servers
async def test_many_clients_publish_and_hear_through_one_selector(network):
    links = [network.connect(f"dev-{n}", f"down/dev-{n}") for n in range(120)]
    assert await network.up(links, 20)
    for n, link in enumerate(links):
        for _ in range(3):
            link.send(f"down/dev-{(n + 1) % 120}", b"x")
        network.flush(link)
    assert await network.acked(links, 20)
    assert await network.until(lambda: len(network.heard) == 360, 20)
    assert {name for name, _ in network.heard} == {link.source for link in links}
    assert all(link.accepted == 3 and link.refused == 0 for link in links)


@pytest.mark.servers
async def test_a_message_that_nobody_takes_counts_as_refused(network):
    link = network.connect("dev-a", None)
    await network.up([link], 10)
    link.send("nobody/listens", b"x")
    network.flush(link)
    assert await network.acked([link], 10)
    assert (link.accepted, link.refused) == (0, 1)


@pytest.mark.servers
async def test_more_than_the_window_waits_its_turn_in_order(network):
    link = network.connect("dev-b", "down/dev-b")
    await network.up([link], 10)
    for n in range(1000):
        link.send("down/dev-b", str(n).encode())
    network.flush(link)
    assert await network.acked([link], 20)
    assert await network.until(lambda: len(network.heard) == 1000, 20)
    assert [int(payload) for _, payload in network.heard] == list(range(1000))


@pytest.mark.servers
async def test_what_is_published_before_the_connection_stands_leaves_when_it_does(network):
    link = network.connect("dev-c", "down/dev-c")
    link.send("down/dev-c", b"early")
    assert await network.acked([link], 10)
    assert await network.until(lambda: len(network.heard) == 1, 10)


@pytest.mark.servers
async def test_a_large_payload_leaves_in_pieces(network):
    link = network.connect("dev-d", "down/dev-d")
    await network.up([link], 10)
    for _ in range(40):
        link.send("down/dev-d", b"x" * 200_000)
    network.flush(link)
    assert await network.acked([link], 30)
    assert await network.until(lambda: len(network.heard) == 40, 30)
    assert {len(payload) for _, payload in network.heard} == {200_000}


@pytest.mark.servers
async def test_everybody_reconnects_after_the_broker_was_killed(network, mosquitto):
    links = [network.connect(f"dev-{n}", f"down/dev-{n}") for n in range(20)]
    assert await network.up(links, 20)
    await mosquitto.kill()
    assert await network.until(lambda: not any(link.is_up for link in links), 20)
    for link in links:
        link.send(f"down/{link.source}", b"kept")
    await mosquitto.start()
    assert await network.up(links, 30)
    assert await network.acked(links, 30)
    assert await network.until(lambda: len(network.heard) >= 20, 20)
    assert network.reconnects >= 20


@pytest.mark.servers
async def test_leaving_frees_the_connection_and_the_id_may_come_back(network):
    link = network.connect("dev-e", "down/dev-e")
    await network.up([link], 10)
    network.disconnect(link)
    assert network.links == {}
    again = network.connect("dev-e", "down/dev-e")
    assert await network.up([again], 10)
    assert isinstance(again, Link)


@pytest.mark.servers
async def test_beacons_without_anybody_who_listens_end_with_a_clear_word(network, monkeypatch):
    from datetime import UTC, datetime

    from tools.fleet import beacons

    monkeypatch.setattr(beacons, "TAKEN_S", 1.0)
    with pytest.raises(NotInTime, match="nobody is subscribed"):
        await beacons.Beacons(network).send(datetime.now(UTC), 60)
    await asyncio.sleep(0)
