"""Who may do what at the broker; that it does so is shown by tests/ingest/edges/test_strangers.py."""

from shared import mqtt_accounts


def rights(acl: str, user: str) -> set[str]:
    """The lines of one account."""
    found, mine = set(), False
    for line in acl.splitlines():
        if line.startswith("user "):
            mine = line == f"user {user}"
        elif mine and line:
            found.add(line)
    return found


def test_an_account_of_ingest_has_its_buckets_and_no_others():
    acl = mqtt_accounts.acl({"_ingest-low": "01", "_ingest-high": "f"})
    assert rights(acl, "_ingest-high") == {
        "topic read pc/v1/f/devices/+/up/+",
        "topic read pc/v1/f/apps/+/up/+",
        "topic write pc/v1/f/devices/+/down",
        "topic write pc/v1/f/apps/+/down",
    }
    assert all("/0/" in line or "/1/" in line for line in rights(acl, "_ingest-low"))


def test_time_is_told_in_simulations_only():
    assert rights(mqtt_accounts.acl(), mqtt_accounts.CLOCK) == set()
    assert "clock" not in mqtt_accounts.acl()
    assert rights(mqtt_accounts.acl(clock=True), mqtt_accounts.CLOCK) == {
        "topic write pc/v1/+/clock/up"
    }


def test_no_source_can_have_the_name_of_an_account():
    from services.ingest.domain.messages.addresses import SOURCE_ID

    for account in (mqtt_accounts.INGEST, mqtt_accounts.CLOCK, mqtt_accounts.MONITOR):
        assert SOURCE_ID.fullmatch(account) is None
