"""How stages, the journey map and ways through it are shown."""

from datetime import date as Date  # noqa: N812  fields are called so

from pydantic import BaseModel, Field

from shared.web.times import Time


class Condition(BaseModel):
    """One line of a stage's conditions: a fact compared with a value."""

    fact: str
    op: str
    value: bool | int | float | str


class TouchPointOut(BaseModel):
    """A contact with customers in a stage, and what came of it: runs of its play."""

    moment: str
    channel: str
    message: str
    goal: str | None
    play: str | None = Field(description="The play that does it, whose goal is measured.")
    gives: str | None = Field(description="What the customer gets of it.")
    look_up: list[str] = Field(description="Facts that whoever is in contact looks at.")
    reached: int
    missed: int
    waiting: int


class MapStage(BaseModel):
    """A stage of the journey map."""

    stage: str
    says: str
    before: list[str] = Field(description="It is entered from these; `start`: from none.")
    all: list[Condition] = Field(description="Every one of these must hold.")
    any: list[Condition] = Field(description="And one of these, if there are any.")
    touch_points: list[TouchPointOut]


class StageDays(BaseModel):
    """Numbers of days of UTC, the oldest first; the last day is not over."""

    days: list[Date]
    entered: dict[str, list[int]] = Field(description="By stage: how many came into it.")


class Way(BaseModel):
    """How many customers went from one stage to another."""

    before: str | None = Field(description="null: it was their first.")
    stage: str
    customers: int


class Stayed(BaseModel):
    """How long customers were in a stage that they have left."""

    median_s: float
    p90_s: float


class Flow(BaseModel):
    """How customers moved between stages since a moment."""

    since: Time
    ways: list[Way]
    stayed: dict[str, Stayed] = Field(description="By the stage that was left.")


class StageOut(BaseModel):
    """How many customers are in a stage."""

    stage: str
    says: str
    customers: int
