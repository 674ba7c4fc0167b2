"""A release that cannot read what everybody sends stops; one source, or a few, never do."""

import pytest

from shared.stream.rate import HEARD, RECORDS, SOURCES, WINDOW_S, Rate

TOPIC = "device.usage"


def cams(count, each=1):
    return [f"cam-{n % count}" for n in range(count * each)]


@pytest.mark.parametrize(
    ("heard", "aside", "stops"),
    [
        pytest.param(0, ["cam-1"] * 10_000, False, id="one source"),
        pytest.param(0, cams(SOURCES - 1, 1_000), False, id="too few sources"),
        pytest.param(0, cams(SOURCES, RECORDS // SOURCES), False, id="fifty records"),
        pytest.param(0, cams(SOURCES, RECORDS // SOURCES + 1), True, id="more than fifty of five"),
        pytest.param(HEARD, cams(SOURCES, 1_000), False, id="five of a large fleet"),
        pytest.param(15, cams(5, 11), False, id="a quarter"),
        pytest.param(14, cams(5, 11), True, id="more than a quarter"),
        pytest.param(10_000, cams(10_000), True, id="everybody, after all went well"),
    ],
)
def test_who_stops(heard, aside, stops):
    rate = Rate()
    rate.applied(TOPIC, [f"fine-{n}" for n in range(heard)])
    assert rate.exceeded(TOPIC, aside, 0.0) is stops
    assert rate.exceeded(TOPIC, [], 0.0) is False, "asking notes nothing"


@pytest.mark.parametrize(("every_s", "stops"), [(WINDOW_S / 60, True), (WINDOW_S, False)])
def test_a_slow_failure_of_everybody_is_one_too(every_s, stops):
    rate, stopped = Rate(), []
    for n in range(300):
        source, now = f"cam-{n % 20}", n * every_s
        stopped.append(rate.exceeded(TOPIC, [source], now))
        rate.set_aside(TOPIC, [source], now)
    assert any(stopped) is stops


def test_another_topic_is_another_matter():
    rate = Rate()
    rate.set_aside("app.usage", cams(50), 0.0)
    assert not rate.exceeded(TOPIC, ["cam-1"], 0.0)
    assert rate.exceeded("app.usage", ["cam-1"], 0.0)


def test_the_last_hour_is_counted():
    rate = Rate()
    for minute in range(120):
        rate.set_aside(TOPIC, ["cam-1"] * 10, minute * 60.0)
    assert rate.last_hour(119 * 60.0) == 600
    assert rate.last_hour(119 * 60.0 + 3_600) == 0
