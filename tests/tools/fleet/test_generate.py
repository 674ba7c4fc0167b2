import itertools
from collections import Counter

import pytest

from shared.events import DEVICE_EVENTS, TELEMETRY
from tools.fleet.generate import Generate, Life, events
from tools.fleet.household import household, persona_of
from tools.fleet.personas import PERSONAS
from tools.fleet.story import Setting

DAY = 86_400
START = 1_780_000_000
SETTING = Setting(90)
SEED = 7


def told(generate, setting=SETTING, step=21_600):
    made = []
    for end in range(START + step, START + int(setting.days * DAY) + 1, step):
        for happenings in generate.until(end).values():
            made += happenings
    return made


def fleet(customers, seed=SEED, setting=SETTING):
    return Generate(customers, seed, setting, START)


@pytest.fixture(scope="module")
def history():
    generate = fleet(150)
    return generate.homes, told(generate, step=DAY)


def test_the_same_seed_gives_the_same_events():
    assert told(fleet(8)) == told(fleet(8))


def test_another_seed_gives_other_events():
    assert told(fleet(8)) != told(fleet(8, seed=SEED + 1))


def test_a_household_is_the_same_in_a_fleet_of_any_size():
    small, large = told(fleet(3)), told(fleet(11))
    names = {h[1] for h in small}
    assert Counter(map(repr, small)) == Counter(repr(h) for h in large if h[1] in names)


@pytest.mark.parametrize("step", [3600, 21_600, DAY])
def test_the_length_of_a_step_changes_nothing(step):
    made = told(fleet(4), Setting(14), step)
    assert Counter(map(repr, made)) == Counter(map(repr, told(fleet(4), Setting(14), 7200)))


def test_lazily_or_at_once_is_the_same():
    generate = fleet(4)
    at_once = events(generate.homes, SEED, SETTING, START)
    assert Counter(map(repr, at_once)) == Counter(map(repr, told(generate)))


def test_a_step_tells_what_happens_before_its_end_and_in_order():
    generate = fleet(20)
    for end in range(START + DAY, START + 10 * DAY, DAY):
        for happenings in generate.until(end).values():
            moments = [h[0] for h in happenings]
            assert moments == sorted(moments)
            assert all(START <= at < end for at in moments)


def test_life_goes_on_after_history():
    life = Life(household(SEED, 1, SETTING), SEED, SETTING, START)
    end = START + 91 * DAY
    life.take(end)
    assert any(h[3] == "heartbeat" for h in life.take(end + 2 * DAY))


@pytest.mark.slow
def test_a_thousand_customers_for_90_days_make_500_000_to_700_000_events(history):
    homes, made = history
    per_thousand = len(made) * 1000 / len(homes)
    assert 500_000 <= per_thousand <= 700_000


@pytest.mark.slow
def test_a_thousand_customers_have_about_1200_devices_and_700_apps():
    homes = [household(SEED, n, SETTING) for n in range(1000)]
    assert 1150 <= sum(len(h.devices) for h in homes) <= 1260
    assert 650 <= sum(h.app is not None for h in homes) <= 750


@pytest.mark.parametrize("seed", [1, 2, 99])
def test_15_to_20_percent_of_customers_drop(seed):
    homes = [household(seed, n, SETTING) for n in range(500)]
    assert 0.15 <= sum(h.story.drop is not None for h in homes) / 500 <= 0.20


def test_shares_of_personas_add_up_and_hold_at_any_size():
    assert sum(persona.share for persona in PERSONAS) == pytest.approx(1)
    for size in (50, 400):
        found = Counter(persona_of(3, n).name for n in range(size))
        for persona in PERSONAS:
            assert abs(found[persona.name] - persona.share * size) <= 2


def test_every_event_type_happens_on_its_own_stream(history):
    _, made = history
    streams = {(event.type_name(), event.STREAM) for event in TELEMETRY}
    found = {(h[3], h[2]) for h in made}
    assert found <= streams
    missing = {name for name, _ in streams} - {name for name, _ in found}
    # What is said about a message needs one: the crowd says it of those that come (test_crowd.py).
    assert missing == {"app_error", "integration_unlinked", "message_seen", "message_clicked"}


def test_only_devices_say_what_devices_say(history):
    homes, made = history
    apps = {home.app for home in homes}
    names = {event.type_name() for event in DEVICE_EVENTS}
    assert all((h[1] in apps) == (h[3] not in names) for h in made)


def test_a_heartbeat_comes_every_six_hours(history):
    homes, made = history
    device = next(h.devices[0] for h in homes if h.persona == "steady" and h.story.joined < 0)
    beats = [h[0] for h in made if h[1] == device.id and h[3] == "heartbeat"]
    gaps = [b - a for a, b in itertools.pairwise(beats)]
    assert 358 <= len(beats) <= 360
    assert all(abs(gap - 21_600) <= 30 for gap in gaps)


def test_days_are_the_households_own(history):
    """People sleep at night in their zone: least is used from 1 to 5 o'clock there."""
    homes, made = history
    offset = {"Europe/Berlin": 2, "America/New_York": -4, "Asia/Tokyo": 9}
    zones = {d.id: h.zone for h in homes for d in h.devices}
    for zone, hours in offset.items():
        local = Counter(
            (h[0] // 3600 + hours) % 24
            for h in made
            if h[3] == "usage" and h[4]["by"] == "person" and zones[h[1]] == zone
        )
        night = sum(local[hour] for hour in (1, 2, 3, 4))
        evening = sum(local[hour] for hour in (18, 19, 20, 21))
        assert evening > 10 * night
