"""What the routes take and show."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.ingest.domain.sources.source import Source
from shared import masking, normal
from shared.web.identities import CustomerId
from shared.web.times import Time

SourceId = Annotated[
    str, Field(pattern=r"^[a-z0-9-]{1,64}$", description="Lower-case letters, digits, dashes.")
]


def _not_ours(id_: str) -> str:
    """Ids like those that our own connections had once are nobody's."""
    if id_.startswith("pc-ingest-"):
        raise ValueError("ids that begin with pc-ingest- are ours")
    return id_


NewId = Annotated[SourceId, AfterValidator(_not_ours)]


def _name(text: str) -> str:
    hidden = normal.unseen(text, joiners=True)
    if hidden is not None:
        raise ValueError(f"text without {hidden}, which nobody sees")
    plain = normal.normal(text)
    if not plain:
        raise ValueError("text, not blanks alone")
    if masking.mask(plain) != plain:
        raise ValueError("the name of a model or build, not a mail address or a telephone number")
    return plain


Name = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_name)]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DeviceIn(_Input):
    """A device to register."""

    id: NewId
    model: Name
    firmware: Name | None = None
    battery: bool = Field(False, strict=True, description="Sleeps, and sends arrays when it wakes.")


class AppIn(_Input):
    """An install of the app to register; with a customer it is claimed at once."""

    id: NewId
    model: Name | None = Field(None, description="E.g. `android` or `ios`.")
    customer: CustomerId | None = None


class OwnerIn(_Input):
    """Who owns the source from now on."""

    customer: CustomerId


class MoveIn(OwnerIn):
    """Who owns the device from now on, and whether it stays in the same hands."""

    keep_credentials: bool = Field(
        False,
        description="Its password and certificates stay good. Otherwise they end: the former owner "
        "may have read them out, and the device is given new ones where it is set up.",
    )


class ClaimIn(_Input):
    """One claim of many."""

    source: SourceId
    customer: CustomerId


class ClaimsIn(_Input):
    """Many claims, in one transaction."""

    claims: list[ClaimIn] = Field(max_length=5_000, fail_fast=True)


class LeftOut(BaseModel):
    """A claim that was not possible."""

    source: str
    kind: str
    detail: str


class ClaimsOut(BaseModel):
    """What became of many claims."""

    claimed: int = Field(description="Sources that changed hands now.")
    unchanged: int = Field(description="Sources that were that customer's already.")
    left_out: list[LeftOut]


class Owner(BaseModel):
    """A span of ownership; `to` null: still."""

    customer: str
    from_: Time = Field(alias="from", serialization_alias="from")
    to: Time | None = None


class Boot(BaseModel):
    """A counter of the source, begun anew whenever it was lost."""

    boot: str
    first_seen: Time
    last_seen: Time


class Ran(BaseModel):
    """A firmware, and since when the source ran it."""

    firmware: str
    since: Time


class SourceView(BaseModel):
    """A device or an app as the registry knows it."""

    id: str
    kind: Literal["device", "app"]
    model: str | None
    firmware: str | None = Field(description="By its own last word, else as registered.")
    battery: bool
    status: Literal["registered", "claimed", "retired"]
    customer: str | None
    protocol: str = Field(
        "unknown", description="`unknown`: a subscriber cannot see it; only the broker could."
    )
    registered_at: Time | None
    last_seen: Time | None = Field(None, description="Exact to some minutes.")
    owners: list[Owner] = []
    boots: list[Boot] | None = Field(None, description="Null in lists.")
    firmware_history: list[Ran] | None = Field(
        None, description="Oldest first, from the registration on. Null in lists."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "SourceView":
        """The view of a row."""
        return cls(**{name: row[name] for name in cls.model_fields if name in row})

    @classmethod
    def after(cls, source: Source) -> "SourceView":
        """The view of a source that has just been changed."""
        return cls(
            id=source.id,
            kind=source.kind,
            model=source.model,
            firmware=source.runs,
            battery=source.battery,
            status=source.status,
            customer=source.owner,
            registered_at=source.registered_at,
            owners=[
                Owner.model_validate({"customer": o.customer, "from": o.since, "to": o.until})
                for o in source.owners
            ],
        )


class ModelView(BaseModel):
    """How many sources there are of one model and firmware."""

    model: str | None
    firmware: str | None
    sources: int
    in_use: int = Field(description="Not retired.")
    silent: int = Field(description="Of these in use: not heard for so long.")
    heard: int = Field(description="Heard at least once.")


class RejectView(BaseModel):
    """Something that was refused, without its bytes."""

    id: str
    source: str
    stream: str
    reason: str
    detail: str
    size: int = Field(description="Bytes of the whole MQTT payload.")
    sha256: str
    boot: str | None
    seqs: list[tuple[int, int]]
    elements: int
    times: int = Field(description="How often the very same message came.")
    received_at: Time
    stored_at: Time
    expires_at: Time
    cured_at: Time | None = Field(description="When it was judged again and taken.")
    emptied_at: Time | None = Field(
        description="When its bytes made room for newer ones of the source: it cannot be judged again."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "RejectView":
        """The view of a row."""
        return cls(**{name: row[name] for name in cls.model_fields})


class RejectBytes(RejectView):
    """A reject with what was kept of its bytes."""

    payload_base64: str
    payload_text: str = Field(description="Readable as far as it is text.")
    sentence: str = Field(description="What the reason means.")


class RefusedSource(BaseModel):
    """A source of which something was refused."""

    source: str
    refused: int = Field(description="Elements, or whole messages that could not be read.")
    reasons: list[str]
    last_at: Time
