"""Kafka as docker-compose.yml runs it, from the local jars: same script, configuration and secrets."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.clock import wall_now
from shared.pki_files import PkiFiles
from shared.stream.cluster import Cluster, options
from tools.local import ports
from tools.local.kafka import SMALL, java, libraries

ROOT = Path(__file__).resolve().parents[1]
PLACES = {
    "KAFKA_HOME": "home",
    "KAFKA_SECRETS": "project/secrets",
    "KAFKA_CONFIG": "kafka.properties",
}
START_S = 90.0


class ComposeKafka:
    """A broker that asks everybody for a name and a password."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "kafka.log"
        self.ports = [ports.free_port() for _ in range(3)]
        self._process: subprocess.Popen[bytes] | None = None
        self._write_programs()
        self._write_secrets()
        self._write_configuration()

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.ports[0]}"

    def password(self, user: str) -> str:
        return (self.folder / f"project/secrets/kafka_{user}_password").read_text("utf-8").strip()

    def cluster(self, user: str, password: str | None = None) -> Cluster:
        """How `user` gets in."""
        return Cluster(
            self.bootstrap,
            "SASL_PLAINTEXT",
            user,
            self.password(user) if password is None else password,
        )

    def over_tls(self, user: str, ca_file: Path | None) -> Cluster:
        """The same by the listener with TLS."""
        where = f"127.0.0.1:{self.ports[2]}"
        return Cluster(where, "SASL_SSL", user, self.password(user), ca_file)

    async def start(self) -> None:
        """Run the container's own script; returns when `prepare` is let in."""
        environment = {name: str(self.folder / place) for name, place in PLACES.items()}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
                ["bash", str(ROOT / "deploy/kafka/start.sh")],
                env={"PATH": os.environ["PATH"], **environment},
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        async with asyncio.timeout(START_S):
            while not await self._lets_in():
                assert self._process.poll() is None, self.log.read_text("utf-8")[-2_000:]
                await asyncio.sleep(0.3)

    async def _lets_in(self) -> bool:
        client = AIOKafkaAdminClient(**options(self.cluster("prepare")))
        try:
            await client.start()
            return bool((await client.describe_cluster())["brokers"])
        except (KafkaError, OSError):
            return False
        finally:
            await client.close()

    def change(self, user: str, password: str) -> subprocess.CompletedProcess[str]:
        """Run the container's script that gives a user another password."""
        environment = {name: str(self.folder / place) for name, place in PLACES.items()}
        return subprocess.run(
            ["bash", str(ROOT / "deploy/kafka/password.sh"), user],
            env={"PATH": os.environ["PATH"], "KAFKA_BOOTSTRAP": self.bootstrap, **environment},
            input=password, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def stop(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _write_programs(self) -> None:
        """What the image has in /opt/kafka/bin."""
        home = self.folder / "home/bin"
        home.mkdir(parents=True)
        log4j = f"-Dlog4j2.configurationFile={(ROOT / 'deploy/kafka/log4j2.properties').as_uri()}"
        run = f"exec {java()} -Xmx384m {' '.join(SMALL)} {log4j} -cp '{libraries()}/*'"
        for name, main in (
            ("storage", "kafka.tools.StorageTool"),
            ("server-start", "kafka.Kafka"),
            ("configs", "kafka.admin.ConfigCommand"),
        ):
            program = home / f"kafka-{name}.sh"
            program.write_text(f'#!/bin/sh\n{run} {main} "$@"\n', "utf-8")
            program.chmod(0o755)

    def _write_secrets(self) -> None:
        project = self.folder / "project"
        (project / "deploy").mkdir(parents=True)
        shutil.copy(ROOT / "deploy/new-env.sh", project / "deploy")
        subprocess.run(["sh", "deploy/new-env.sh"], cwd=project, check=True, capture_output=True)

    def _write_configuration(self) -> None:
        """The container's, with free ports and a folder in place of its own."""
        inside, controller, outside = self.ports
        text = (ROOT / "deploy/kafka/server.properties").read_text("utf-8")
        for key, value in {
            "listeners": f"INSIDE://127.0.0.1:{inside},CONTROLLER://127.0.0.1:{controller},"
            f"OUTSIDE://127.0.0.1:{outside}",
            "advertised.listeners": f"INSIDE://127.0.0.1:{inside},OUTSIDE://127.0.0.1:{outside}",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "log.dirs": str(self.folder / "data"),
        }.items():
            text, count = re.subn(
                rf"^{re.escape(key)}=.*$", f"{key}={value}", text, flags=re.MULTILINE
            )
            assert count == 1, key
        (self.folder / "kafka.properties").write_text(self._with_tls(text), "utf-8")

    def _with_tls(self, text: str) -> str:
        """With a listener under TLS besides, as installations outside of one machine have it."""
        files = PkiFiles(self.folder / "tls").ensure(wall_now())
        self.ca_file = files.ca
        keystore = self.folder / "keystore.pem"
        keystore.write_bytes(files.server_key.read_bytes() + files.server.read_bytes())
        prefix = "listener.name.outside.ssl"
        protocols = "listener.security.protocol.map="
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        return text.replace(protocols, f"{protocols}OUTSIDE:SASL_SSL,") + (
            f"{prefix}.keystore.type=PEM\n{prefix}.keystore.location={keystore}\n"
            f"listener.name.outside.scram-sha-512.sasl.jaas.config={scram}\n"
        )
