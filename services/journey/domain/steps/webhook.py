"""Tells a program of somebody else that a customer has come to this step."""

from dataclasses import dataclass
from typing import ClassVar

from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.run import CallWebhook
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words

TOLD = "told"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Calls a webhook of `webhooks.yaml`; the run does not wait for whoever listens there."""

    kind: ClassVar[str] = "webhook"
    webhook: str

    @property
    def outcomes(self) -> tuple[str, ...]:
        """It is tried for a day, and again by hand; the run goes on meanwhile."""
        return (TOLD,)

    @property
    def waits(self) -> bool:
        """It does not."""
        return False

    def look(self, at: Look) -> Waits | Outcome:
        """At once."""
        return Outcome(TOLD, at.since, (CallWebhook(self.webhook, at.key, at.visit),))


def _read(step: Part, words: Words) -> Webhook:
    return Webhook(step.field("webhook").word(words.webhooks, "webhook of `webhooks.yaml`"))


KIND = Kind(
    "webhook", (), "Tells a program of somebody else, signed.", _read,
    example="{step: tell the shop, webhook: shop}",
)  # fmt: skip
