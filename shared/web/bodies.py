"""What bodies of requests and answers have in common."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """What a request says; a field that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """What is shown of a row, or of whatever has attributes of these names."""

    model_config = ConfigDict(from_attributes=True)
