import itertools
from collections import defaultdict

import pytest

from tools.fleet.generate import Life
from tools.fleet.household import household
from tools.fleet.personas import PERSONAS
from tools.fleet.personas.clock_skewed import OFF_S
from tools.fleet.script import CURED, FAULTY, script
from tools.fleet.story import Setting
from tools.fleet.truth import truth

DAY = 86_400
START = 1_780_000_000
SETTING = Setting(90)
SEED = 5
END = START + 90 * DAY


def day_of(happening):
    return (happening[0] - START) / DAY


def is_use(happening):
    return happening[3] == "feature_used" or (
        happening[3] == "usage" and happening[4]["by"] == "person"
    )


def uses_a_day(made, first, end):
    return sum(is_use(h) and first <= day_of(h) < end for h in made) / (end - first)


@pytest.fixture(scope="module")
def lives():
    """Up to 8 households of each persona, with what happens to them."""
    found = defaultdict(list)
    for number in range(400):
        home = household(SEED, number, SETTING)
        if len(found[home.persona]) < 8:
            found[home.persona].append((home, Life(home, SEED, SETTING, START).take(END)))
    return found


@pytest.mark.slow
def test_every_persona_is_there(lives):
    assert set(lives) == {persona.name for persona in PERSONAS}


def test_a_steady_user_uses_as_much_late_as_early(lives):
    early = late = 0
    for home, made in lives["steady"]:
        story = home.story
        if story.joined < 0 and not (story.vacations or story.common or story.chatty):
            early += uses_a_day(made, 1, 45)
            late += uses_a_day(made, 45, 89)
    assert late == pytest.approx(early, rel=0.2)


@pytest.mark.parametrize(
    ("persona", "most"),
    [("novelty", 0.35), ("stop", 0.15), ("decline", 0.75)],
)
def test_a_drop_drops(lives, persona, most):
    before = after = 0
    for home, made in lives[persona]:
        drop = home.story.drop
        assert drop is not None
        assert drop.day >= max(home.story.joined, 0) + 3
        before += uses_a_day(made, max(home.story.joined, 0) + 1, drop.day)
        after += uses_a_day(made, min(drop.day + 7, 88), 90)
    assert after < most * before


def test_who_stops_goes_on_sending_heartbeats_unless_unplugged(lives):
    for home, made in lives["stop"]:
        beats = [h for h in made if h[3] == "heartbeat" and day_of(h) > home.story.drop.day + 1]
        assert bool(beats) is (home.story.unplugged is None)


def test_stuck_in_setup_fails_reads_help_and_never_completes(lives):
    for _, made in lives["stuck_setup"]:
        kinds = [h[3] for h in made]
        assert kinds.count("setup_started") >= 1
        assert any(h[3] == "setup_step" and h[4]["result"] == "failed" for h in made)
        assert "help_viewed" in kinds
        assert "setup_completed" not in kinds
        assert not any(map(is_use, made))
        assert "heartbeat" not in kinds


def test_a_vacation_has_no_uses_but_heartbeats_and_automation(lives):
    automated = back = 0
    for home, made in lives["steady"] + lives["launch_peak"] + lives["faulty_firmware"]:
        for away in home.story.vacations:
            assert 7 <= away.end - away.first <= 14
            # A day counts whole by its noon: its edges may still see uses.
            inside = [h for h in made if away.first + 1 <= day_of(h) < away.end - 1]
            assert not any(map(is_use, inside))
            automated += sum(h[3] == "usage" for h in inside)
            back += uses_a_day(made, away.end + 1, 90) if away.end < 85 else 0
    assert automated > 0
    assert back > 1


@pytest.fixture(scope="module")
def many():
    return [household(SEED, number, SETTING) for number in range(1_500)]


def test_one_in_twenty_five_goes_away_in_a_month(many):
    months = sum(90 - max(home.story.joined, 0) for home in many) / 30
    begun = sum(len(home.story.vacations) for home in many)
    assert 0.03 <= begun / months <= 0.05


def test_usage_and_weekdays_are_not_cut_off(many):
    uses = sorted(home.uses for home in many)
    assert uses[75] < 0.6
    assert uses[-75] > 6.0
    assert max(home.weekday.max() for home in many) > 1.8


def test_a_region_wears_off_together_and_a_firmware_reports_more(many):
    common = [home for home in many if home.story.common is not None]
    assert {(home.region, home.devices[0].model) for home in common} == {("us", "doorbell")}
    assert all(home.story.common.factor(89.0) < 0.6 for home in common)
    indoor = [home for home in many if home.devices and home.devices[0].model == "cam-indoor"]
    chatty = [home for home in indoor if home.story.chatty is not None]
    assert 0.3 <= len(chatty) / len(indoor) <= 0.7
    home = chatty[0]
    assert home.story.factor(home.story.chatty) in (0.0, 3.0 * home.story.factor(60.0 - 8))


