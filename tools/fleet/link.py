"""One source's connection to the broker: a paho client without a thread, over a `Wire`.

paho connects, subscribes, keeps alive, reconnects and hears `down`. PUBLISH and PUBACK, which are
nearly all of the traffic, go past it. CPU per acked message, 300 clients, two messages each in
turn, on a busy machine: 82 us with paho's socket and `publish`, 45 us over a `Wire` and without
paho's reason and property objects, 24 us this way.
"""

import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from typing_extensions import override

from tools.fleet.wire import Wire

WINDOW = 200  # messages under way per client; a broker's lower Receive Maximum holds
KEEPALIVE_S = 600
HANDSHAKE_S = 20.0
FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 5.0  # after the broker did not let us in: doubled each time
NO_SUBSCRIBER = 0x10  # MQTT 5: accepted by the broker, taken by nobody (reliability.md M9)
PUBLISH_QOS1 = 0x32
DUP = 0x08
FIRST_ID, LAST_ID = 1_000, 65_535  # packet ids of ours; paho's subscriptions use the low ones

OnDown = Callable[["Link", bytes], None]


@dataclass(frozen=True, slots=True)
class Login:
    """How a client signs in.

    Attributes:
        tls: whom it trusts; None: no TLS, on loopback only.
    """

    user: str
    password: str | None = None
    tls: ssl.SSLContext | None = None


class Link(Client):
    """A client of the fleet.

    Attributes:
        pending: publishes without a PUBACK, those waiting for the window included.
        refused: publishes nobody took (PUBACK >= 0x80 or no subscriber); the ring still has them.
        turned_away: times the broker did not let us in.
        wait_s: until it is asked again; 0 when it did let us in.
        is_up: connected, and subscribed to `down` where there is one.
    """

    def __init__(
        self,
        source: str,
        *,
        down: str | None,
        on_down: OnDown | None = None,
        login: Login | None = None,
    ) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, client_id=source, protocol=MQTTv5)
        self.source = source
        self.pending = 0
        self.accepted = 0
        self.refused = 0
        self.is_up = False
        self.connections = 0
        self.turned_away = 0
        self.wait_s = 0.0
        self._down = down
        self._heard = on_down
        self._window = WINDOW
        self._under_way: dict[int, bytes] = {}  # PUBLISH packets by id, oldest first
        self._next_id = FIRST_ID
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._heads: dict[str, bytes] = {}
        self.wire: Wire | None = None
        self._login = login or Login(source)
        self.username_pw_set(self._login.user, self._login.password)
        self.on_connect = self._connected
        self.on_subscribe = self._subscribed
        self.on_disconnect = self._lost
        self.on_message = self._message

    def open(self, host: str, port: int) -> None:
        """Begin to connect. Raises OSError when nobody listens there."""
        # no session: what was not acked is sent again, and `down` is subscribed to each time
        self.connect(host, port, KEEPALIVE_S, clean_start=True)

    def send(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 1 now, or when connected and the window has room."""
        self.pending += 1
        if self.is_up and len(self._under_way) < self._window:
            self._put(topic, payload)
        else:
            self._waiting.append((topic, payload))

    def take_pubacks(self) -> None:
        """Handle the PUBACKs that have arrived and are next in line."""
        wire = self.wire
        if wire is None or self._in_packet["command"]:
            return  # paho is in the middle of a packet
        for packet_id, reason in wire.pubacks():
            if self._under_way.pop(packet_id, None) is None:
                continue
            self.pending -= 1
            if reason >= 0x80 or reason == NO_SUBSCRIBER:
                self.refused += 1
            else:
                self.accepted += 1
        if self._waiting:
            self._send_waiting()

    @override
    def _create_socket_connection(self) -> Any:
        sock = super()._create_socket_connection()
        if self._login.tls is not None:
            sock.settimeout(HANDSHAKE_S)
            sock = self._login.tls.wrap_socket(sock, server_hostname=self.host)
        self.wire = Wire(sock)
        return self.wire

    def _put(self, topic: str, payload: bytes) -> None:
        """Write a PUBLISH. Source: MQTT 5.0 section 3.3."""
        head = self._heads.get(topic)
        if head is None:
            name = topic.encode()
            head = self._heads[topic] = len(name).to_bytes(2) + name
        packet_id = self._next_id
        self._next_id = packet_id + 1 if packet_id < LAST_ID else FIRST_ID
        length = len(head) + 3 + len(payload)  # 2 bytes of packet id, 1 of (no) properties
        fixed = _FIXED[length] if length < len(_FIXED) else _fixed(length)
        packet = b"".join((fixed, head, packet_id.to_bytes(2), b"\0", payload))
        self._under_way[packet_id] = packet
        if self.wire is not None:
            self.wire.send(packet)

    def _send_waiting(self) -> None:
        while self._waiting and self.is_up and len(self._under_way) < self._window:
            self._put(*self._waiting.popleft())

    def _connected(
        self,
        _: Client,
        __: object,
        ___: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self.turned_away += 1
            self.wait_s = min(max(2 * self.wait_s, FIRST_WAIT_S), LONGEST_WAIT_S)
            return
        self.wait_s = 0.0
        self.connections += 1
        self._window = min(WINDOW, getattr(properties, "ReceiveMaximum", WINDOW))
        if self._down is None:
            self._up()
        else:
            self.subscribe(self._down, qos=1)

    def _subscribed(self, *_: Any) -> None:
        self._up()

    def _up(self) -> None:
        self.is_up = True
        for packet in self._under_way.values():  # of an earlier connection: not acked, so again
            if self.wire is not None:
                self.wire.send(bytes((packet[0] | DUP,)) + packet[1:])
        self._send_waiting()

    def _lost(self, *_: Any) -> None:
        self.is_up = False

    def _message(self, _: Client, __: object, message: MQTTMessage) -> None:
        if self._heard is not None:
            self._heard(self, bytes(message.payload))


def _fixed(length: int) -> bytes:
    """The fixed header of a PUBLISH: type, QoS 1, and the length in groups of seven bits."""
    packet = bytearray((PUBLISH_QOS1,))
    while length > 127:
        packet.append(length & 127 | 128)
        length >>= 7
    packet.append(length)
    return bytes(packet)


_FIXED = [_fixed(length) for length in range(1_024)]  # what most messages need
