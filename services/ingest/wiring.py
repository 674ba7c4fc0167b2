"""The only place where ingest's adapters are built."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest import errors
from services.ingest.domain.buckets.beacons import BucketClocks
from services.ingest.domain.messages.acks import Acks
from services.ingest.domain.messages.addresses import BUCKETS
from services.ingest.domain.rules import Rules
from services.ingest.edges import consumer
from services.ingest.edges.api.units import AtTheBroker
from services.ingest.edges.broker.account import Account, account
from services.ingest.edges.broker.broker_files import BrokerFiles
from services.ingest.edges.broker.gatekeeper import Gatekeeper
from services.ingest.edges.broker.monitor import Monitor
from services.ingest.edges.buckets.session import Broker
from services.ingest.edges.messages.bridge import Bridge, Pace
from services.ingest.edges.messages.intake import Intake
from services.ingest.edges.messages.telling import Telling
from services.ingest.edges.rejects.rejudging import Rejudging
from services.ingest.edges.rights import RIGHTS, ROUTERS
from services.ingest.edges.sources.changes import Changes
from services.ingest.handlers.customers.erase_customers import erase_customers
from services.ingest.handlers.messages.on_messages import Planner
from services.ingest.settings import Settings
from services.ingest.store.credentials.credentials import Doorkeeping
from services.ingest.store.messages.plans import PlanStore
from services.ingest.store.rejects.curable import Curable
from services.ingest.store.sources import notices
from services.ingest.store.sources.reader import Reader
from services.ingest.store.sources.registry import Registry
from services.ingest.store.store import Store
from shared.assembly import Service
from shared.clock import Clock, StreamClock
from shared.device_authority import DeviceAuthority
from shared.stream.producer import Producer
from shared.stream.units import Units
from shared.web.routes import jobs as web_jobs

STATUS: dict[type[Exception], int] = {
    errors.SourceRetired: 409,
    errors.AlreadyClaimed: 409,
    errors.NotClaimed: 409,
    errors.CustomerErased: 409,
    errors.ClockNotStarted: 503,
    errors.NoSuchCode: 404,
    errors.NoSuchCredential: 404,
    errors.NoAuthority: 409,
}


def build(settings: Settings, engine: AsyncEngine, clock: Clock) -> Service:
    """The service: bridge, registry, API."""
    owned = settings.ingest_buckets
    simulated = isinstance(clock, StreamClock)
    clocks = BucketClocks({})
    registry = Registry(engine, settings.ingest_registry_cache)
    plans = PlanStore(engine, clock, clocks, owned)
    kafka = Producer(settings.kafka(), "ingest-bridge")
    planner = Planner(clock, clocks if simulated else None)
    bridge = Bridge(planner, registry, plans, kafka, _acks(settings), _pace(settings))
    broker = _broker(settings, simulated)
    intake = Intake(bridge, plans, kafka, broker, clock, clocks, owned)
    rejudging = Rejudging(Curable(engine), bridge.deliver, owned)
    bridge.unknown_stored = rejudging.stored

    def changed(ids: Sequence[str]) -> None:
        registry.forget(ids)
        rejudging.changed(ids)

    def missed() -> None:
        registry.clear()
        rejudging.missed()

    async def listen() -> None:
        url = settings.database_url.get_secret_value()
        await notices.listen(url, changed, missed)

    rules = Rules(
        timedelta(seconds=settings.ingest_app_credential_s),
        timedelta(seconds=settings.ingest_claim_code_s),
    )
    units, jobs = Units("ingest", engine, clock, Store, rules), web_jobs.Jobs()
    telling = Telling(broker)
    alone = owned == BUCKETS
    seen = (lambda: bridge.read + bridge.told + telling.told) if alone else None
    authority, monitor, gatekeeper = _doors(settings, engine, seen)
    waking = gatekeeper.wake if gatekeeper is not None else _nobody
    doors = [runner.run for runner in (monitor, gatekeeper) if runner is not None]

    def waiting() -> dict[str, str]:
        return {**intake.state(), **(gatekeeper.state() if gatekeeper is not None else {})}

    return Service(
        name="ingest",
        engine=engine,
        clock=clock,
        handlers=units.handlers(consumer.HANDLERS),
        erase=units.each(erase_customers),
        routers=ROUTERS,
        tasks=[intake.run, intake.chores, listen, rejudging.run, *doors],
        rights=RIGHTS,
        errors=STATUS,
        state={
            "units": units,
            "changes": Changes(units, registry, bridge.wake),
            "broker": AtTheBroker(waking, authority, monitor),
            "jobs": jobs,
            "telling": telling,
            "rejects_by_topic": partial(_rejects_by_topic, engine),
        },
        waiting=waiting,
        facts=lambda: {**intake.facts(), "mqtt": broker.name},
    )


def _nobody() -> None:
    """No gatekeeper runs here: another process looks once a second."""


def _doors(
    settings: Settings, engine: AsyncEngine, seen: Callable[[], int] | None
) -> tuple[DeviceAuthority | None, Monitor | None, Gatekeeper | None]:
    """What is there of the authority, the broker's ear and the broker's files."""
    ca, key = settings.ingest_devices_ca_file, settings.ingest_devices_ca_key_file
    authority = None if ca is None or key is None else DeviceAuthority(ca, key)
    inner: Account | None = None
    if settings.ingest_monitor_url is not None:
        url = settings.ingest_monitor_url.get_secret_value()
        inner = account(url, settings.mqtt_ca_file, settings.ingest_accounts_folder)
    monitor = None if inner is None else Monitor(inner, seen)
    if settings.ingest_broker_folder is None:
        return authority, monitor, None
    files = BrokerFiles(settings.ingest_broker_folder, settings.ingest_broker_pid_file)
    return authority, monitor, Gatekeeper(Doorkeeping(engine), files, authority, inner)


def _acks(settings: Settings) -> Acks:
    return Acks(settings.ingest_ack_events, settings.ingest_ack_after_s, settings.ingest_answer_s)


def _pace(settings: Settings) -> Pace:
    return Pace(settings.ingest_chunk, settings.ingest_wait_ms / 1000, settings.ingest_acks_per_s)


def _broker(settings: Settings, simulated: bool) -> Broker:
    url = settings.mqtt_url.get_secret_value()
    where = account(url, settings.mqtt_ca_file, settings.ingest_accounts_folder)
    return Broker(
        **vars(where),
        receive_maximum=settings.ingest_receive_maximum,
        keep_alive_s=settings.ingest_keep_alive_s,
        session_expiry_s=settings.ingest_session_expiry_s,
        ack_expiry_s=settings.ingest_ack_expiry_s,
        takeovers=settings.ingest_takeovers,
        clock=simulated,
    )


async def _rejects_by_topic(engine: AsyncEngine) -> Mapping[str, int]:
    async with engine.connect() as connection:
        return await Reader(connection).rejects_by_topic()
