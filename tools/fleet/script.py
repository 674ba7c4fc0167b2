"""What happens to a household once: set-up, firmware, links, faults, opinions."""

from collections.abc import Iterator, Mapping
from typing import Any

from numpy.random import Generator

from tools.fleet.causes import before_drop
from tools.fleet.household import Device, Household, rng_for
from tools.fleet.source import StreamName
from tools.fleet.story import Setting, Trouble

# (UTC seconds, id of the source, stream, type of the event, its own fields)
Happening = tuple[int, str, StreamName, str, Mapping[str, Any]]

DAY_S = 86_400
SCRIPT = 1_000_000  # part of the household's chance that is not a week
OLD, FAULTY, CURED, CHATTY = "2.2.4", "2.3.0", "2.3.1", "3.0.0"
FAULTY_MODEL = "cam-outdoor"
ROLLOUT_DAYS = 4.0  # a rollout reaches all devices of the model within this
FIRMWARE_FAULT = ("stream_crash", "video")
# Ordinary faults that any device has now and then: (code, component, severity).
ORDINARY = (
    ("wifi_weak", "radio", "warning"),
    ("lens_dirty", "optics", "info"),
    ("storage_full", "storage", "error"),
    ("overheated", "board", "critical"),
)
ORDINARY_SHARE = 0.08  # of devices have one in a history
LINKED_SHARE = 0.3
PLATFORMS = ("alexa", "google_home", "apple_home", "home_assistant")
HELP = ("wifi-5ghz", "reset-device", "pairing-code")


def script(home: Household, seed: int, setting: Setting, start: int) -> list[Happening]:
    """All that is not daily use, in order of time; `start` is the UTC second of day 0."""
    rng = rng_for(seed, home.number, SCRIPT)
    story = home.story
    told: list[tuple[float, str, StreamName, str, Mapping[str, Any]]] = []
    for device in home.devices:
        told += _stuck(home, device, rng) if story.stuck else _set_up(home, device, rng)
        told += _firmware(home, device, rng, setting)
        if not story.stuck:
            told += _ordinary(device, rng, setting)
    for trouble in story.troubles:
        told += _trouble(home.devices[trouble.device], trouble)
    told += before_drop(home, rng)
    if home.app is not None and not story.stuck:
        told += _opinions(home, rng, setting)
    kept: list[Happening] = [
        (round(start + day * DAY_S), source, stream, kind, fields)
        for day, source, stream, kind, fields in told
        if day >= 0 and _lives(home, day, source)
    ]
    return sorted(kept, key=lambda happening: happening[0])


def firmware_at(device: Device, setting: Setting) -> str:
    """The firmware a device is sold with."""
    if device.model != FAULTY_MODEL or device.joined < setting.rollout:
        return OLD
    return FAULTY if device.joined < setting.cure else CURED


def _lives(home: Household, day: float, source: str) -> bool:
    """Whether this source can still say something on this day."""
    if source == home.app:
        return True
    if home.story.unplugged is not None and day >= home.story.unplugged:
        return False
    device = next(device for device in home.devices if device.id == source)
    return device.ends is None or day < device.ends


def _set_up(home: Household, device: Device, rng: Generator) -> Iterator[Any]:
    took_s = round(float(rng.uniform(180, 1500)))
    done = device.joined + took_s / DAY_S
    if device.joined < 0:
        # Set up long ago: the device reports its state when it first speaks to us.
        yield (device.phase_s / DAY_S, device.id, "lifecycle", "setup_completed", {})
    else:
        yield (device.joined, device.id, "lifecycle", "setup_started", {})
        if home.app is not None:
            for n, step in enumerate(("account", "wifi", "pair")):
                at = device.joined + (n + 0.5) / 4 * took_s / DAY_S
                fields = {"step": step, "result": "done", "device": device.id}
                yield (at, home.app, "app", "setup_step", fields)
        yield (done, device.id, "lifecycle", "setup_completed", {"took_s": took_s})
    if rng.random() < LINKED_SHARE:
        platform = str(rng.choice(PLATFORMS))
        linked = max(done, 0.0) + float(rng.uniform(0.3, 5))
        yield (linked, device.id, "lifecycle", "integration_linked", {"platform": platform})


