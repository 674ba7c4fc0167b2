"""The commands of the README, typed as they stand there."""

import asyncio
import json
import os
import pty
import re
import signal
import subprocess
import time
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest
from aiokafka import AIOKafkaProducer
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.ingest.edges.mqtt_client import Client
from tools.local.auth import Operator
from tools.local.process import ROOT

pytestmark = pytest.mark.servers


def run(*words, seconds=300, **environment):
    return subprocess.run(
        words, cwd=ROOT, timeout=seconds, text=True, stdin=subprocess.DEVNULL,
        capture_output=True, env={**os.environ, **environment}, check=False,
    )  # fmt: skip


class Demo:
    """`make demo` at a terminal of its own, up to the line that says how to end it.

    Attributes:
        visits: where each role's link led, and what the stops of the tour answered, while it ran.
    """

    def __init__(self, *words):
        ours, theirs = pty.openpty()
        self.stdout, self.visits = "", {}
        environment = {**os.environ, "TERM": "dumb", "COLUMNS": "160"}
        self.process = subprocess.Popen(
            ["make", "demo", *words], cwd=ROOT, start_new_session=True, env=environment,
            stdin=theirs, stdout=theirs, stderr=theirs,
        )  # fmt: skip
        os.close(theirs)
        self._terminal = ours

    def read(self, until=None):
        """What it says, up to a sentence or its end."""
        while until is None or until not in self.stdout:
            try:
                said = os.read(self._terminal, 65_536)
            except OSError:  # nobody writes there any more
                return
            if not said:
                return
            self.stdout += said.decode("utf-8", "replace").replace("\r\n", "\n")

    def visit(self):
        """Follow every link that it names, as a browser would."""
        links = dict(
            re.findall(r"^  (\w+) +(http://\S+/sign-in/once/\S+)$", self.stdout, re.MULTILINE)
        )
        stops = re.findall(r"\(as (\w+)\)\n +(http://\S+)", self.stdout)
        for role, link in links.items():
            with httpx.Client(trust_env=False, timeout=60, follow_redirects=True) as browser:
                self.visits[role] = browser.get(link).url.path
                for n, (whose, address) in enumerate(stops):
                    if whose == role:
                        self.visits[n] = browser.get(address)

    def end(self):
        os.killpg(self.process.pid, signal.SIGINT)
        self.read()
        self.returncode = self.process.wait(90)


@pytest.fixture(scope="module")
def demo():
    """`make demo`, small: what it said and what it wrote."""
    (ROOT / "demo.json").unlink(missing_ok=True)
    done = Demo("CUSTOMERS=60", "DAYS=30", "SEED=5")
    done.read("Ctrl-C ends everything")
    endpoints = json.loads((ROOT / ".playcaller-demo" / "endpoints.json").read_text())
    done.visit()
    done.end()
    assert done.returncode == -signal.SIGINT, "make tells how it ended"
    told = json.loads((ROOT / "demo.json").read_text())
    assert endpoints["console"] == told["console"] != ""
    return done, told


def test_the_demo_opens_the_console_for_every_role_and_leads_through_it(demo):
    done, _ = demo
    roles = {"csm", "agent", "partner", "lead", "product", "marketing", "oncall", "admin"}
    assert {key: where for key, where in done.visits.items() if isinstance(key, str)} == dict.fromkeys(roles, "/today"), done.stdout  # fmt: skip
    stops = [answer for key, answer in sorted(done.visits.items(), key=str) if isinstance(key, int)]
    named = done.stdout[done.stdout.index("Tour") :].count(" (as ")
    assert len(stops) == named >= 4, (
        done.stdout
    )  # whoever wore off is not found within 30 days by any seed
    for answer in stops:
        assert answer.status_code == 200
        assert "/sign-in" not in str(answer.url)
    assert "The picture freezes since the last update" in stops[-1].text
    early = done.stdout.index("Watch it in the browser: http://localhost:")
    assert early < done.stdout.index("Counting: published") < done.stdout.index("Tour")


def test_make_demo_counts_every_event_everywhere(demo):
    done, told = demo
    assert "Nothing lost, nothing twice." in done.stdout
    assert told["ok"] is True
    for topic, published in told["published"].items():
        assert published > 0
        assert told["acked"][topic] == told["kafka"][topic] == published
        for counts in told["counted"].values():
            assert counts[topic] in (published, None)
    assert told["counted"]["support"]["device.usage"] is None
    assert told["duplicates_sent"] > 0
    assert sum(told["stages"].values()) == 60
    assert told["tickets"] > 0
    assert set(told["rejected"]) >= {"unknown_type", "bad_boot", "bad_seq", "too_large"}
    assert told["apart"]["events of a copied device"] == 3
    assert told["apart"]["strangers turned away by the broker"] == 2
    assert 100 < told["peak_memory_mb"] < 2500


