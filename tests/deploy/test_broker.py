"""The broker of the containers, on this machine: its files, its rights, its start script."""

import asyncio
import os
import re
import signal
from pathlib import Path

import pytest

from deploy.prepare import broker, keys
from services.ingest.edges.broker.broker_files import BrokerFiles
from shared.mqtt_passwords import line
from shared.pki_files import account_files
from tests.deploy.test_compose import ROOT
from tests.ingest.edges.mqtt_client import Client
from tests.system import until
from tools.local.ports import free_port
from tools.setup import needs


def folders(at: Path) -> broker.Folders:
    made = broker.Folders(
        at / "broker", at / "devices-ca", at / "accounts", at / "authority", at / "tls"
    )
    keys.prepare_tls(made.tls, made.authority, at, at / "mail")
    return made


def test_a_second_run_keeps_what_ingest_has_written(tmp_path):
    where = folders(tmp_path)
    broker.prepare(where)
    first = {path.name: path.read_bytes() for path in where.broker.iterdir()}
    accounts = {path.name: path.read_bytes() for path in where.accounts.iterdir()}
    passwords = line("cam-1", "x", bytes(12)).encode()
    (where.broker / "passwords").write_bytes(passwords)
    broker.prepare(where)
    assert (where.broker / "passwords").read_bytes() == passwords
    for same in ("revoked.pem", "server.pem", "ca.pem", "devices-ca.pem", "acl"):
        assert (where.broker / same).read_bytes() == first[same]
    assert (where.broker / "ca.pem").read_bytes() == (where.tls / "ca.pem").read_bytes()
    assert {path.name: path.read_bytes() for path in where.accounts.iterdir()} == accounts
    assert {oct(path.stat().st_mode & 0o007) for path in where.broker.glob("*key*")} == {"0o0"}
    assert {oct(path.stat().st_mode & 0o077) for path in where.accounts.glob("*key*")} == {"0o0"}


@pytest.mark.servers
async def test_the_start_script_lets_the_broker_read_what_was_replaced_and_a_password_opens_nothing_inside(
    tmp_path,
):
    where = folders(tmp_path)
    broker.prepare(where)
    (tmp_path / "data").mkdir()
    text = (ROOT / "deploy/mosquitto/mosquitto.conf").read_text("utf-8")
    ports = {number: free_port() for number in ("8883", "8884", "8885", "8886")}
    text = re.sub(
        r"^listener (\d+)", lambda m: f"listener {ports[m[1]]} 127.0.0.1", text, flags=re.MULTILINE
    )
    text = text.replace("/mosquitto/", f"{tmp_path}/")
    if os.geteuid() == 0:
        text += "\nuser root\n"
    config = tmp_path / "mosquitto.conf"
    config.write_text(text, "utf-8")
    found = needs.find_mosquitto()
    environment = {**os.environ, "PATH": f"{Path(found).parent}:{os.environ['PATH']}"}
    script = str(ROOT / "deploy/mosquitto/run.sh")
    process = await asyncio.create_subprocess_exec(
        *("sh", script, str(config), str(where.broker)),
        env=environment, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    ca = where.broker / "ca.pem"

    async def try_in(user, password, port, **more):
        made = await asyncio.to_thread(
            Client, f"mqtts://localhost:{ports[port]}", user, password, ca=ca, **more
        )
        made.close()
        return made.reason == 0

    def ours(name):
        certificate, key = account_files(where.accounts, name)
        return {"certificate": certificate, "key": key}

    try:
        await until(lambda: try_in("_ingest", None, "8884", **ours("_ingest")), 20)
        assert await try_in("_monitor", None, "8884", **ours("_monitor"))
        for outside in ("8883", "8885"):
            assert not await try_in("_ingest", None, outside, **ours("_ingest"))
        assert not await try_in("cam-1", "x", "8883")
        files = BrokerFiles(where.broker, None)
        files.write("passwords", line("cam-1", "x", bytes(12)).encode())
        await until(lambda: try_in("cam-1", "x", "8883"), 20)
        assert not await try_in("cam-1", "x", "8884")
        files.write("passwords", b"")
        await until(lambda: refused(try_in, "cam-1", "x", "8883"), 20)
    finally:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def refused(try_in, *words):
    return not await try_in(*words)
