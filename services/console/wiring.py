"""The only place that builds an adapter."""

from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from services.console import errors
from services.console.edges import localhost
from services.console.edges.api.state import Background
from services.console.edges.changes.activity import Activity
from services.console.edges.changes.live import Live
from services.console.edges.courier import kinds
from services.console.edges.courier.post import Post
from services.console.edges.erasing import erase
from services.console.edges.hashing import Argon2
from services.console.edges.held import Held
from services.console.edges.housekeeping import Housekeeping
from services.console.edges.identify import by_session
from services.console.edges.openid.provider import OpenId
from services.console.edges.pages import PAGES, problem
from services.console.edges.pages.frame import Frame
from services.console.edges.pages.statics import Statics
from services.console.edges.pages.words import Words
from services.console.edges.rights import RIGHTS, ROUTERS
from services.console.edges.services import Services
from services.console.edges.services.together import Together
from services.console.edges.signer import Signer
from services.console.handlers.ports import Context
from services.console.handlers.sealing import seal_all
from services.console.settings import Settings
from services.console.store.store import Beginning
from shared.assembly import Service
from shared.clock import Clock
from shared.effects.runner import Runner
from shared.effects.smtp import Courier
from shared.web.guards.hourly import Hourly

ACTS_OF_ADMINS = 30  # of each kind in an hour: a team is invited at once

STATUS: dict[type[Exception], int] = {
    errors.BadRoles: 422,
    errors.PasswordRefused: 422,
    errors.SignInRefused: 401,
    errors.TooManyTries: 429,
    errors.LinkNotGood: 410,
    errors.NoSecondFactor: 409,
    errors.SecondFactorRequired: 409,
    errors.StepUpNeeded: 403,
    errors.LastAdmin: 409,
    errors.ReasonNamesPerson: 422,
    errors.TwoKeysActive: 409,
    errors.BadKey: 422,
    errors.ProviderRefused: 401,
    errors.GroupsIncomplete: 401,
}


def build(settings: Settings, engine: AsyncEngine, clock: Clock) -> Service:
    """Console, ready to run."""
    rules, seal, begin = settings.rules(), settings.seal(), Beginning(engine)
    courier = Courier(
        settings.smtp_url.get_secret_value(), settings.mail_from, settings.smtp_ca_file
    )
    runner = Runner(engine, kinds(Post(courier, rules, seal)), clock)
    context = Context(begin, Argon2(), rules, seal, runner.wake)
    housekeeping = Housekeeping(context, begin, greeting=settings.admin_link_in_log)
    files = Statics()
    live = Live()
    services = _services(settings)
    return Service(
        name="console",
        engine=engine,
        clock=clock,
        handlers={},
        erase=erase,
        routers=ROUTERS,
        rights=RIGHTS,
        at_start=(partial(seal_all, context),),
        at_end=(services.close,),
        tasks=(runner.run, housekeeping.run, live.run, Activity(settings.kafka(), live).run),
        facts=runner.facts,
        errors=STATUS,
        identify=partial(by_session, context, begin),
        beside=partial(localhost.serve, settings),
        state={
            "context": context,
            "begin": begin,
            "signer": Signer(settings.signing_key_file),
            "public_keys": settings.auth_keys_file,
            "aside": Background(),
            "is_local": bool(settings.local_port),
            "hourly": Hourly(persons=ACTS_OF_ADMINS),
            "openid": _openid(settings, rules.url),
            "held": Held(engine),
            "roles_claim": settings.oidc_roles_claim,
            "pages": PAGES,
            "files": files,
            "live": live,
            "frame": Frame(files, Words()),
            "services": services,
            "together": Together(),
            "show_problem": problem.shown,
        },
    )


def _services(settings: Settings) -> Services:
    urls = {
        "ingest": settings.ingest_url,
        "journey": settings.journey_url,
        "support": settings.support_url,
        "analytics": settings.analytics_url,
    }
    return Services(urls, settings.ca_file)


def _openid(settings: Settings, url: str) -> OpenId | None:
    if not settings.oidc_issuer:
        return None
    return OpenId(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        f"{url}/v1/provider/callback",
        settings.oidc_roles_claim,
    )
