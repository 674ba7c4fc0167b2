"""One source's connection to the broker: a paho client without a thread, over a `Wire`."""

from collections import deque
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from typing_extensions import override

from tools.fleet.wire import Wire

WINDOW = 200  # messages under way per client; a broker's lower Receive Maximum holds
KEEPALIVE_S = 600
SESSION_S = 86_400  # the broker keeps what it has for us this long
NO_SUBSCRIBER = 0x10  # MQTT 5: accepted by the broker, taken by nobody (reliability.md M9)
PLAIN_PUBACK = 2  # bytes after the head: a packet id and nothing else means success

OnDown = Callable[["Link", bytes], None]


def _lasting_session() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho
    properties.SessionExpiryInterval = SESSION_S
    return properties


LASTING_SESSION = _lasting_session()


class Link(Client):
    """A client of the fleet.

    Attributes:
        pending: publishes without a PUBACK, those waiting for the window included.
        refused: publishes nobody took (PUBACK >= 0x80 or no subscriber); the ring still has them.
        is_up: connected, and subscribed to `down` where there is one.
    """

    def __init__(self, source: str, *, down: str | None, on_down: OnDown | None = None) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, client_id=source, protocol=MQTTv5)
        self.source = source
        self.pending = 0
        self.accepted = 0
        self.refused = 0
        self.is_up = False
        self.connections = 0
        self._down = down
        self._heard = on_down
        self._window = WINDOW
        self._under_way = 0
        self._waiting: deque[tuple[str, bytes, int]] = deque()
        self.wire: Wire | None = None
        self.username_pw_set(source)
        self.max_inflight_messages_set(0)  # the window is kept here: paho's costs a scan per PUBACK
        self.on_connect = self._connected
        self.on_subscribe = self._subscribed
        self.on_disconnect = self._lost
        self.on_publish = self._published
        self.on_message = self._message

    def open(self, host: str, port: int) -> None:
        """Begin to connect. Raises OSError when nobody listens there."""
        self.connect(host, port, KEEPALIVE_S, clean_start=False, properties=LASTING_SESSION)

    def send(self, topic: str, payload: bytes, qos: int = 1) -> None:
        """Publish now, or when the window has room."""
        if qos == 1:
            self.pending += 1
            if self._under_way >= self._window or not self.is_up:
                self._waiting.append((topic, payload, qos))
                return
            self._under_way += 1
        self.publish(topic, payload, qos)

    @override
    def _create_socket_connection(self) -> Any:
        self.wire = Wire(super()._create_socket_connection())
        return self.wire

    @override
    def _handle_pubackcomp(self, cmd: Any) -> MQTTErrorCode:
        # A plain PUBACK says "accepted" and nothing more: half of paho's cost per message is the
        # reason and property objects it would build to say so.
        packet = self._in_packet
        if packet["remaining_length"] == PLAIN_PUBACK:
            message = self._out_messages.pop(int.from_bytes(packet["packet"], "big"), None)
            if message is not None:
                self._inflight_messages -= 1
                self.accepted += 1
                self._done()
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        return super()._handle_pubackcomp(cmd)

    def _published(
        self, _: Client, __: object, ___: int, reason: ReasonCode, ____: Properties | None
    ) -> None:
        if reason.value >= 0x80 or reason.value == NO_SUBSCRIBER:
            self.refused += 1
        else:
            self.accepted += 1
        self._done()

    def _done(self) -> None:
        self.pending -= 1
        self._under_way -= 1
        if self._waiting:
            self._send_waiting()

    def _send_waiting(self) -> None:
        while self._waiting and self._under_way < self._window:
            self._under_way += 1
            self.publish(*self._waiting.popleft())

    def _connected(
        self,
        _: Client,
        __: object,
        ___: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            return
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
        self._send_waiting()

    def _lost(self, *_: Any) -> None:
        self.is_up = False

    def _message(self, _: Client, __: object, message: MQTTMessage) -> None:
        if self._heard is not None:
            self._heard(self, bytes(message.payload))
