"""`/v1/devices` and `/v1/apps`: register, claim, move, retire, look up."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request

from services.ingest.domain.addresses import Kind
from services.ingest.domain.source import Source
from services.ingest.edges.api import jobs as imports
from services.ingest.edges.api.audited import audit
from services.ingest.edges.api.ports import Change, Changing, Reader
from services.ingest.edges.api.views import AppIn, DeviceIn, OwnerIn, SourceView
from services.ingest.handlers import change_registry
from services.ingest.handlers.change_registry import Outcome
from shared.audited import entry
from shared.web.auth import Caller
from shared.web.jobs import Job, Jobs
from shared.web.pages import After, Limit, Page, by_id, page
from shared.web.who import Who

Id = Annotated[str, Path(alias="id", pattern=r"^[a-z0-9-]{1,64}$")]
Filter = Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")]
Status = Literal["registered", "claimed", "retired"]


def router(kind: Kind, change: Change, reader: Reader) -> APIRouter:
    """The routes that devices and apps have in common."""
    made = APIRouter(prefix=f"/v1/{kind}s", tags=[f"{kind}s"])
    _reads(made, kind, reader)
    _changes(made, kind, change)
    return made


def _reads(made: APIRouter, kind: Kind, reader: Reader) -> None:
    @made.get("")
    async def list_sources(
        customer: Filter = None,
        status: Status | None = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Page[SourceView]:
        """A page by id."""
        found = await reader.sources(
            kind,
            customer=customer,
            status=status,
            limit=limit,
            after=by_id(after),
        )
        return page(found, limit, SourceView.of, lambda row: (row["id"],))

    @made.get("/{id}")
    async def read_source(id_: Id) -> SourceView:
        """One source with its owners and boots."""
        return SourceView.of(await reader.source(id_, kind))


def _changes(made: APIRouter, kind: Kind, change: Change) -> None:
    @made.post("/{id}/claim")
    async def claim(id_: Id, owner: OwnerIn, who: Caller) -> SourceView:
        """Give it its first owner, or its next one after nobody; 409 when another owns it."""
        async with change([id_]) as tx:
            done = await change_registry.claim(
                [(id_, owner.customer)], tx.registry, tx.emitter, tx.now, kind
            )
            audit(tx, who, "claim", done)
        return only(done, id_)

    @made.post("/{id}/move")
    async def move(id_: Id, owner: OwnerIn, who: Caller) -> SourceView:
        """Give it another owner, from now on; what it told before stays the former owner's."""
        async with change([id_]) as tx:
            done = await change_registry.move(
                id_, owner.customer, kind, tx.registry, tx.emitter, tx.now
            )
            if kind == "app":  # who is signed in on it is somebody else now
                await tx.credentials.revoke(done.changed, "another customer")
            audit(tx, who, "move", done)
        return only(done, id_)

    @made.post("/{id}/retire")
    async def retire(id_: Id, who: Caller) -> SourceView:
        """Take it out of use: what it sends from now on is refused."""
        async with change([id_]) as tx:
            done = await change_registry.retire(id_, kind, tx.registry, tx.emitter, tx.now)
            await tx.credentials.revoke(done.changed, "retired")
            audit(tx, who, "retire", done)
        return only(done, id_)


def devices(change: Change, reader: Reader, jobs: Jobs) -> APIRouter:
    """`/v1/devices`."""
    made = APIRouter(tags=["devices"])

    @made.post("/v1/devices", status_code=201)
    async def register(device: DeviceIn, who: Caller) -> SourceView:
        """Register one device; the very same again changes nothing."""
        async with change([device.id]) as tx:
            done = await _register([_device(device)], tx, who)
        return only(done, device.id)

    @made.post(
        "/v1/devices/import", status_code=202, openapi_extra=_csv("id,model,firmware,battery")
    )
    async def import_devices(request: Request, who: Caller) -> dict[str, str]:
        """Register up to 100,000 devices from a CSV; follow `/v1/jobs/{job}`."""

        async def write(items: list[tuple[int, DeviceIn]], job: Job) -> None:
            async with change([item.id for _, item in items]) as tx:
                done = await _register([_device(item) for _, item in items], tx, who)
            _tell(job, items, done)

        body = await request.body()
        begun = _begun(change, who, "device")
        job = await imports.start(jobs, "devices", body, DeviceIn, write, begun)
        return {"job": job.id}

    made.include_router(router("device", change, reader))
    return made


