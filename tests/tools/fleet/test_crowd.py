"""What people do with messages in their apps."""

import msgspec

from tools.fleet.crowd import Crowd
from tools.fleet.source import Rules
from tools.fleet.story import Setting

START = 1_767_225_600
DAY_S = 86_400


def test_a_message_is_seen_once_and_some_are_opened_however_often_an_app_is_told():
    crowd = Crowd(10, Setting(10.0), 1, START, Rules())
    app = next(source.id for source in crowd.sources.values() if source.kind == "apps")
    crowd.tell(START + DAY_S)
    crowd.due(START + 2 * DAY_S, 0.0, last=True)
    crowd.look([(app, "00-opened"), (app, "01-left")])
    crowd.look([(app, "00-opened")])
    told = [
        (event["type"], event["message"])
        for source, packets in crowd.due(START + 3 * DAY_S, 0.0, last=True)
        if source.id == app
        for packet in packets
        for read in [msgspec.json.decode(packet.payload)]
        for event in (read if isinstance(read, list) else [read])
        if "message" in event
    ]
    assert told == [
        ("message_seen", "00-opened"), ("message_clicked", "00-opened"),
        ("message_seen", "01-left"),
    ]  # fmt: skip
