"""`/v1/devices` and `/v1/apps`: register, claim, move, retire, look up."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request

from services.ingest.domain.messages.addresses import Kind
from services.ingest.domain.sources.source import Source
from services.ingest.edges.api import jobs as imports
from services.ingest.edges.api.units import Change, ChangeOf, Read, Unit
from services.ingest.edges.api.views import AppIn, DeviceIn, ModelView, MoveIn, OwnerIn, SourceView
from services.ingest.handlers.sources import change_registry
from services.ingest.handlers.sources.change_registry import NewApp, Outcome
from shared.errors import Refusal
from shared.web.counted import Counting
from shared.web.pages import After, Limit, Page, by_id, page
from shared.web.routes.jobs import Job, JobBody, Jobs, Running

Id = Annotated[str, Path(alias="id", pattern=r"^[a-z0-9-]{1,64}$")]
Filter = Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")]
Silent = Annotated[
    int | None, Query(ge=1, le=8_760, description="In use, and not heard for so many hours.")
]
Beginning = Annotated[
    str | None, Query(max_length=64, pattern=r"^[^\x00]*$", description="Of the id.")
]
Whole = Annotated[bool, Query(description="Nothing is done where one line is wrong.")]
JobId = Annotated[str, Path(max_length=64)]
Status = Literal["registered", "claimed", "retired"]

devices = APIRouter(prefix="/v1/devices", tags=["devices"])
apps = APIRouter(prefix="/v1/apps", tags=["apps"])
models = APIRouter(prefix="/v1/models", tags=["devices"])


def _csv(header: str) -> dict[str, Any]:
    schema = {"type": "string", "description": f"First line: {header}"}
    return {"requestBody": {"required": True, "content": {"text/csv": {"schema": schema}}}}


@dataclass(frozen=True)
class Registration:
    """How sources of a kind are registered: one, or many from a CSV."""

    kind: Kind
    form: type[DeviceIn | AppIn]
    register: Callable[[Unit, Sequence[Any]], Awaitable[Outcome]]

    async def one(self, change: ChangeOf, item: DeviceIn | AppIn) -> SourceView:
        async with change([item.id]) as unit:
            done = await self.register(unit, [item])
        return only(done, item.id)

    async def many(
        self, request: Request, change: ChangeOf, jobs: Jobs, *, whole: bool
    ) -> dict[str, str]:
        async def write(items: list[tuple[int, Any]], job: Job) -> None:
            async with change([item.id for _, item in items]) as unit:
                done = await self.register(unit, [item for _, item in items])
            job.made += sorted(done.changed)
            _tell(job, items, done)

        body, begun = await request.body(), _begun(change, self.kind)
        job = await imports.start(jobs, f"{self.kind}s", body, self.form, write, begun, whole=whole)
        return {"job": job.id}


async def _devices(unit: Unit, items: Sequence[DeviceIn]) -> Outcome:
    return await change_registry.register(unit, [_device(item) for item in items])


async def _apps(unit: Unit, items: Sequence[AppIn]) -> Outcome:
    return await change_registry.register_apps(unit, [_app(item) for item in items])


DEVICE = Registration("device", DeviceIn, _devices)
APP = Registration("app", AppIn, _apps)


@devices.post("", status_code=201, name="register")
async def register_device(change: Change, device: DeviceIn) -> SourceView:
    """Register one device; the very same again changes nothing."""
    return await DEVICE.one(change, device)


@devices.post("/import", status_code=202, openapi_extra=_csv("id,model,firmware,battery"))
async def import_devices(
    request: Request, change: Change, jobs: Running, whole: Whole = False
) -> dict[str, str]:
    """Register up to 100,000 devices from a CSV; follow `/v1/jobs/{job}`."""
    return await DEVICE.many(request, change, jobs, whole=whole)


@devices.post("/import/{job}/cancel")
async def cancel_import(change: Change, jobs: Running, job: JobId) -> JobBody:
    """End it before it is done; what is registered stays. One that has ended stays as it is."""
    running = jobs.find(job)
    async with change() as unit:
        change_registry.cancel_import(unit, "device", running.id)
    return jobs.cancel(running.id).body()


@apps.post("", status_code=201, name="register")
async def register_app(change: Change, app: AppIn) -> SourceView:
    """Register one app; with a customer it is claimed at once."""
    return await APP.one(change, app)


@apps.post("/import", status_code=202, openapi_extra=_csv("id,model,customer"))
async def import_apps(
    request: Request, change: Change, jobs: Running, whole: Whole = False
) -> dict[str, str]:
    """Register up to 100,000 apps from a CSV; follow `/v1/jobs/{job}`."""
    return await APP.many(request, change, jobs, whole=whole)


def _hours_ago(read: Read, hours: int | None) -> datetime | None:
    return None if hours is None else read.now() - timedelta(hours=hours)


def _reads(router: APIRouter, kind: Kind) -> None:
    @router.get("")
    async def list_sources(
        read: Read,
        customer: Filter = None,
        status: Status | None = None,
        beginning: Beginning = None,
        model: Filter = None,
        firmware: Filter = None,
        silent_hours: Silent = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Page[SourceView]:
        """A page by id."""
        begin = by_id(after)
        async with read() as store:
            rows = await store.reader.sources(
                kind,
                customer=customer,
                status=status,
                beginning=beginning,
                model=model,
                runs=firmware,
                silent_since=_hours_ago(read, silent_hours),
                limit=limit,
                after=begin,
            )
        return page(rows, limit, SourceView.of, lambda row: (row["id"],))

    @router.get("/{id}")
    async def read_source(read: Read, id_: Id) -> SourceView:
        """One source with its owners and boots."""
        async with read() as store:
            return SourceView.of(await store.reader.source(id_, kind))


@models.get("")
async def count_models(
    read: Read,
    counting: Counting,
    kind: Kind = "device",
    silent_hours: Annotated[int, Query(ge=1, le=8_760, description="Silent for so long.")] = 24,
) -> list[ModelView]:
    """How many there are of each model and firmware: in all, in use, and of these silent."""

    async def count() -> Sequence[Mapping[str, Any]]:
        async with read() as store:
            return await store.reader.models(kind, read.now() - timedelta(hours=silent_hours))

    rows = await counting.get(
        (kind, silent_hours), count, lambda models: sum(row["sources"] for row in models)
    )
    return [ModelView(**row) for row in rows]


def _changes(router: APIRouter, kind: Kind) -> None:
    @router.post("/{id}/claim")
    async def claim(change: Change, id_: Id, owner: OwnerIn) -> SourceView:
        """Give it its first owner, or its next one after nobody; 409 when another owns it."""
        async with change([id_]) as unit:
            done = await change_registry.claim(unit, [(id_, owner.customer)], kind)
        return only(done, id_)

    @router.post("/{id}/retire")
    async def retire(change: Change, id_: Id) -> SourceView:
        """Take it out of use: what it sends from now on is refused."""
        async with change([id_]) as unit:
            done = await change_registry.retire(unit, id_, kind)
        return only(done, id_)


@devices.post("/{id}/move", name="move")
async def move_device(change: Change, id_: Id, to: MoveIn) -> SourceView:
    """Give it another owner, from now on; what it told before stays the former owner's.

    Its credentials end unless they are kept.
    """
    async with change([id_]) as unit:
        done = await change_registry.move(
            unit, id_, to.customer, "device", keep_credentials=to.keep_credentials
        )
    return only(done, id_)


@apps.post("/{id}/move", name="move")
async def move_app(change: Change, id_: Id, to: OwnerIn) -> SourceView:
    """Give it another owner, from now on: who is signed in on it is somebody else, and signed out."""
    async with change([id_]) as unit:
        done = await change_registry.move(unit, id_, to.customer, "app")
    return only(done, id_)


_reads(devices, "device")
_changes(devices, "device")
_reads(apps, "app")
_changes(apps, "app")


def _device(device: DeviceIn) -> Source:
    return Source(
        device.id, "device", model=device.model, firmware=device.firmware, battery=device.battery
    )


def _app(app: AppIn) -> NewApp:
    return NewApp(app.id, app.model, app.customer)


def _begun(change: ChangeOf, kind: Kind) -> imports.Begin:
    async def begin(job: Job) -> None:
        async with change() as unit:
            change_registry.begin_import(unit, kind, job.id, job.total)

    return begin


def only(done: Outcome, id_: str) -> SourceView:
    """The view of the one source that was meant, or its error."""
    for error in done.refused.values():
        raise error
    return SourceView.after(done.sources[id_])


def _tell(job: Job, items: list[tuple[int, Any]], done: Outcome) -> None:
    for n, (line, _) in enumerate(items):
        if n in done.refused:
            job.leave_out(line, f"{_name(done.refused[n])}: {done.refused[n]}")
        else:
            job.advance()


def _name(error: Refusal) -> str:
    return "".join(word.capitalize() for word in error.kind.split("_"))
