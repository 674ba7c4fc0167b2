"""A device: `MQTT_PASSWORD=... MQTT_CA=ca.pem python examples/device.py mqtts://HOST:PORT my-device`.

Register it first, and get its password: docs/how-to/credentials.md.
"""

import json
import os
import sys
import time
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

from paho.mqtt.client import CallbackAPIVersion, Client, MQTTv5

url, me = urlsplit(sys.argv[1]), sys.argv[2]
every_s = float(sys.argv[3]) if len(sys.argv) > 3 else 10
topic = f"pc/v1/{sha256(me.encode()).hexdigest()[0]}/devices/{me}"
flash = Path(f"{me}.json")  # counter and ring outlive a restart; a new `boot` only when it is lost
kept = json.loads(flash.read_text()) if flash.exists() else {"boot": token_hex(8), "seq": 0}
ring = kept.setdefault("ring", {})  # what nobody has acked yet, by seq


def up(payload):
    client.publish(f"{topic}/up/usage", json.dumps(payload), qos=1)


def heard(_client, _data, message):
    told = json.loads(message.payload)
    done = told.get("ack") or told.get("reject") or {}  # Kafka has these, or nobody ever takes them
    for first, last in done.get("seq", []) if done.get("boot") == kept["boot"] else []:
        [ring.pop(str(seq), None) for seq in range(first, last + 1)]
    if lost := [e for e in list(ring.values()) if e["seq"] <= told.get("echo", -1)]:
        up([{**event, "sent": time.strftime("%FT%TZ", time.gmtime())} for event in lost[:100]])


client = Client(CallbackAPIVersion.VERSION2, me, protocol=MQTTv5)
client.username_pw_set(url.username or me, url.password or os.environ.get("MQTT_PASSWORD"))
if url.scheme == "mqtts":
    client.tls_set(os.environ.get("MQTT_CA"))
client.on_message = heard
client.on_connect = lambda *_: (client.subscribe(f"{topic}/down"), up({"ask": kept["seq"]}))
client.connect(url.hostname, url.port or 8883)
client.loop_start()
for n in range(2**62):
    own = {"type": "usage", "by": "person"} if n % 6 else {"type": "heartbeat", "every_s": 60}
    kept["seq"], at = kept["seq"] + 1, time.strftime("%FT%TZ", time.gmtime())
    event = ring[str(kept["seq"])] = own | {"boot": kept["boot"], "seq": kept["seq"], "at": at}
    flash.write_text(json.dumps(kept))  # before sending: a number is never used twice
    up(event | {"sent": at})
    ring.pop(str(kept["seq"] - 400), None)  # given up; a real device reports it as `dropped`
    if n % 100 == 99:  # what of all this has arrived?
        up({"ask": kept["seq"]})
    time.sleep(every_s)
