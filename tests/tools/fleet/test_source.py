import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tools.fleet.ranges import Ranges
from tools.fleet.source import Rules, Stream

BOOT = "9f1c2ab37d405e68"
RULES = Rules(ring=10, ack_period_s=600, echo_s=60, ask_gap_s=10, resend_per_s=20)


def stream(events=0, kind="usage", sent_at=None, rules=RULES):
    made = Stream("usage", BOOT, rules)
    for n in range(events):
        made.happen(n, kind, {})
    if sent_at is not None:
        made.sending(made.take_fresh(), sent_at)
    return made


def seqs(entries):
    return [entry.seq for entry in entries]


def test_numbers_rise_by_one_and_fresh_events_are_taken_once():
    s = stream(3)
    assert seqs(s.take_fresh()) == [1, 2, 3]
    assert s.take_fresh() == []
    assert s.happen(0, "usage", {}).seq == 4


def test_an_ack_takes_exactly_what_it_names_out_of_the_ring():
    s = stream(6, sent_at=0)
    assert s.ack(BOOT, [(2, 3), (6, 9)]) == 3
    assert list(s.ring) == [1, 4, 5]
    assert s.acked == Ranges([(2, 3), (6, 6)])


def test_an_ack_for_another_boot_takes_nothing():
    s = stream(2, sent_at=0)
    assert s.ack("0" * 16, [(1, 2)]) == 0
    assert list(s.ring) == [1, 2]


def test_a_reject_takes_events_out_without_counting_them_as_acked():
    s = stream(2, sent_at=0)
    assert s.reject(BOOT, [(1, 1)]) == 1
    assert list(s.ring) == [2]
    assert not s.acked


def test_a_full_ring_drops_the_oldest_heartbeat_first():
    s = stream(4)
    s.happen(0, "heartbeat", {})
    for _ in range(6):
        s.happen(0, "usage", {})
    assert s.dropped == Ranges([(5, 5)])
    assert len(s.ring) == RULES.ring


def test_a_full_ring_without_heartbeats_drops_its_oldest_and_never_sends_it():
    s = stream(12)
    assert s.dropped == Ranges([(1, 2)])
    assert seqs(s.take_fresh()) == list(range(3, 13))
    assert s.unreported == s.dropped


def test_a_dropped_event_that_had_arrived_is_acked_all_the_same():
    s = stream(10, sent_at=0)
    s.happen(0, "usage", {})
    s.ack(BOOT, [(1, 1)])
    assert 1 in s.dropped
    assert 1 in s.acked


@pytest.mark.parametrize(
    ("events", "due"),
    [pytest.param(4, False, id="less than half full"), pytest.param(5, True, id="half full")],
)
def test_a_half_full_ring_asks(events, due):
    assert stream(events, sent_at=100).ask_is_due(100) is due


@pytest.mark.parametrize(
    ("age", "due"),
    [
        pytest.param(1200, False, id="two periods"),
        pytest.param(1201, True, id="more than two periods"),
    ],
)
def test_an_event_unacked_for_two_ack_periods_asks(age, due):
    assert stream(1, sent_at=0).ask_is_due(age) is due


def test_after_connecting_it_asks_within_the_jitter_if_something_was_under_way():
    s = stream(1, sent_at=0)
    s.connected(0, jitter=0.5)
    assert not s.ask_is_due(29)
    assert s.ask_is_due(30)


def test_a_first_connection_is_no_reason_to_ask():
    s = stream(1)
    s.connected(0, jitter=0)
    assert not s.ask_is_due(100)


def test_an_empty_ring_never_asks():
    s = stream(6, sent_at=0)
    s.ack(BOOT, [(1, 6)])
    assert not s.ask_is_due(10_000)


def test_an_ask_without_echo_is_repeated_after_60_s_then_120():
    s = stream(6, sent_at=0)
    assert s.ask(0) == 1
    assert not s.ask_is_due(59)
    assert s.ask_is_due(60)
    assert s.ask(60) == 2
    assert not s.ask_is_due(179)
    assert s.ask_is_due(180)


def test_patience_has_a_limit_of_16_times():
    s = stream(6, sent_at=0)
    now = 0
    for _ in range(12):
        s.ask(now)
        now += 10_000
    s.ask(now)
    assert not s.ask_is_due(now + 959)
    assert s.ask_is_due(now + 960)


def test_what_was_sent_before_the_ask_and_not_named_is_sent_again():
    s = stream(6, sent_at=0)
    number = s.ask(0)
    s.happen(1, "usage", {})
    s.sending(s.take_fresh(), 1)
    s.ack(BOOT, [(1, 2), (5, 6)])
    assert s.echo(number) == 2
    assert seqs(s.take_resends(2)) == [3, 4]


