"""One sample of every event type, as it stands in Kafka: documentation that the tests read."""

from datetime import UTC, date, datetime
from typing import Any

from shared import events
from shared.events import Event
from shared.events.customer_changed import Subscription

AT = datetime(2026, 3, 1, 7, 12, 30, tzinfo=UTC)
SENT = datetime(2026, 3, 1, 7, 12, 31, tzinfo=UTC)
RECEIVED = datetime(2026, 3, 1, 7, 12, 31, 420_000, tzinfo=UTC)

# what ingest has stamped on telemetry of a camera, and of an install of the app
_CAMERA: dict[str, Any] = {
    "at": AT,
    "sent": SENT,
    "boot": "9f1c2ab37d405e68",
    "seq": 1042,
    "source": "cam-000017",
    "customer": "cus-000009",
    "received_at": RECEIVED,
    "model": "doorcam-2",
    "firmware": "2.4.1",
}
_APP: dict[str, Any] = {
    "at": AT,
    "sent": SENT,
    "boot": "5be07d1c9a3f4482",
    "seq": 311,
    "source": "app-000009-1",
    "customer": "cus-000009",
    "received_at": RECEIVED,
    "model": "android",
}

SAMPLES: tuple[Event, ...] = (
    events.Usage(by="person", command="live_view", count=2, extra={"room": "hall"}, **_CAMERA),
    events.Heartbeat(every_s=21_600, battery=0.81, **_CAMERA),
    events.Fault(
        code="lens_blocked", component="lens", severity="warning", temperature_c=41.5, **_CAMERA
    ),
    events.Recovered(code="lens_blocked", component="lens", **_CAMERA),
    events.SetupStarted(**_CAMERA),
    events.SetupCompleted(took_s=312.0, **_CAMERA),
    events.FirmwareUpdated(to_firmware="2.4.1", from_firmware="2.3.9", **_CAMERA),
    events.IntegrationLinked(platform="alexa", **_CAMERA),
    events.IntegrationUnlinked(platform="alexa", **_CAMERA),
    events.AppOpened(**_APP),
    events.FeatureUsed(feature="timeline", count=3, **_APP),
    events.SetupStep(step="wifi", result="failed", device="cam-000017", **_APP),
    events.AppError(code="pairing_timeout", **_APP),
    events.Rating(stars=4, **_APP),
    events.ReferralShared(channel="message", **_APP),
    events.InterestShown(product="doorbell-pro", **_APP),
    events.HelpViewed(article="wifi-will-not-connect", **_APP),
    events.MessageSeen(message="0b9f4a44-3c5e-5f0e-9d0c-1d6a8f5f2c11", **_APP),
    events.MessageClicked(message="0b9f4a44-3c5e-5f0e-9d0c-1d6a8f5f2c11", **_APP),
    events.RegistryChanged(
        at=AT,
        change="claimed",
        source="cam-000017",
        kind="device",
        version=2,
        model="doorcam-2",
        firmware="2.4.1",
        battery=True,
        customer="cus-000009",
    ),
    events.CustomerChanged(
        at=AT,
        customer="cus-000009",
        version=3,
        zone="Europe/Vienna",
        region="eu",
        plan="plus",
        stage="engaged",
        subscription=Subscription(
            plan="plus",
            started_at=datetime(2025, 9, 1, tzinfo=UTC),
            renews_at=datetime(2026, 9, 1, tzinfo=UTC),
            price_month=4.99,
        ),
        purchases=1,
        first_purchase_at=datetime(2025, 8, 30, 16, 5, tzinfo=UTC),
    ),
    events.Erased(at=AT, customer="cus-000009"),
    events.ErasureDone(at=AT, customer="cus-000009", service="support"),
    events.StageChanged(
        at=AT,
        customer="cus-000009",
        stage="engaged",
        previous="first use",
        cause="/cam-000017/usage#9f1c2ab37d405e68:1042",
    ),
    events.RunChanged(
        at=AT,
        customer="cus-000009",
        run="0b6f2a9e-5f2c-5a39-8f0e-6b3c1d2e4f50",
        play="set-up help",
        change="ended",
        ending="reached",
    ),
    events.TaskChanged(
        at=AT,
        customer="cus-000009",
        task="7f0c9a1b-2d3e-5f40-9a6b-1c2d3e4f5a6b",
        run="0b6f2a9e-5f2c-5a39-8f0e-6b3c1d2e4f50",
        team="onboarding",
        change="done",
        state="done",
        version=3,
        owner="account:0f3d2c1b",
        result="reached",
    ),
    events.RewardChanged(
        at=AT,
        customer="cus-000009",
        reward="5a6b7f0c-9a1b-5f40-9a6b-3c1d2e4f5a6b",
        side="customer",
        state="final",
    ),
    events.HandOffChanged(
        at=AT,
        customer="cus-000009",
        hand_off="3c1d2e4f-5a6b-5f40-9a6b-7f0c9a1b2d3e",
        task="7f0c9a1b-2d3e-5f40-9a6b-1c2d3e4f5a6b",
        linkage="late set-ups",
        giver="onboarding",
        taker="helpers",
        owner="helpers",
        change="accepted",
        version=2,
    ),
    events.MessageChanged(
        at=AT,
        customer="cus-000009",
        message="2b1c9a6b-5a6b-5f40-9a6b-7f0c9a1b2d3e",
        name="set-up-help",
        run="0b6f2a9e-5f2c-5a39-8f0e-6b3c1d2e4f50",
        change="replied",
    ),
    events.TicketChanged(
        at=AT,
        ticket="3f0d5a52-8f0e-5d3c-9a51-0c0f6a4f2b77",
        change="opened",
        state="open",
        version=1,
        customer="cus-000009",
        device="cam-000017",
        fault_code="lens_blocked",
        model="doorcam-2",
        firmware="2.4.1",
    ),
    events.RiskChanged(
        at=AT,
        customer="cus-000009",
        tier="watch",
        previous="none",
        why="usage_drop",
        day=date(2026, 2, 28),
        onset=date(2026, 2, 19),
        posterior=0.93,
        severity=0.64,
        risk=0.21,
        expected_per_day=6.2,
        recent_per_day=2.1,
    ),
    events.CohortDropped(
        at=AT, cohort="eu/doorcam-2", day=date(2026, 2, 28), factor=0.31, members=412
    ),
    events.CohortFalling(
        at=AT, cohort="doorcam-2/*/eu", day=date(2026, 2, 28), share=0.74, customers=5_210
    ),
    events.DataOutage(at=AT, cohort="doorcam-2/plus/eu", day=date(2026, 2, 28), customers=312),
    events.DeviceUnreachable(
        at=AT,
        customer="customer-000042",
        device="cam-000017",
        since=date(2026, 2, 20),
        day=date(2026, 2, 28),
    ),
    events.Rejected(
        at=AT,
        source="cam-000017",
        stream="usage",
        reason="unknown_type",
        size=143,
        sha256="b1946ac92492d2347c6235b4d2611184f2ee2f9b1f0b4a7b0c6b3a4d3e1f0a99",
        boot="9f1c2ab37d405e68",
        seq=1043,
    ),
    events.Beacon(at=AT, origins=["0", "a"], step_s=21_600.0),
    events.Dropped(
        at=AT,
        sent=SENT,
        boot="9f1c2ab37d405e68",
        source="cam-000017",
        received_at=RECEIVED,
        stream="usage",
        ranges=[(880, 912), (930, 931)],
    ),
)
BY_TYPE: dict[type[Event], Event] = {type(sample): sample for sample in SAMPLES}
