"""Every event type, one file each. A new one is a file and a line here."""

from shared.events.app_error import AppError
from shared.events.app_opened import AppOpened
from shared.events.beacon import Beacon
from shared.events.cohort_dropped import CohortDropped
from shared.events.cohort_falling import CohortFalling
from shared.events.customer_changed import CustomerChanged
from shared.events.data_outage import DataOutage
from shared.events.device_unreachable import DeviceUnreachable
from shared.events.dropped import Dropped
from shared.events.erased import Erased
from shared.events.erasure_done import ErasureDone
from shared.events.event import Event, News, Telemetry
from shared.events.fault import Fault
from shared.events.feature_used import FeatureUsed
from shared.events.firmware_updated import FirmwareUpdated
from shared.events.hand_off_changed import HandOffChanged
from shared.events.heartbeat import Heartbeat
from shared.events.help_viewed import HelpViewed
from shared.events.integration_linked import IntegrationLinked
from shared.events.integration_unlinked import IntegrationUnlinked
from shared.events.interest_shown import InterestShown
from shared.events.message_changed import MessageChanged
from shared.events.message_clicked import MessageClicked
from shared.events.message_seen import MessageSeen
from shared.events.rating import Rating
from shared.events.recovered import Recovered
from shared.events.referral_shared import ReferralShared
from shared.events.registry_changed import RegistryChanged
from shared.events.rejected import Rejected
from shared.events.reward_changed import RewardChanged
from shared.events.risk_changed import RiskChanged
from shared.events.run_changed import RunChanged
from shared.events.setup_completed import SetupCompleted
from shared.events.setup_started import SetupStarted
from shared.events.setup_step import SetupStep
from shared.events.stage_changed import StageChanged
from shared.events.task_changed import TaskChanged
from shared.events.ticket_changed import TicketChanged
from shared.events.usage import Usage

DEVICE_EVENTS: tuple[type[Telemetry], ...] = (
    Usage,
    Heartbeat,
    Fault,
    Recovered,
    SetupStarted,
    SetupCompleted,
    FirmwareUpdated,
    IntegrationLinked,
    IntegrationUnlinked,
)
APP_EVENTS: tuple[type[Telemetry], ...] = (
    AppOpened,
    FeatureUsed,
    SetupStep,
    AppError,
    Rating,
    ReferralShared,
    InterestShown,
    HelpViewed,
    MessageSeen,
    MessageClicked,
)
TELEMETRY: tuple[type[Telemetry], ...] = (*DEVICE_EVENTS, *APP_EVENTS)
NEWS: tuple[type[News], ...] = (
    RegistryChanged,
    CustomerChanged,
    Erased,
    ErasureDone,
    StageChanged,
    RunChanged,
    TaskChanged,
    HandOffChanged,
    MessageChanged,
    TicketChanged,
    RewardChanged,
    RiskChanged,
    CohortDropped,
    CohortFalling,
    DataOutage,
    DeviceUnreachable,
    Rejected,
)
CONTROL: tuple[type[Event], ...] = (Beacon, Dropped)
EVENTS: tuple[type[Event], ...] = (*TELEMETRY, *NEWS, *CONTROL)

__all__ = [
    "APP_EVENTS",
    "CONTROL",
    "DEVICE_EVENTS",
    "EVENTS",
    "NEWS",
    "TELEMETRY",
    "AppError",
    "AppOpened",
    "Beacon",
    "CohortDropped",
    "CohortFalling",
    "CustomerChanged",
    "DataOutage",
    "DeviceUnreachable",
    "Dropped",
    "Erased",
    "ErasureDone",
    "Event",
    "Fault",
    "FeatureUsed",
    "FirmwareUpdated",
    "HandOffChanged",
    "Heartbeat",
    "HelpViewed",
    "IntegrationLinked",
    "IntegrationUnlinked",
    "InterestShown",
    "MessageChanged",
    "MessageClicked",
    "MessageSeen",
    "News",
    "Rating",
    "Recovered",
    "ReferralShared",
    "RegistryChanged",
    "Rejected",
    "RewardChanged",
    "RiskChanged",
    "RunChanged",
    "SetupCompleted",
    "SetupStarted",
    "SetupStep",
    "StageChanged",
    "TaskChanged",
    "Telemetry",
    "TicketChanged",
    "Usage",
]