@pytest.mark.parametrize(
    "number",
    [pytest.param(0, id="none"), pytest.param(2, id="never asked")],
)
def test_an_echo_of_an_ask_that_was_not_sent_does_nothing(number):
    s = stream(6, sent_at=0)
    s.ask(0)
    assert s.echo(number) == 0
    assert s.is_asking


def test_an_echo_heard_twice_resends_once():
    s = stream(3, sent_at=0)
    s.ask(0)
    assert s.echo(1) == 3
    assert s.echo(1) == 0


def test_an_echo_of_an_older_ask_counts_only_for_what_was_sent_before_it():
    s = stream(1, sent_at=0)
    s.ask(0)
    s.happen(1, "usage", {})
    s.sending(s.take_fresh(), 1)
    s.ask(60)
    assert s.echo(1) == 1
    assert seqs(s.take_resends(61)) == [1]
    assert s.is_asking


def test_resends_keep_to_20_a_second():
    s = stream(50, sent_at=0, rules=Rules(ring=100))
    s.ask(0)
    s.echo(1)
    assert len(s.take_resends(10)) == 20
    assert s.take_resends(10) == []
    assert len(s.take_resends(10.5)) == 10
    assert len(s.take_resends(100)) == 20


def test_an_ack_that_comes_late_spares_the_resend():
    s = stream(3, sent_at=0)
    s.ask(0)
    s.echo(1)
    s.ack(BOOT, [(1, 3)])
    assert s.take_resends(1) == []


def test_what_was_dropped_is_reported_until_the_echo_of_an_ask_after_it():
    s = stream(11, sent_at=0)
    s.ask(0)
    s.happen(1, "usage", {})  # drops another after the report has left
    s.echo(1)
    assert s.unreported == Ranges([(2, 2)])


class LossyLink(RuleBasedStateMachine):
    """A stream against an ingest that loses packets, acks and echoes: nothing is lost for ever."""

    @initialize()
    def begin(self):
        self.now = 0.0
        self.stream = Stream("usage", BOOT, Rules(ring=30, jitter_s=1))
        self.kafka = set()
        self.untold = set()
        self.answers = []

    @rule(n=st.integers(1, 5), beat=st.booleans())
    def events(self, n, beat):
        for _ in range(n):
            self.stream.happen(self.now, "heartbeat" if beat else "usage", {})

    @rule(lost=st.booleans())
    def send(self, lost):
        entries = self.stream.take_fresh()
        self.stream.sending(entries, self.now)
        self._arrive(entries, lost)

    @rule(lost=st.booleans())
    def resend(self, lost):
        entries = self.stream.take_resends(self.now)
        self.stream.sending(entries, self.now)
        self._arrive(entries, lost)

    @rule(lost=st.booleans())
    def ack(self, lost):
        self._tell(lost)

    @rule(lost=st.booleans(), echo_lost=st.booleans())
    def ask(self, lost, echo_lost):
        if self.stream.ask_is_due(self.now):
            number = self.stream.ask(self.now)
            self._tell(lost)
            if not echo_lost:
                self.answers.append(number)

    @rule()
    def hear(self):
        for number in self.answers:
            self.stream.echo(number)
        self.answers.clear()

    @rule(seconds=st.sampled_from([0.1, 1, 10, 100, 2000]))
    def wait(self, seconds):
        self.now += seconds

    @rule(jitter=st.floats(0, 1))
    def reconnect(self, jitter):
        self.stream.connected(self.now, jitter)

    def _arrive(self, entries, lost):
        if not lost:
            self.kafka |= {entry.seq for entry in entries}
            self.untold |= {entry.seq for entry in entries}

    def _tell(self, lost):
        if not lost:
            self.stream.ack(BOOT, [(seq, seq) for seq in sorted(self.untold)])
        self.untold.clear()  # ingest does not remember what it told, heard or not

    @invariant()
    def nothing_leaves_the_ring_but_acked_or_dropped(self):
        s = self.stream
        gone = set(range(1, s.next_seq)) - set(s.ring)
        assert gone == set(s.acked) | set(s.dropped) - set(s.ring)
        assert set(s.acked) <= self.kafka
        assert len(s.ring) <= s.rules.ring

    def teardown(self):
        """Once nothing is lost any more, everything is acked within a few asks."""
        s = self.stream
        self.answers.clear()
        for _ in range(60):
            self.send(lost=False)
            self.resend(lost=False)
            s.ask_at = self.now
            if not s.ring:
                break
            if s.ask_is_due(self.now):
                number = s.ask(self.now)
                self._tell(lost=False)
                s.echo(number)
            self.now += 1000
        assert not s.ring
        assert set(s.acked) | set(s.dropped) == set(range(1, s.next_seq))
        assert set(s.acked) >= self.kafka - set(s.dropped)


TestLossyLink = pytest.mark.slow(LossyLink.TestCase)
TestLossyLink.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow],
)