def test_a_demo_leaves_no_process_behind(demo):
    assert "All servers stopped." in demo[0].stdout
    assert not left_behind()


def left_behind(folder=ROOT / ".playcaller-demo"):
    """Processes of a folder; not by `pgrep`, which a bare machine lacks."""
    mine = str(folder)
    found = [one.info["cmdline"] or [] for one in psutil.process_iter(["cmdline"])]
    return [line for line in found if any(mine in word for word in line)]


def test_ctrl_c_stops_every_child_and_says_what_was_kept(demo):
    assert demo[0].process.poll() is not None
    process = subprocess.Popen(
        ["make", "demo", "CUSTOMERS=20", "DAYS=40"], cwd=ROOT, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not left_behind():
        time.sleep(0.1)
    time.sleep(2)  # somewhere in the start of the servers: any moment will do
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=90)
    assert process.returncode != 0
    assert "Stopped." in output
    assert "Kept:" in output
    assert not left_behind()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """`playcaller up` in a folder of its own; at the end `down`, and `reset` deletes it."""
    folder = tmp_path_factory.mktemp("up") / "home"
    # a killed member keeps its partitions for so long, and a test kills one
    environment = {"PLAYCALLER_HOME": str(folder), "KAFKA_SESSION_S": "10"}
    up = run("./playcaller", "up", **environment)
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        (folder.parent / "said").write_text(up.stdout)
        yield folder
    finally:
        down = run("./playcaller", "down", **environment)
    assert down.returncode == 0
    stopped = run("./playcaller", "status", **environment)
    assert stopped.returncode == 1, "nothing runs: not healthy"
    assert not left_behind(folder), "nothing starts again what was stopped"
    assert run("./playcaller", "reset", "--yes", **environment).returncode == 0


def in_home(home, *words):
    return run("./playcaller", *words, PLAYCALLER_HOME=str(home))


def test_what_is_up_can_be_asked(home):
    endpoints = json.loads((home / "endpoints.json").read_text())
    assert "127.0.0.1" in json.dumps(endpoints)
    status = in_home(home, "status")
    assert status.returncode == 0, status.stdout + status.stderr
    for word in ("device.fault", "support", "analytics", "OK"):
        assert word in status.stdout
    nobody = in_home(home, "show", "nobody")
    assert nobody.returncode != 0
    assert "nobody" in nobody.stdout + nobody.stderr
    held = in_home(home, "erasures", "reapply")
    assert held.returncode == 0, held.stdout + held.stderr
    assert held.stdout.strip() == "0 erasures hold in journey, ingest, support, analytics."
    compared = in_home(home, "reconcile")
    assert compared.returncode == 0, compared.stdout + compared.stderr
    assert "Databases and Kafka agree." in compared.stdout
    logs = in_home(home, "logs", "ingest")
    assert "reading buckets" in logs.stdout


def secrets_of(home):
    """Whatever opens something: passwords, keys, and the link for the first admin."""
    run_ = home / "run"
    found = [path.read_text().strip() for path in (run_ / "passwords").iterdir()]
    found += [path.read_text().strip() for path in (run_ / "keys").iterdir()]
    found += [json.loads((run_ / "auth" / "signing.jwk").read_text())["d"]]
    found += [(run_ / "auth" / "seal.key").read_text().strip()]
    found += [re.search(r"/welcome\S*#(\S+)", (home.parent / "said").read_text())[1]]
    return found


def test_nobody_else_may_look_into_the_folder_and_no_log_holds_a_secret(home):
    assert home.stat().st_mode & 0o777 == 0o700
    places = [home, *(path for path in home.rglob("*") if not path.is_symlink())]
    links = [path.resolve() for path in home.rglob("*") if path.is_symlink()]
    places += [each for link in links for each in (link, *link.rglob("*"))]
    open_ = [str(path) for path in places if path.exists() and path.stat().st_mode & 0o077]
    assert open_ == []
    secrets = secrets_of(home)
    assert len(secrets) > 10
    for path in (home / "logs").iterdir():
        said = path.read_text("utf-8", "replace")
        assert "/welcome" not in said, path
        assert [secret for secret in secrets if secret in said] == [], path


def test_what_dies_is_started_again_and_status_tells(home):
    """kill -9 of a service and of a server; and a second `up` leaves alone what runs."""

    def pid(name):
        return json.loads((home / "run" / f"{name}.json").read_text())["pid"]

    before = {name: pid(name) for name in ("support", "smtp", "journey")}
    for name in ("support", "smtp"):
        os.kill(before[name], signal.SIGKILL)
    deadline = time.monotonic() + 90
    while True:
        told = json.loads(in_home(home, "status", "--json").stdout)
        died = [note for note in told["notes"] if " died " in note]
        if told["healthy"] and len(died) == 2:
            break
        assert time.monotonic() < deadline, told
        time.sleep(0.5)
    assert all(re.search(r"died once .* with signal 9 \(SIGKILL\); it was started again", note) for note in died)  # fmt: skip
    assert pid("support") != before["support"]
    assert pid("journey") == before["journey"]

    watcher, after = pid("supervisor"), pid("support")
    again = in_home(home, "up")
    assert again.returncode == 0, again.stdout + again.stderr
    assert pid("supervisor") != watcher
    assert pid("support") == after


