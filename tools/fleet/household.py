"""A customer with devices and apps; all about household n follows from (seed, n) alone."""

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence

from shared.identity import customer_id
from tools.fleet.personas import PERSONAS, Persona
from tools.fleet.story import Drop, Setting, Span, Story

BATTERY = {"cam-indoor": False, "cam-outdoor": True, "lock-s1": True, "doorbell": False}
MODELS = tuple(BATTERY)
MODEL_SHARES = (0.14, 0.42, 0.34, 0.10)  # three in four run on batteries and send arrays
DEVICE_SHARES = (0.82, 0.14, 0.04)  # of households with one, two, three devices
APP_SHARE = 0.71
# (region, IANA zone, share of customers)
REGIONS = (
    ("eu", "Europe/Berlin", 0.45),
    ("us", "America/New_York", 0.35),
    ("apac", "Asia/Tokyo", 0.20),
)
# (plan, price a month, share of customers)
PLANS = (("none", 0.0, 0.35), ("plus", 7.99, 0.45), ("pro", 14.99, 0.20))
PRICES = {"cam-indoor": 59.0, "cam-outdoor": 119.0, "lock-s1": 179.0, "doorbell": 99.0}
BUSINESS_SHARE = 0.03
TERM_DAYS = 365.0
MEDIAN_USES = 1.9  # a day, over the households; a tenth have fewer than 0.7
SPREAD_USES = 0.8  # standard deviation of its logarithm; nothing is cut off
SPREAD_WEEKDAY = 0.35  # of a household's own weekdays, likewise
AWAY_A_MONTH = 0.04  # vacations that begin in 30 days, whoever the customer is
AWAY_DAYS = (7.0, 14.0)
CHATTY_MODEL, CHATTY_SHARE = "cam-indoor", 0.5
DECLINE_IN, DECLINE_TO, DECLINE_DAYS = ("us", "doorbell"), 0.4, 14.0  # half of the way in them
GOLDEN = 0.6180339887498949  # multiples of it spread evenly over [0, 1): shares hold at any size

FIRST_NAMES = ("Ada", "Ben", "Chloe", "David", "Emma", "Farid", "Grace", "Hiro", "Ines", "Jonas")
LAST_NAMES = ("Abe", "Brown", "Costa", "Dahl", "Evans", "Fischer", "Garcia", "Hansen", "Ito", "Kim")


@dataclass(frozen=True, slots=True)
class Device:
    """Attributes: joined, ends: days of set-up and of the last event (None: stays)."""

    id: str
    model: str
    battery: bool
    joined: float
    wake_s: float
    phase_s: float
    ends: float | None = None


@dataclass(slots=True)
class Household:
    """One customer.

    Attributes:
        uses: mean uses a day before the story's factor.
        weekday: seven factors with mean 1, Monday first.
        evening: 0 to 1, how much of the day's use is in the evening.
        renews: will renew the subscription when the term ends.
    """

    number: int
    customer: str
    persona: str
    story: Story
    zone: str
    region: str
    kind: str
    name: str
    plan: str
    price_month: float
    renews: bool
    uses: float
    weekday: np.ndarray
    evening: float
    purchased: float
    devices: list[Device] = field(default_factory=list)
    app: str | None = None

    @property
    def replacement(self) -> Device | None:
        """The device that came in exchange for the first one."""
        return self.devices[-1] if self.story.exchanged is not None else None


def bucket(source: str) -> str:
    """First hex digit of SHA-256(id): the share of ingest that reads this source."""
    return hashlib.sha256(source.encode()).hexdigest()[0]


def rng_for(seed: int, number: int, part: int) -> Generator:
    """The only chance there is: part 0 makes the household, part n its n-th week."""
    return Generator(PCG64(SeedSequence((seed, number, part))))


def persona_of(seed: int, number: int) -> Persona:
    """The persona of household `number`: shares hold within one customer at any fleet size."""
    start = float(np.random.default_rng(seed).random())
    place = (start + number * GOLDEN) % 1.0
    for persona in PERSONAS:
        place -= persona.share
        if place < 0:
            return persona
    return PERSONAS[0]