def apps(change: Change, reader: Reader, jobs: Jobs) -> APIRouter:
    """`/v1/apps`."""
    made = APIRouter(tags=["apps"])

    @made.post("/v1/apps", status_code=201)
    async def register(app: AppIn, who: Caller) -> SourceView:
        """Register one app; with a customer it is claimed at once."""
        async with change([app.id]) as tx:
            done = await _register_apps([app], tx, who)
        return only(done, app.id)

    @made.post("/v1/apps/import", status_code=202, openapi_extra=_csv("id,model,customer"))
    async def import_apps(request: Request, who: Caller) -> dict[str, str]:
        """Register up to 100,000 apps from a CSV; follow `/v1/jobs/{job}`."""

        async def write(items: list[tuple[int, AppIn]], job: Job) -> None:
            async with change([item.id for _, item in items]) as tx:
                done = await _register_apps([item for _, item in items], tx, who)
            _tell(job, items, done)

        body = await request.body()
        begun = _begun(change, who, "app")
        job = await imports.start(jobs, "apps", body, AppIn, write, begun)
        return {"job": job.id}

    made.include_router(router("app", change, reader))
    return made


def _device(device: DeviceIn) -> Source:
    return Source(
        device.id, "device", model=device.model, firmware=device.firmware, battery=device.battery
    )


def _begun(change: Change, who: Who, kind: Kind) -> imports.Begin:
    """Audit that somebody began an import; what it does to each source is audited beside that."""

    async def begin(job: Job) -> None:
        async with change([]) as tx:
            after = {"lines": job.total}
            tx.audit(entry(who, f"{kind}.import", "job", job.id, after=after))

    return begin


async def _register(wanted: list[Source], tx: Changing, who: Who) -> Outcome:
    done = await change_registry.register(wanted, tx.registry, tx.emitter, tx.now)
    audit(tx, who, "register", done)
    return done


async def _register_apps(apps_in: list[AppIn], tx: Changing, who: Who) -> Outcome:
    """Register, then claim those that come with a customer; the first refusal of an item counts."""
    done = await _register([Source(app.id, "app", model=app.model) for app in apps_in], tx, who)
    places = [
        n for n, app in enumerate(apps_in) if app.customer is not None and n not in done.refused
    ]
    claims = [(apps_in[n].id, str(apps_in[n].customer)) for n in places]
    if not claims:
        return done
    claimed = await change_registry.claim(claims, tx.registry, tx.emitter, tx.now, "app")
    audit(tx, who, "claim", claimed)
    refused = {places[n]: error for n, error in claimed.refused.items()}
    return Outcome(
        {**claimed.before, **done.before},
        {**done.sources, **claimed.sources},
        done.changed | claimed.changed,
        {**done.refused, **refused},
    )


def only(done: Outcome, id_: str) -> SourceView:
    """The view of the one source that was meant, or its error."""
    for error in done.refused.values():
        raise error
    return SourceView.after(done.sources[id_])


def _tell(job: Job, items: list[tuple[int, Any]], done: Outcome) -> None:
    for n, (line, _) in enumerate(items):
        if n in done.refused:
            job.leave_out(line, f"{type(done.refused[n]).__name__}: {done.refused[n]}")
        else:
            job.advance()


def _csv(header: str) -> dict[str, Any]:
    schema = {"type": "string", "description": f"First line: {header}"}
    return {"requestBody": {"required": True, "content": {"text/csv": {"schema": schema}}}}
