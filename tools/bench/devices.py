"""A few devices that publish as fast as they are asked to."""

import hashlib
import threading
from collections.abc import Iterable
from urllib.parse import urlsplit

import httpx
import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from shared.clock import wall_now
from shared.ids import random_hex

COUNT = 50
ACCOUNT = "_bench"
RIGHTS = {ACCOUNT: ("topic write pc/v1/+/devices/+/up/+",)}
CUSTOMER = "bench"


def topic(source: str, stream: str) -> str:
    """The MQTT topic a device publishes a stream on."""
    bucket = hashlib.sha256(source.encode()).hexdigest()[0]
    return f"pc/v1/{bucket}/devices/{source}/up/{stream}"


class Devices:
    """Fifty registered devices behind one connection of an account that may write for all."""

    def __init__(self, mqtt_url: str, ingest_url: str) -> None:
        self.ids = [f"bench-{n}" for n in range(COUNT)]
        self._ingest_url = ingest_url
        self._boot = random_hex(64)
        self._seq: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        where = urlsplit(mqtt_url)
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id="bench", protocol=paho.MQTTv5
        )
        self._sent = self._acked = 0
        self._client.on_publish = self._on_publish
        self._client.max_inflight_messages_set(500)
        self._client.username_pw_set(where.username, where.password)
        self._client.connect(where.hostname or "", where.port or 0)
        self._client.loop_start()

    async def register(self, auth: httpx.Auth) -> None:
        """Register all and claim them for one customer."""
        async with httpx.AsyncClient(base_url=self._ingest_url, trust_env=False, auth=auth) as http:
            for id_ in self.ids:
                answer = await http.post("/v1/devices", json={"id": id_, "model": "bench"})
                answer.raise_for_status()
            claims = [{"source": id_, "customer": CUSTOMER} for id_ in self.ids]
            (await http.post("/v1/claims", json={"claims": claims})).raise_for_status()

    def publish(self, source: str, stream: str, type_: str, **fields: object) -> None:
        """Queue one event of a device."""
        now = wall_now().isoformat().replace("+00:00", "Z")
        with self._lock:
            seq = self._seq.get((source, stream), 0)
            self._seq[source, stream] = seq + 1
        event = {
            "type": type_, "boot": self._boot, "seq": seq, "at": now, "sent": now, **fields,
        }  # fmt: skip
        self._sent += 1
        self._client.publish(topic(source, stream), msgspec.json.encode(event), qos=1)

    def _on_publish(self, *_: object) -> None:
        self._acked += 1  # only paho's one thread calls this

    def publish_uses(self, sources: Iterable[str]) -> None:
        """One use of each of these devices."""
        for source in sources:
            self.publish(source, "usage", "usage", by="person", command="live_view")

    def flushed(self) -> bool:
        """Whether the broker has acknowledged everything."""
        return self._acked >= self._sent

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()