def household(seed: int, number: int, setting: Setting) -> Household:
    """Make household `number`; the size of the fleet has no part in it."""
    rng = rng_for(seed, number, 0)
    persona = persona_of(seed, number)
    story = persona.tell(rng, setting)
    region, zone, _ = REGIONS[int(rng.choice(3, p=[share for *_, share in REGIONS]))]
    plan, price, _ = PLANS[int(rng.choice(3, p=[share for *_, share in PLANS]))]
    weekday = rng.lognormal(0.0, SPREAD_WEEKDAY, 7)
    dropped = story.drop is not None or story.stuck
    name = f"{FIRST_NAMES[int(rng.integers(10))]} {LAST_NAMES[int(rng.integers(10))]}"
    home = Household(
        number=number,
        customer=customer_id(f"c{seed}-{number:06d}"),
        persona=persona.name,
        story=story,
        zone=zone,
        region=region,
        kind="business" if rng.random() < BUSINESS_SHARE else "household",
        name=name,
        plan=plan,
        price_month=price,
        renews=bool(rng.random() < (0.2 if dropped else 0.95)),
        uses=float(rng.lognormal(np.log(MEDIAN_USES), SPREAD_USES)),
        weekday=weekday / weekday.mean(),
        evening=float(rng.uniform(0.35, 0.75)),
        purchased=story.joined - float(rng.uniform(2.0, 5.0)),
    )
    home.devices = list(_devices(home, rng, seed))
    if story.app if story.app is not None else rng.random() < APP_SHARE:
        home.app = f"app-{seed}-{number:06d}"
    _happens_to_all(home, rng, setting)
    return home


def _happens_to_all(home: Household, rng: Generator, setting: Setting) -> None:
    """What has nothing to do with the persona: vacations, a firmware, a region's taste."""
    story = home.story
    if story.drop is not None and story.drop.cause is not None and home.app is None:
        story.drop = replace(story.drop, cause="product")  # nobody reads help without the app
    begin = max(story.joined, 0.0)
    left = max(setting.days - begin, 0.0)
    for day in np.sort(rng.uniform(begin, begin + left, _times(rng, left))):
        first = max(float(day), begin + 2.0)
        story.vacations.append(Span(first, first + float(rng.uniform(*AWAY_DAYS))))
    model = home.devices[0].model if home.devices else None
    if model == CHATTY_MODEL and rng.random() < CHATTY_SHARE:
        story.chatty = setting.chatty + float(rng.uniform(0.1, 4.0))
    if (home.region, model) == DECLINE_IN:
        story.common = Drop("decline", setting.decline, DECLINE_TO, DECLINE_DAYS)


def _times(rng: Generator, days: float) -> int:
    return int(rng.poisson(AWAY_A_MONTH / 30.0 * days))


def _devices(home: Household, rng: Generator, seed: int) -> list[Device]:
    story = home.story
    count = int(rng.choice(3, p=DEVICE_SHARES)) + 1 if story.devices is None else story.devices
    models = [str(MODELS[int(rng.choice(4, p=MODEL_SHARES))]) for _ in range(count)]
    if story.model is not None and models:
        models[0] = story.model
    members = []
    for place, model in enumerate(models):
        joined = story.joined + 0.03 * place
        ends = story.exchanged if place == 0 else None
        members.append(_device(home, rng, seed, place, model, joined, ends))
    if story.exchanged is not None and members:
        back = story.exchanged + story.exchange_days
        members.append(_device(home, rng, seed, count, models[0], back, None))
    return members


def _device(
    home: Household,
    rng: Generator,
    seed: int,
    place: int,
    model: str,
    joined: float,
    ends: float | None,
) -> Device:
    return Device(
        id=f"{model}-{seed}-{home.number:06d}-{'abcdef'[place]}",
        model=model,
        battery=BATTERY[model],
        joined=joined,
        wake_s=float(rng.choice((6, 8, 12, 24))) * 3600,
        phase_s=float(rng.integers(0, 21_600)),
        ends=ends,
    )
