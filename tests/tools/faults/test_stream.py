"""The rig's own ledger: what is acked, what is sent again, when it asks."""

from tools.faults import packets
from tools.faults.stream import Stream


def stream_of(count, sent=1.0, behind=0):
    stream = Stream("usage")
    for _ in range(count):
        stream.add({"type": "usage"})
    for held in stream.held.values():
        held.sent_at, held.behind = sent, behind
    return stream


def test_only_what_is_acked_under_our_boot_leaves_the_ring():
    stream = stream_of(5)
    stream.is_acked("another boot", [[1, 5]])
    assert len(stream.held) == 5
    stream.is_acked(stream.boot, [[1, 2], [4, 9]])
    assert (sorted(stream.held), stream.acked) == ([3], {1, 2, 4, 5})


def test_what_is_refused_is_not_acked():
    stream = stream_of(2)
    stream.is_rejected(stream.boot, [[2, 2]], "out_of_range")
    assert (sorted(stream.held), stream.acked, stream.rejected) == ([1], set(), {2: "out_of_range"})


def test_after_an_echo_what_left_before_the_ask_is_sent_again():
    stream = stream_of(3)
    stream.asked = 2
    stream.held[3].behind = 2  # left after the ask
    stream.is_echoed(2)
    assert stream.due_again() == [1, 2]
    stream.is_echoed(2)
    assert stream.again == []


def test_it_asks_when_the_oldest_waits_and_asks_again_when_nobody_answers():
    stream = stream_of(1, sent=10.0)
    assert not stream.must_ask(13.9, after_s=4)
    assert stream.must_ask(14.1, after_s=4)
    stream.asked, stream.asked_at = 1, 14.1
    assert not stream.must_ask(20.0, after_s=4)
    assert stream.must_ask(24.2, after_s=4)


def test_packets_are_those_of_the_standard():
    assert packets.number(128) == b"\x80\x01"
    assert packets.publish("a", 7, b"x") == b"\x32\x07\x00\x01a\x00\x07\x00x"
    head, body = 0x32, packets.publish("a", 7, b"x")[2:]
    assert packets.message(head, body) == (b"x", b"\x00\x07")
