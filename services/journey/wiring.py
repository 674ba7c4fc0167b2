"""The only place that builds what journey runs on."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from services.journey.domain.calls.call import CallNotBegun, CallNotSo, SlotTaken
from services.journey.domain.messages.rate import Rate
from services.journey.domain.messages.signature import key_of, shop_keys
from services.journey.domain.messages.verdict import Rules as Sending
from services.journey.domain.referrals.redemption import NotRedeemed, Rewards
from services.journey.domain.rules import Rules
from services.journey.domain.stages.journey_map import JourneyMap
from services.journey.domain.stages.read_map import read_map
from services.journey.edges.api.plays import rehearsals
from services.journey.edges.consumer import HANDLERS, timers
from services.journey.edges.courier import kinds
from services.journey.edges.courier.post import Post
from services.journey.edges.everything import Everything
from services.journey.edges.others import NoServices, Others, OtherServices
from services.journey.edges.playbook import load_playbook
from services.journey.edges.rights import RIGHTS, ROUTERS
from services.journey.errors import (
    CustomerErased,
    DeliveryIdReused,
    DraftNotSo,
    DraftOutdated,
    FilesNotKept,
    HistoryNotKept,
    HouseholdHasNoContacts,
    NoTaskStep,
    NotUnderstood,
    NotYourTask,
    NotYourTeam,
    OfferNotMade,
    OfferNotOpen,
    OwnDraft,
    PartMissing,
    PartsUnknown,
    PlaybookWrong,
    PlayNotSo,
    ReasonNamesPerson,
    TaskOver,
    TemplateFailed,
    TermInUse,
    TooManyContacts,
    TooManyTests,
    UnknownAnswer,
    UnknownLinkage,
    UnknownPlay,
    UnknownProducts,
    UnknownResult,
    UnknownSkill,
    UnknownTeam,
)
from services.journey.handlers.erasures.erasures import erase_customers, on_done
from services.journey.handlers.plays.as_played import now_played
from services.journey.handlers.plays.publish import publish
from services.journey.settings import Settings
from services.journey.store.store import Store
from shared.assembly import Service
from shared.clock import Clock
from shared.effects.runner import Runner
from shared.effects.smtp import Courier
from shared.errors import BadSettings
from shared.handoff import HandOffRefused
from shared.stream.timers import Timer
from shared.stream.units import Units
from shared.web.client.client import Peer, ServiceClient, as_ourselves
from shared.web.routes import jobs as web_jobs

OTHERS = 3  # services that hold a part of an export
STATUS: dict[type[Exception], int] = {
    NotYourTeam: 403,
    NotYourTask: 409,
    NotUnderstood: 422,
    DeliveryIdReused: 409,
    TooManyTests: 429,
    TaskOver: 409,
    UnknownResult: 422,
    UnknownAnswer: 422,
    UnknownLinkage: 422,
    UnknownTeam: 422,
    UnknownSkill: 422,
    NoTaskStep: 422,
    HandOffRefused: 409,
    UnknownPlay: 404,
    HistoryNotKept: 422,
    PlaybookWrong: 422,
    PlayNotSo: 409,
    NotRedeemed: 409,
    SlotTaken: 409,
    CallNotSo: 409,
    CallNotBegun: 409,
    OfferNotMade: 409,
    OfferNotOpen: 409,
    OwnDraft: 403,
    DraftNotSo: 409,
    DraftOutdated: 409,
    FilesNotKept: 409,
    CustomerErased: 409,
    HouseholdHasNoContacts: 409,
    TooManyContacts: 409,
    TermInUse: 409,
    ReasonNamesPerson: 422,
    UnknownProducts: 422,
    TemplateFailed: 422,
    PartMissing: 503,
    PartsUnknown: 409,
}


def load_map(settings: Settings) -> JourneyMap:
    """The journey map of the settings.

    Raises: BadSettings: the file cannot be read, or something in it is wrong.
    """
    path = settings.journey_map
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"JOURNEY_MAP: cannot read {path}: {error}") from error
    return read_map(text, str(path))


def load_rules(settings: Settings) -> Rules:
    """The journey map and the playbook beside it. Raises BadSettings: what is wrong with them."""
    journey = load_map(settings)
    stages = [stage.name for stage in journey.stages]
    return Rules(journey, load_playbook(settings.journey_map.parent, stages))


def _sending(settings: Settings) -> Sending:
    """What speaks against a message, as far as an operator decides it."""
    return Sending(holdout=settings.holdout_percent / 100, rate=Rate(settings.mails_per_minute))


def _rewards(settings: Settings) -> Rewards:
    """What both get of a referral."""
    within = timedelta(days=settings.return_days)
    return Rewards(settings.referral_reward, settings.friend_reward, within)


def _peers(settings: Settings, others: ServiceClient | None) -> dict[str, Peer]:
    """The other services that the settings say the addresses of."""
    if others is None:
        return {}
    urls = {
        "ingest": settings.ingest_url,
        "support": settings.support_url,
        "analytics": settings.analytics_url,
        "console": settings.console_url,
    }
    return {name: others.peer(name, url) for name, url in urls.items() if url}


def _parts(peers: Mapping[str, Peer]) -> Others:
    """Where the other services' parts of an export come from."""
    holders = [peer for name, peer in peers.items() if name != "console"]
    return OtherServices(holders) if len(holders) == OTHERS else NoServices()


