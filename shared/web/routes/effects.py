"""What a service does outside: listed for on-call, and resolved where nobody knows what became of it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from shared.effects import rows
from shared.effects.effect import Effect, State
from shared.effects.machine import Resolution, WrongState
from shared.handlers import effects as handle
from shared.web.bodies import Body
from shared.web.guards.auth import Caller
from shared.web.pages import After, Limit, Page, by_time, page
from shared.web.problems import Problem
from shared.web.routes.application import Running
from shared.web.times import Time

Word = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]
Id = Annotated[str, Path(alias="id", max_length=200, pattern=r"^[^\x00]*$")]

router = APIRouter(prefix="/v1/effects", tags=["effects"])


class EffectBody(BaseModel):
    """One effect as it stands."""

    id: str = Field(description="A mail's Message-ID begins with it.")
    kind: str
    about: str = Field(description="Opaque id: whom it is about.")
    state: State
    attempts: int = Field(description="Tries that were not let through.")
    repeats: int = Field(description="Times it was done again although it may have happened.")
    planned_at: Time
    due_at: Time
    deadline_at: Time
    settled_at: Time | None
    why: str | None = Field(description="Of its last change.")


class ResolveBody(Body):
    """What became of an effect that nobody knew of."""

    resolution: Resolution = Field(
        description="`accepted` or `failed`: it was found out; `again`: it is done once more."
    )


@router.get("")
async def list_effects(
    application: Running,
    state: Annotated[list[State] | None, Query(description="One or several.")] = None,
    kind: Word = None,
    about: Word = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[EffectBody]:
    """Effects, newest first; those that were settled more than 30 days ago are gone."""
    async with application.engine.connect() as connection:
        effects = await rows.listed(
            connection, states=state, kind=kind, about=about, after=by_time(after), limit=limit + 1
        )
    return page(effects, limit, _body, lambda effect: (effect.planned_at, effect.id))


@router.post("/{id}/resolve")
async def resolve(application: Running, who: Caller, id_: Id, wish: ResolveBody) -> EffectBody:
    """Say what became of an unknown effect, or have it done once more."""
    try:
        async with application.begin() as tx:
            effect = await handle.resolve(tx, who, id_, wish.resolution)
    except WrongState as error:
        raise Problem(
            409, "effect_not_unknown", f"The effect is {error.state}",
            "Only one that nobody knows of can be resolved.",
        ) from None  # fmt: skip
    if effect is None:
        raise Problem(404, "effect_not_found", "There is no such effect here")
    return _body(effect)


def _body(effect: Effect) -> EffectBody:
    return EffectBody(**{name: getattr(effect, name) for name in EffectBody.model_fields})
