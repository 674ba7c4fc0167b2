"""A whole system for tests: servers and services of its own, and a device that speaks to it."""

import asyncio
import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tools.fleet.fleet import Endpoints
from tools.local import certificates
from tools.local.auth import Operator
from tools.local.mosquitto import accounts_with_password
from tools.local.servers import Servers
from tools.local.services import Services

BOOT = "9f1c2ab37d405e68"


async def until(condition, seconds=120.0, every=0.05):
    """Wait until `condition` (maybe awaitable) gives something true; fail after `seconds`."""
    last = None
    try:
        async with asyncio.timeout(seconds):
            while True:
                last = condition()
                if asyncio.iscoroutine(last):
                    last = await last
                if last:
                    return last
                await asyncio.sleep(every)
    except TimeoutError:
        raise AssertionError(f"not within {seconds} s; last seen: {last!r}") from None


def bucket(source):
    return hashlib.sha256(source.encode()).hexdigest()[0]


class System:
    """Servers and services of one folder."""

    def __init__(self, folder: Path, clock="wall", extra=None):
        self.folder = folder
        self.clock = clock
        self.extra = {"KAFKA_SESSION_S": "6", **(extra or {})}
        self.servers = Servers(folder, end_with_parent=True)

    async def start(self):
        self.endpoints = await self.servers.start()
        self.services = Services(
            self.folder, self.endpoints, clock=self.clock, extra=self.extra, end_with_parent=True
        )
        await self.services.prepare()
        self.urls = await self.services.start()
        return self

    async def stop(self):
        """End it. Nothing of it is kept, so nobody waits until services and Kafka end in order."""
        await asyncio.gather(
            *(one.kill() for one in (*self.services.all.values(), self.servers.kafka))
        )
        await self.servers.stop()
        self.servers.erase()

    async def kill(self, name):
        """`kill -9`, as the kernel's memory killer would; not started again."""
        await self.services[name].kill()

    async def start_again(self, *names):
        await asyncio.gather(*(self.services[name].start() for name in names))
        self.urls = self.services.urls()

    async def device(self, source, kind="devices"):
        """A registered source that signs in with a password of its own."""
        made = await self.post("ingest", f"/v1/{kind}/{source}/credentials")
        device = Device(
            self.endpoints.mqtt_url,
            source,
            kind,
            password=made["password"],
            ca=self.servers.mosquitto.ca,
        )
        assert await asyncio.to_thread(device.is_up.wait, 20), "the broker does not let it in"
        return device

    def for_fleet(self):
        """Where a fleet finds everything."""
        return Endpoints(
            self.endpoints.mqtt_url,
            self.urls["ingest"],
            self.urls["journey"],
            Operator(self.folder, "vendor"),
            self.servers.mosquitto.ca,
            accounts_with_password(self.folder),
        )

    def client(self, *roles):
        return httpx.AsyncClient(
            trust_env=False,
            timeout=90,
            auth=Operator(self.folder, *roles),
            verify=certificates.of(self.folder).context(),  # console speaks HTTPS
        )

    async def get(self, service, path, **query):
        async with self.client() as http:
            answer = await http.get(self.urls[service] + path, params=query)
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    async def post(self, service, path, body=None, **more):
        async with self.client() as http:
            answer = await http.post(self.urls[service] + path, json=body, **more)
        assert answer.is_success, f"{answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


class Device:
    """A device or app over paho: numbers its events, keeps what `down` says."""

    def __init__(self, mqtt_url, source, kind="devices", *, password, ca):
        self.source, self.kind = source, kind
        self.down = []
        self._seq = {}
        self._acked = threading.Condition()
        self._waiting = set()
        where = urlsplit(mqtt_url)
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=f"test-{source}", protocol=paho.MQTTv5
        )
        self._client.on_message = lambda _c, _u, m: self.down.append(json.loads(m.payload))
        self._client.on_publish = self._published
        self._client.username_pw_set(source, password)
        self._client.tls_set(ca_certs=str(ca))
        self.is_up = threading.Event()
        self._client.on_subscribe = lambda *_: self.is_up.set()
        self._client.on_connect = lambda *_: self._client.subscribe(
            f"pc/v1/{bucket(source)}/{kind}/{source}/down", qos=1
        )
        self._client.reconnect_delay_set(1, 2)  # the broker takes a new password a second later
        self._client.connect(where.hostname, where.port)
        self._client.loop_start()

    def _published(self, _client, _userdata, mid, *_):
        with self._acked:
            self._waiting.discard(mid)
            self._acked.notify_all()

    def event(self, stream, type_, *, at=None, boot=BOOT, seq=None, **fields):
        at = at or datetime.now(UTC)
        if seq is None:
            seq = self._seq.get(stream, 0)
            self._seq[stream] = seq + 1
        moment = at.isoformat().replace("+00:00", "Z")
        sent = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        return {"type": type_, "boot": boot, "seq": seq, "at": moment, "sent": sent, **fields}

    def send(self, stream, *payloads):
        """Publish; each argument is one MQTT message (dict, list or bytes)."""
        for payload in payloads:
            body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
            topic = f"pc/v1/{bucket(self.source)}/{self.kind}/{self.source}/up/{stream}"
            info = self._client.publish(topic, body, qos=1)
            with self._acked:
                if not info.is_published():
                    self._waiting.add(info.mid)

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


def ago(**span):
    return datetime.now(UTC) - timedelta(**span)