def test_half_of_the_drops_have_a_cause_that_shows(many):
    dropped = [home for home in many if home.story.drop is not None]
    caused = [home for home in dropped if home.story.drop.cause is not None]
    assert 0.4 <= len(caused) / len(dropped) <= 0.6
    assert {home.story.drop.cause for home in caused} == {"product", "support", "onboarding"}
    signs = {"product": "fault", "support": "rating", "onboarding": "setup_step"}
    for home in caused[:30]:
        drop = home.story.drop
        before = {
            h[3]
            for h in script(home, SEED, SETTING, START)
            if drop.day - 15 <= day_of(h) < drop.day + 1
        }
        assert signs[drop.cause] in before


def test_in_an_outage_devices_go_on_living(lives):
    for home, made in lives["router_outage"]:
        (offline,) = home.story.outages
        assert 3 <= offline.end - offline.first <= 10
        assert offline.end < 90
        inside = [h for h in made if offline.first <= day_of(h) < offline.end]
        assert sum(h[3] == "heartbeat" for h in inside) >= 8


def test_faulty_firmware_faults_from_2_3_0_until_2_3_1(lives):
    for home, made in lives["faulty_firmware"]:
        device = home.devices[0].id
        updates = {
            h[4]["to_firmware"]: h[0] for h in made if h[3] == "firmware_updated" and h[1] == device
        }
        faults = [h for h in made if h[1] == device and h[4].get("code") == "stream_crash"]
        moments = [h[0] for h in faults if h[3] == "fault"]
        assert len(moments) > 5
        assert updates[FAULTY] < min(moments)
        assert max(moments) < updates[CURED]
        assert faults[-1][3] == "recovered"
        assert faults[-1][0] > updates[CURED]


def test_the_rollout_reaches_owners_whom_it_does_not_hurt(lives):
    updated = hurt = 0
    for made in (made for homes in lives.values() for _, made in homes):
        updated += sum(h[3] == "firmware_updated" and h[4]["to_firmware"] == FAULTY for h in made)
        hurt += any(h[4].get("code") == "stream_crash" for h in made)
    assert 0 < hurt < updated / 2


def test_flapping_faults_and_recovers_within_minutes(lives):
    for home, made in lives["flapping"]:
        device, code = home.devices[0].id, home.story.troubles[0].code
        pairs = [h for h in made if h[1] == device and h[4].get("code") == code]
        assert len(pairs) >= 20
        gaps = [
            b[0] - a[0]
            for a, b in itertools.pairwise(pairs)
            if (a[3], b[3]) == ("fault", "recovered")
        ]
        assert min(gaps) <= 360


def test_clocks_are_off_by_hours_to_years(lives):
    found = {home.story.clock_off_s for home, _ in lives["clock_skewed"]}
    assert found <= set(OFF_S)
    assert len(found) >= 2


def test_an_exchanged_device_is_silent_and_the_new_one_speaks(lives):
    for home, made in lives["exchanged"]:
        old, new, day = home.devices[0], home.replacement, home.story.exchanged
        assert (old.model, new.model) == (new.model, old.model)
        assert max(day_of(h) for h in made if h[1] == old.id) < day + 1e-4
        assert (
            min(day_of(h) for h in made if h[1] == new.id) >= day + home.story.exchange_days - 0.1
        )
        assert any(h[1] == new.id and h[3] == "usage" for h in made) or new.joined > 85


def test_a_launch_peak_sets_up_within_days_of_the_launch(lives):
    days = [home.story.joined for home, _ in lives["launch_peak"]]
    assert max(days) - min(days) < 6
    assert all(home.devices[0].model == "doorbell" for home, _ in lives["launch_peak"])


def test_app_only_has_app_events_only(lives):
    for home, made in lives["app_only"]:
        assert home.devices == []
        assert {h[2] for h in made} == {"app"}
        assert any(map(is_use, made))


def test_duplicates_and_lifo_are_habits_of_steady_users(lives):
    assert all(0.1 <= home.story.duplicates <= 0.4 for home, _ in lives["duplicates"])
    assert all(home.story.lifo for home, _ in lives["lifo"])
    assert all(home.story.drop is None for home, _ in [*lives["duplicates"], *lives["lifo"]])


@pytest.mark.slow
@pytest.mark.parametrize("days", [1, 3, 10, 30])
def test_a_short_history_has_all_personas_too(days):
    setting = Setting(days)
    for number in range(120):
        home = household(SEED, number, setting)
        made = Life(home, SEED, setting, START).take(START + days * DAY)
        assert all(h[0] >= START for h in made)
        if home.story.drop is not None:
            assert home.story.drop.day < days


def test_the_truth_says_what_happened(lives):
    homes = [home for some in lives.values() for home, _ in some]
    told = truth(homes, SEED, SETTING, START)["customers"]
    assert set(told) == {home.customer for home in homes}
    for home in homes:
        mine = told[home.customer]
        assert mine["persona"] == home.persona
        assert (mine["drop"] is not None) is (home.persona in {"novelty", "stop", "decline"})
        assert len(mine["vacations"]) == len(home.story.vacations)
        if home.story.drop is not None:
            assert mine["drop"]["cause"] == home.story.drop.cause
        assert bool(mine["outages"]) is (home.persona == "router_outage")
        assert mine["devices"] == [device.id for device in home.devices]
