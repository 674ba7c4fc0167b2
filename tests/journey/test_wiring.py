"""What starts, and what stops the start."""

import pytest

from services.journey import wiring
from services.journey.settings import Settings
from shared.clock import WallClock
from shared.db.engine import make_engine
from shared.errors import BadSettings
from shared.events.topics import consumed_by
from shared.settings import load
from tests.journey.conftest import ROOT

GIVEN = {
    "DATABASE_URL": "postgresql://u:p@127.0.0.1:1/x",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "AUTH_KEYS_FILE": "keys.json",
    "HTTP_PORT": "0",
}


def settings(**more):
    return load(Settings, "journey", {**GIVEN, **more})


@pytest.mark.parametrize(("clock", "timers"), [("wall", 11), ("stream", 10)])
async def test_every_topic_has_a_handler_and_the_wall_republishes(monkeypatch, clock, timers):
    monkeypatch.chdir(ROOT)
    given = settings(CLOCK=clock)
    engine = make_engine(given.database_url.get_secret_value())
    service = wiring.build(given, engine, WallClock())
    assert set(service.handlers) == {topic.name for topic in consumed_by("journey")}
    assert len(service.timers) == timers
    await engine.dispose()


def test_a_password_for_the_mail_server_is_never_told_in_clear():
    with pytest.raises(BadSettings, match="a password needs smtps://") as refused:
        settings(SMTP_URL="smtp://me:word@mail.example.org")
    assert "word@" not in str(refused.value)


def test_a_map_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(BadSettings, match="JOURNEY_MAP: cannot read"):
        wiring.load_map(settings(JOURNEY_MAP=str(tmp_path / "none.yaml")))


def test_a_map_with_a_mistake_stops_the_start_and_is_named(tmp_path):
    file = tmp_path / "map.yaml"
    file.write_text("stages: [{stage: one, says: x, enter: {all: [{fact: a, op: '=', value: 1}]}}]")
    with pytest.raises(BadSettings, match=r"map\.yaml: stage `one`: enter\.all"):
        wiring.load_map(settings(JOURNEY_MAP=str(file)))
