"""Clients as strangers would use them: paho over TLS, with whatever credential they have."""

import queue
import ssl
import threading
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt

PATIENCE_S = 60.0


class Client:
    """One connection attempt after another is the caller's: nothing reconnects by itself.

    Attributes:
        reason: of the CONNACK, or why there was none.
        ended: set when the connection has ended.
    """

    def __init__(
        self, url, user=None, password=None, *, client_id="", ca=None, certificate=None, key=None,
        protocol=mqtt.MQTTv5, retained_will=None,
    ):  # fmt: skip
        where = urlsplit(url)
        transport = "websockets" if where.scheme == "wss" else "tcp"
        self.heard = queue.Queue()
        self.ended = threading.Event()
        self.reason = None
        self._known = threading.Event()
        self._subscribed = queue.Queue()
        self._acked = {}
        self._changed = threading.Condition()
        client = self.client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=protocol,
            transport=transport,
            reconnect_on_failure=False,
        )
        if retained_will is not None:
            client.will_set(retained_will, b"gone", retain=True)
        if user is not None:
            client.username_pw_set(user, password)
        if where.scheme != "mqtt":
            context = ssl.create_default_context(cafile=ca)
            if certificate is not None:
                context.load_cert_chain(certificate, key)
            client.tls_set_context(context)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = lambda _c, _u, _m, codes, _p: self._subscribed.put(codes[0].value)
        client.on_publish = self._on_publish
        client.on_message = lambda _c, _u, m: self.heard.put((m.topic, bytes(m.payload)))
        try:
            client.connect(where.hostname, where.port)
        except OSError as error:
            self.reason = f"{type(error).__name__}: {error}"
            self.ended.set()
            return
        client.loop_start()
        assert self._known.wait(PATIENCE_S), "neither a CONNACK nor an end"

    @property
    def is_in(self):
        """Whether the broker has let us in, and still does."""
        return self.reason == 0 and not self.ended.is_set()

    def _on_connect(self, _client, _data, _flags, reason, _properties):
        self.reason = reason.value
        self._known.set()

    def _on_disconnect(self, _client, _data, _flags, reason, _properties):
        if self.reason is None:
            self.reason = str(reason)
        self.ended.set()
        self._known.set()

    def _on_publish(self, _client, _data, mid, reason, _properties):
        with self._changed:
            self._acked[mid] = reason.value
            self._changed.notify_all()

    def publish(self, topic, payload=b"{}", qos=1):
        """Publish and return the reason code of the broker's answer."""
        mid = self.client.publish(topic, payload, qos=qos).mid
        with self._changed:
            assert self._changed.wait_for(lambda: mid in self._acked, PATIENCE_S), "no PUBACK"
            return self._acked[mid]

    def subscribe(self, pattern):
        """Subscribe and return the reason code of the broker's answer."""
        self.client.subscribe(pattern, qos=1)
        return self._subscribed.get(timeout=PATIENCE_S)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()
        self.client._reset_sockets()  # paho keeps its pair of sockets until it is collected