async def disturb(home):
    """Hold support's offsets, with a record to be applied and one that cannot be; what status says.

    The half minute is the service's own, asked often at /readyz: a `status` takes seconds on a
    machine that is busy, and says what /readyz says. It begins when support applies: the test before
    killed it, and for a session its group may wait for the dead member (/readyz says so after 10 s).
    """
    places = json.loads((home / "endpoints.json").read_text())
    producer = AIOKafkaProducer(bootstrap_servers=places["kafka"])
    await producer.start()
    held = await asyncpg.connect(places["postgresql"]["support"])
    try:
        await producer.send_and_wait("device.fault", b"\xffnonsense")
        await readyz_says(places, "1 records in the last hour", seconds=150)
        await producer.send_and_wait("device.fault", b"\xffnonsense, too")
        await readyz_says(places, "2 records in the last hour")
        async with held.transaction():
            await held.execute("SELECT * FROM consumer_offset FOR UPDATE")
            await producer.send_and_wait("device.fault", b"\xffmore")
            await readyz_says(places, "none applied")
            return await complaints(home)
    finally:
        await held.close()
        await producer.stop()


async def readyz_says(places, words, seconds=30):
    """Return once support's /readyz has these words; fails after `seconds`."""
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(seconds):
        while True:
            if words in (await http.get(f"{places['http']['support']}/readyz")).text:
                return
            await asyncio.sleep(0.5)


async def complaints(home):
    return json.loads((await asyncio.to_thread(in_home, home, "status", "--json")).stdout)[
        "complaints"
    ]


def test_status_says_within_half_a_minute_what_stands_and_what_to_do(home):
    said = "\n".join(asyncio.run(disturb(home)))
    assert re.search(r"support: unread records, and none applied for \d+ s\. Next: a batch", said)
    assert re.search(r"support: 2 in quarantine \(2 \w+ of device\.fault\), the oldest for \d min; it grows, 2 within the hour\. Next: GET /v1/quarantine", said)  # fmt: skip
    notes = json.loads(in_home(home, "status", "--json").stdout)["notes"]
    assert any(
        re.match(r"broker: \d+ connected, \d+ sessions, \d+ subscriptions", n) for n in notes
    )


def test_ca_shows_issues_and_revokes(home, tmp_path):
    """A certificate of `ca issue` opens the broker; `ca revoke` ends its live connection."""
    endpoints = json.loads((home / "endpoints.json").read_text())
    shown = in_home(home, "ca", "show")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    authority = Path(re.search("certificate (.+)", shown.stdout)[1])
    made = x509.load_pem_x509_certificate(authority.read_bytes())
    assert f"SHA-256 {made.fingerprint(hashes.SHA256()).hex(':')}" in shown.stdout

    nobody = in_home(home, "ca", "issue", "nobody", "--to", str(tmp_path))
    assert nobody.returncode == 1
    assert "no source nobody" in nobody.stdout + nobody.stderr
    assert list(tmp_path.iterdir()) == []

    with httpx.Client(auth=Operator(home), trust_env=False) as http:
        wish = {"id": "cam-ca-1", "model": "cam"}
        http.post(f"{endpoints['http']['ingest']}/v1/devices", json=wish).raise_for_status()
    issued = in_home(home, "ca", "issue", "cam-ca-1", "--to", str(tmp_path))
    assert issued.returncode == 0, issued.stdout + issued.stderr
    certificate, key = tmp_path / "cam-ca-1.pem", tmp_path / "cam-ca-1-key.pem"
    assert key.stat().st_mode & 0o777 == 0o600

    def connect():
        return Client(
            endpoints["mqtt_certificates"],
            ca=endpoints["mqtt_ca"],
            certificate=certificate,
            key=key,
        )

    camera = connect()
    try:
        assert camera.is_in, camera.reason
        credential = re.search(r"credential (\S+)", issued.stdout)[1]
        revoked = in_home(home, "ca", "revoke", "cam-ca-1", "--credential", credential)
        assert "1 credentials of cam-ca-1 ended" in revoked.stdout, revoked.stdout + revoked.stderr
        assert camera.ended.wait(90), "the live connection goes on"
    finally:
        camera.close()
    again = connect()
    again.close()
    assert again.reason != 0
