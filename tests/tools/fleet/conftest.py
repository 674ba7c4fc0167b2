"""A twin of ingest: hears everything, acks and echoes as ingest does, and remembers the order."""

import asyncio
import threading
from collections import Counter, defaultdict
from urllib.parse import urlsplit

import msgspec
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.broker import ACCOUNTS, TESTER
from tools.fleet.household import bucket
from tools.fleet.ranges import Ranges
from tools.local.servers import Servers


@pytest.fixture(scope="package")
def mosquitto(tmp_path_factory):
    """A broker of our own: on the shared one other tests' ingest listens, and would answer too."""
    folder = tmp_path_factory.mktemp("broker")
    servers = Servers(
        folder, ("mosquitto",), databases=(), end_with_parent=True, mqtt_accounts=ACCOUNTS
    )
    asyncio.run(servers.start())
    yield servers.mosquitto
    asyncio.run(servers.stop())
    servers.erase()


class Twin:
    """One session for all buckets.

    Attributes:
        heard: (topic, payload) in the order of arrival.
        ids: {(source, stream, boot): seqs} of what was received.
        lose_acks: every so many acks, one is not sent; 0: none is lost.
        lose_messages: every so many messages, one is forgotten: a broker that lost its queue.
    """

    def __init__(self, url, ack_every=100):
        self.heard = []
        self.ids = defaultdict(Ranges)
        self.repeated = 0
        self.lose_acks = 0
        self.lose_messages = 0
        self._acks = Counter()
        self._pending = defaultdict(list)
        self._every = ack_every
        self._ready = threading.Event()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, "twin", protocol=paho.MQTTv5)
        self.client.on_connect = self._connected
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.on_message = self._message
        where = urlsplit(url)
        self.client.username_pw_set(where.username, where.password)
        self.client.connect(where.hostname, where.port)
        self.client.loop_start()
        assert self._ready.wait(60)

    def stop(self):
        self.client.disconnect()
        self.client.loop_stop()

    def _connected(self, *_):
        self.client.subscribe([("pc/v1/+/+/+/up/+", 1), ("pc/v1/+/clock/up", 1)])

    def _message(self, _, __, message):
        self.heard.append((message.topic, message.payload))
        parts = message.topic.split("/")
        if parts[3] == "clock" or parts[4].startswith("prototype"):
            return
        read = msgspec.json.decode(message.payload)
        name = (parts[3], parts[4], parts[6])
        if isinstance(read, dict) and "ask" in read:
            self._ack(name)
            self._down(name, {"echo": read["ask"], "stream": name[2]})
            return
        self._acks["messages"] += 1
        if self.lose_messages and self._acks["messages"] % self.lose_messages == 0:
            return
        for event in read if isinstance(read, list) else [read]:
            if "seq" in event:
                self._take(name, event)
        if len(self._pending[name]) >= self._every:
            self._ack(name)

    def _take(self, name, event):
        key = (name[1], name[2], event["boot"])
        if event["seq"] in self.ids[key]:
            self.repeated += 1
        self.ids[key].add(event["seq"], event["seq"])
        self._pending[name].append((event["boot"], event["seq"]))

    def _ack(self, name):
        boots = defaultdict(Ranges)
        for boot, seq in self._pending.pop(name, ()):
            boots[boot].add(seq, seq)
        for boot, ranges in boots.items():
            self._acks["acks"] += 1
            if self.lose_acks and self._acks["acks"] % self.lose_acks == 0:
                continue
            ack = {"stream": name[2], "boot": boot, "seq": ranges.pairs()}
            self._down(name, {"ack": ack})

    def _down(self, name, told):
        kind, source, _ = name
        topic = f"pc/v1/{bucket(source)}/{kind}/{source}/down"
        self.client.publish(topic, msgspec.json.encode(told))


class Office:
    """Takes the vendor's work and does nothing but remember it."""

    def __init__(self):
        self.done = []
        self.retired = []

    async def do(self, work):
        self.done.append(work)

    async def retire(self, device):
        self.retired.append(device)

    async def credentials(self, kind, names):
        return {}  # everybody shares the tests' account

    async def wait_for_clocks(self, until):
        pass

    async def clocks(self):
        return {"ingest": None, "journey": None}

    async def close(self):
        pass


@pytest.fixture
def twin(mosquitto):
    made = Twin(mosquitto.tests_url(TESTER))
    yield made
    made.stop()


@pytest.fixture
def office():
    return Office()
