"""Why a fleet does not start or does not come to its end."""

from pathlib import Path

from shared.errors import PlaycallerError


class FleetError(PlaycallerError):
    """Base of what the fleet says to the person who runs it."""


class TooFewFiles(FleetError):
    """The system allows fewer open files than the fleet has connections."""

    def __init__(self, needed: int, allowed: int) -> None:
        super().__init__(
            f"this fleet needs {needed} open files, the hard limit is {allowed}: "
            f"raise it (ulimit -Hn {needed}, as root) or take fewer customers"
        )


class BrokerAway(FleetError):
    """Nobody listens at the broker's address."""

    def __init__(self, host: str, port: int, why: OSError) -> None:
        super().__init__(f"no MQTT broker at {host}:{port}: {why}")


class NotInTime(FleetError):
    """Something the fleet waits for did not happen before its deadline."""


class NotRunning(FleetError):
    """The fleet was stopped, or never begun."""

    def __init__(self) -> None:
        super().__init__("the fleet is not running")


class RegistryRefused(FleetError):
    """Ingest or journey did not accept registry work."""

    def __init__(self, what: str, status: int, text: str) -> None:
        super().__init__(f"{what}: HTTP {status}: {text[:300]}")


class BadRecording(FleetError):
    """A line of a recorded file cannot be read."""

    def __init__(self, path: Path, line: int, why: Exception) -> None:
        super().__init__(f"{path}, line {line}: {why}")
