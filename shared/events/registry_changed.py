"""The registry of devices and apps changed: whose a source is, and whether it may still speak."""

from typing import ClassVar, Literal

from shared.events.event import News, Platform

LifecycleType = Literal[
    "setup_started",
    "setup_completed",
    "firmware_updated",
    "integration_linked",
    "integration_unlinked",
]


class RegistryChanged(News, frozen=True, kw_only=True, omit_defaults=True, tag="registry_changed"):
    """A source was registered, claimed, moved, retired, or a fact from before its claim adopted.

    Topic `registry.changed`; key `d:<source>`.

    Attributes:
        version: rises by one per change of a source; consumers apply ownership only if higher.
        customer: the owner from `at` on; None when nobody owns it.
        adopted: with change `adopted`, the type of the lifecycle event from before the claim; `at`
            is that event's time, `adopted_id` its identity.
    """

    TOPIC: ClassVar[str] = "registry.changed"

    change: Literal["registered", "claimed", "moved", "retired", "adopted"]
    source: str
    kind: Literal["device", "app"]
    version: int
    model: str | None = None
    firmware: str | None = None
    battery: bool = False
    customer: str | None = None
    previous_customer: str | None = None
    adopted: LifecycleType | None = None
    adopted_id: str | None = None
    platform: Platform | None = None
