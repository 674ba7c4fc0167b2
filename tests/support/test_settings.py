"""What an operator may turn, and what is refused by name."""

from datetime import timedelta

import pytest

from services.support.settings import Settings
from shared.errors import BadSettings
from shared.settings import load

ENVIRON = {
    "DATABASE_URL": "postgresql://u:p@127.0.0.1/x",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "AUTH_KEYS_FILE": "keys.json",
    "HTTP_PORT": "0",
}


def test_the_spans_are_iso_8601():
    settings = load(Settings, "support", {**ENVIRON, "SUPPORT_WAKE_WITHIN": "P7D"})
    assert settings.wake_within == timedelta(days=7)
    assert settings.recovery_hold == timedelta(minutes=30)


@pytest.mark.parametrize("value", ["soon", "-PT1H"])
def test_a_malformed_span_is_named(value):
    with pytest.raises(BadSettings, match="SUPPORT_RECOVERY_HOLD is malformed"):
        load(Settings, "support", {**ENVIRON, "SUPPORT_RECOVERY_HOLD": value})