def _stuck(home: Household, device: Device, rng: Generator) -> Iterator[Any]:
    at = device.joined
    for attempt in range(int(rng.integers(2, 5))):
        yield (at, device.id, "lifecycle", "setup_started", {})
        fields = {"step": "wifi", "result": "failed", "device": device.id}
        yield (at + 0.003, home.app, "app", "setup_step", fields)
        article = HELP[attempt % len(HELP)]
        yield (at + 0.005, home.app, "app", "help_viewed", {"article": article})
        at += float(rng.uniform(0.2, 3))
    fields = {"step": "wifi", "result": "abandoned", "device": device.id}
    yield (at, home.app, "app", "setup_step", fields)


def _firmware(home: Household, device: Device, rng: Generator, setting: Setting) -> Iterator[Any]:
    delays = rng.uniform(0.1, ROLLOUT_DAYS, 2)
    chatty = home.story.chatty
    if chatty is not None and device is home.devices[0] and device.joined < chatty:
        fields = {"from_firmware": OLD, "to_firmware": CHATTY}
        yield (chatty, device.id, "lifecycle", "firmware_updated", fields)
    if device.model != FAULTY_MODEL or home.story.stuck:
        return
    faulty = setting.rollout + float(delays[0])
    cured = max(setting.cure, device.joined) + float(delays[1])
    if device.joined < setting.rollout:
        fields = {"from_firmware": OLD, "to_firmware": FAULTY}
        yield (faulty, device.id, "lifecycle", "firmware_updated", fields)
    if device.joined < setting.cure:
        fields = {"from_firmware": FAULTY, "to_firmware": CURED}
        yield (cured, device.id, "lifecycle", "firmware_updated", fields)
    if home.story.firmware_faults and device is home.devices[0]:
        code, component = FIRMWARE_FAULT
        at = max(faulty, device.joined) + 0.05
        while at < cured:
            fields = {"code": code, "component": component, "severity": "error"}
            yield (at, device.id, "fault", "fault", fields)
            at += float(rng.uniform(0.2, 0.9))
        recovered = {"code": code, "component": component}
        yield (cured + 0.01, device.id, "fault", "recovered", recovered)


def _ordinary(device: Device, rng: Generator, setting: Setting) -> Iterator[Any]:
    first = max(device.joined, 0.0) + 1.0
    if rng.random() >= ORDINARY_SHARE or first >= setting.days - 1:
        return
    code, component, severity = ORDINARY[int(rng.integers(len(ORDINARY)))]
    at = float(rng.uniform(first, setting.days - 0.5))
    fields = {"code": code, "component": component, "severity": severity}
    for _ in range(int(rng.integers(1, 4))):
        yield (at, device.id, "fault", "fault", fields)
        at += float(rng.uniform(0.02, 0.2))
    yield (at, device.id, "fault", "recovered", {"code": code, "component": component})


def _trouble(device: Device, trouble: Trouble) -> Iterator[Any]:
    at = trouble.span.first
    names = {"code": trouble.code, "component": trouble.component}
    while at < trouble.span.end:
        yield (at, device.id, "fault", "fault", {**names, "severity": trouble.severity})
        if trouble.flapping:
            yield (at + trouble.every_s / 2 / DAY_S, device.id, "fault", "recovered", names)
        at += trouble.every_s / DAY_S
    if trouble.recovers and not trouble.flapping:
        yield (trouble.span.end, device.id, "fault", "recovered", names)


def _opinions(home: Household, rng: Generator, setting: Setting) -> Iterator[Any]:
    unhappy = home.story.drop is not None or home.story.firmware_faults
    days = max(home.story.joined, 0.0) + 3.0 + setting.days * rng.uniform(0, 0.8, 3)
    rolls = rng.random(3)
    stars = int(rng.integers(1, 4)) if unhappy else int(rng.integers(4, 6))
    if rolls[0] < 0.2:
        yield (float(days[0]), home.app, "app", "rating", {"stars": stars})
    if rolls[1] < 0.06 and not unhappy:
        yield (float(days[1]), home.app, "app", "referral_shared", {"channel": "link"})
    if rolls[2] < 0.08 and not unhappy:
        yield (float(days[2]), home.app, "app", "interest_shown", {"product": "cam-outdoor"})