def _public_url(settings: Settings) -> str:
    """Where customers reach our public pages."""
    return settings.public_url or f"http://{settings.http_host}:{settings.http_port}"


def _runner(
    settings: Settings, units: Units[Store, Rules], peers: Mapping[str, Peer]
) -> Runner | None:
    """What does our effects; None: nobody said where mails are handed over."""
    if settings.smtp_url is None:
        return None
    courier = Courier(
        settings.smtp_url.get_secret_value(), settings.mail_from, settings.smtp_ca_file
    )
    secret = settings.webhook_secret
    key = None if secret is None else key_of(secret.get_secret_value())
    post = Post(
        courier, units, _public_url(settings), key, support=peers.get("support"), ingest=peers.get("ingest"),
        console=peers.get("console"),
    )  # fmt: skip
    return Runner(units.engine, kinds(post), units.clock)


def _no_mails() -> Mapping[str, str]:
    return {"effects": "SMTP_URL is not set: mails of plays wait"}


def build(settings: Settings, engine: AsyncEngine, clock: Clock) -> Service:
    """Journey, ready to run."""
    keys = shop_keys(settings.shop_secrets.get_secret_value())
    rules = replace(
        load_rules(settings), sending=_sending(settings), keys=keys, rewards=_rewards(settings)
    )
    units = Units("journey", engine, clock, Store, rules)
    jobs = web_jobs.Jobs()
    others = as_ourselves(settings.console_url, settings.client_key_file, settings.ca_file)
    peers = _peers(settings, others)
    runner = _runner(settings, units, peers)

    async def keep_jobs() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await jobs.stop()

    async def published() -> None:
        async with units.begin() as unit:
            await publish(unit)
            units.rules = await now_played(unit.store.plays, rules)
            if unread := units.rules.lives.unread:
                raise BadSettings("\n".join(unread.values()))

    return Service(
        name="journey",
        engine=engine,
        clock=clock,
        handlers=units.handlers(HANDLERS),
        erase=units.each(erase_customers),
        erasure_done=units.each(on_done),
        timers=[
            Timer(units.due(fire), due) for fire, due in timers(daily=settings.clock == "wall")
        ],
        routers=ROUTERS,
        at_start=(published,),
        at_end=() if others is None else (others.close,),
        tasks=[keep_jobs, *([] if runner is None else [runner.run])],
        facts=_no_mails if runner is None else runner.facts,
        rights=RIGHTS,
        errors=STATUS,
        state={
            "units": units,
            "jobs": jobs,
            "public_url": _public_url(settings),
            "rehearsals": rehearsals.Rehearsals(),
            "everything": Everything(engine, clock, _parts(peers)),
        },
    )
