"""Nobody sends more than their share: 429 with the time to wait, and everybody else goes on."""

import httpx
import pytest
from fastapi import APIRouter
from hypothesis import given
from hypothesis import strategies as st

from shared import metrics
from shared.clock import WallClock
from shared.web.app import create_app
from shared.web.guards import auth
from shared.web.guards.rates import Buckets, Rate, Rates
from shared.web.guards.rights import Right
from tests.signed import access, headers

RIGHTS = (
    Right("GET", "/v1/things", {"agent": "all"}),
    Right("GET", "/v1/door", {}, open=True, why="a test"),
)


@pytest.mark.parametrize(
    ("at", "waits"),
    [
        pytest.param([0, 0, 0], [0, 0, 0], id="the burst"),
        pytest.param([0, 0, 0, 0], [0, 0, 0, 0.5], id="one more"),
        pytest.param([0, 0, 0, 0, 0.499], [0, 0, 0, 0.5, 0.001], id="a moment too early"),
        pytest.param([0, 0, 0, 0, 0.5], [0, 0, 0, 0.5, 0], id="waited, as told"),
        pytest.param([0, 0, 0, 0.5, 0.5], [0, 0, 0, 0, 0.5], id="one comes back each half second"),
        pytest.param([0, 0, 0, 60, 60, 60, 60], [0, 0, 0, 0, 0, 0, 0.5], id="full again, no fuller"),
        pytest.param([0] * 5, [0, 0, 0, 0.5, 0.5], id="asking in vain costs nothing"),
    ],
)  # fmt: skip
def test_a_bucket_gives_a_burst_and_then_its_rate(at, waits):
    buckets = Buckets(Rate(per_s=2, burst=3))

    assert [round(buckets.take("ann", now), 6) for now in at] == waits
    assert buckets.take("bob", at[-1]) == 0


@given(
    per_s=st.floats(0.1, 1000),
    burst=st.integers(1, 100),
    pauses=st.lists(st.floats(0, 3), max_size=200),
)
def test_never_more_than_burst_plus_rate_and_waiting_as_told_is_enough(per_s, burst, pauses):
    buckets, now, taken = Buckets(Rate(per_s, burst)), 0.0, 0
    for pause in pauses:
        now += pause
        wait = buckets.take("ann", now)
        taken += wait == 0
        assert taken <= burst + now * per_s + 1e-3
        assert wait <= 1 / per_s + 1e-6, "the next one is never further away than that"
        if wait:
            now += wait
            assert buckets.take("ann", now) == 0
            taken += 1


def test_memory_is_bounded_and_the_one_seen_last_is_kept():
    buckets = Buckets(Rate(per_s=1, burst=1), keys=100)
    for n in range(10_000):
        buckets.take(f"address-{n}", n / 1000)
        buckets.take("ann", 9.5)
    assert len(buckets) == 100
    assert buckets.take("ann", 9.999) > 0, "a flood of others does not give her a new bucket"


class Time:
    """Moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch) -> Time:
    made = Time()
    monkeypatch.setattr(auth, "monotonic", made)
    return made


def app(rates: Rates):
    router = APIRouter()

    @router.get("/v1/things")
    async def things() -> str:
        return "thing"

    @router.get("/v1/door")
    async def door() -> str:
        return "open"

    async def ready():
        return {}

    return create_app(
        "x", [router], clock=WallClock(), access=access(*RIGHTS), ready=ready, rates=rates
    )


@pytest.fixture
def few():
    return app(Rates(Rate(per_s=2, burst=4), Rate(per_s=0.5, burst=2)))


def client(of, address="192.0.2.1", **sent) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(of, client=(address, 5000))
    return httpx.AsyncClient(transport=transport, base_url="http://x", headers=sent)


def person(name: str) -> dict[str, str]:
    return headers("agent", subject=f"account:{name}")


def count(of: str) -> float:
    found = metrics.REGISTRY.get_sample_value("playcaller_http_throttled_total", {"of": of})
    return found or 0.0


async def statuses(http, path, times, **sent):
    return [(await http.get(path, headers=sent)).status_code for _ in range(times)]


async def test_an_identity_is_counted_wherever_it_comes_from(few, time):
    before = count("identity")
    async with client(few) as here, client(few, "198.51.100.7") as there:
        assert await statuses(here, "/v1/things", 3, **person("ann")) == [200] * 3
        assert await statuses(there, "/v1/things", 2, **person("ann")) == [200, 429]
        assert await statuses(here, "/v1/things", 4, **person("bob")) == [200] * 4

        refused = await here.get("/v1/things", headers=person("ann"))
        assert refused.headers["retry-after"] == "1"
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["type"] == "urn:playcaller:problem:too_many_requests"
        time.now += int(refused.headers["retry-after"])
        assert await statuses(here, "/v1/things", 3, **person("ann")) == [200, 200, 429]
    assert count("identity") == before + 3


async def test_routes_that_do_not_exist_or_are_forbidden_count_too(few, time):
    async with client(few, **person("ann")) as http:
        assert await statuses(http, "/v1/nowhere", 5) == [404, 404, 404, 404, 429]
        assert await statuses(http, "/v1/things", 1) == [429]


async def test_strangers_are_counted_by_address_and_lock_nobody_else_out(few, time):
    bad = {"Authorization": "Bearer not-a-token"}
    before = count("refused")
    async with client(few) as http, client(few, "198.51.100.7") as other:
        assert await statuses(http, "/v1/things", 3, **bad) == [401, 401, 429]
        refused = await http.get("/v1/nowhere")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
        assert await statuses(other, "/v1/things", 1) == [401]
        # who has a good token, or wants to sign in, shares the address and not the trouble
        assert await statuses(http, "/v1/things", 1, **person("ann")) == [200]
        assert await statuses(http, "/v1/door", 1) == [200]
    assert count("refused") == before + 2


async def test_a_network_of_ipv6_counts_as_one(few, time):
    async with client(few, "2001:db8::1") as one, client(few, "2001:db8::ffff:2") as other:
        assert await statuses(one, "/v1/things", 2) == [401, 401]
        assert await statuses(other, "/v1/things", 1) == [429]


async def test_open_routes_are_counted_by_address(few, time):
    before = count("open")
    async with client(few) as http:
        assert await statuses(http, "/v1/door", 3) == [200, 200, 429]
        assert await statuses(http, "/v1/things", 1) == [401]
    assert count("open") == before + 1


async def test_orchestrators_and_collectors_are_never_refused(few, time):
    async with client(few) as http:
        for path in ("/livez", "/readyz", "/metrics"):
            assert await statuses(http, path, 20) == [200] * 20


async def test_who_looks_without_end_waits_and_whether_we_live_is_always_told(time):
    before, of = count("watching"), app(Rates(watchers=Rate(per_s=0.5, burst=3)))
    async with client(of) as http, client(of, "198.51.100.7") as other:
        looks = [*await statuses(http, "/readyz", 2), *await statuses(http, "/metrics", 2)]
        assert looks == [200, 200, 200, 429]
        assert await statuses(http, "/livez", 20) == [200] * 20
        assert await statuses(other, "/metrics", 1) == [200]
        assert await statuses(http, "/v1/things", 1, **person("ann")) == [200]
    assert count("watching") == before + 1
