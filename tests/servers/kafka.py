"""A real Kafka broker for the tests: one node (KRaft, KIP-500), on loopback, its data in a folder that the caller names."""

import base64
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from servers.maven import fetch_jars, find_jdk
from servers.ports import free_port
from waiting import PATIENCE

VARIABLE = "WIREWATCH_TEST_KAFKA"
"""Environment variable: bootstrap servers (`host:port`) of a broker that runs already and is used instead."""
SESSION_SECONDS = 1.0
"""The shortest session timeout that the broker lets its consumers ask for."""

USER = "wire"
PASSWORD = "only-for-tests"
"""Who may use a secured listener."""

VERSION = "4.1.0"
_ARTIFACTS = (f"org.apache.kafka:kafka_2.13:{VERSION}", "org.slf4j:slf4j-simple:1.7.36")
_READY = "Kafka Server started"
_LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
)
_JVM = ("-Xmx512m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *_LOGGING)
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners={listeners},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={listeners}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL
log.dirs={data}
auto.create.topics.enable=false
num.partitions=1
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms={session}
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=2000
"""
_SECURED = """\
listener.name.secured.sasl.enabled.mechanisms=PLAIN
listener.name.secured.plain.sasl.jaas.config=\\
  org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}="{password}";
listener.name.secured.ssl.keystore.type=PKCS12
listener.name.secured.ssl.keystore.location={keystore}
listener.name.secured.ssl.keystore.password={password}
"""


@dataclass(frozen=True)
class Secured:
    """A listener with TLS and SASL PLAIN for a broker of our own.

    Attributes:
        address: its `host:port`.
        certificate: the PEM file that its clients must trust.
        properties: the broker's settings for it.
    """

    address: str
    certificate: Path
    properties: str


def secured_listener(folder: Path) -> Secured:
    """Make a key with a self-signed certificate in a folder. Raises Unavailable if there is no JDK."""
    keystore, certificate = folder / "broker.p12", folder / "broker.pem"
    tool = [
        str(find_jdk() / "bin" / "keytool"),
        "-keystore",
        str(keystore),
        "-storepass",
        PASSWORD,
        "-alias",
        "broker",
    ]
    made = [
        "-genkeypair",
        "-keyalg",
        "EC",
        "-dname",
        "CN=localhost",
        "-ext",
        "san=ip:127.0.0.1",
        "-validity",
        "2",
    ]
    _run([*tool, *made, "-storetype", "PKCS12"])
    _run([*tool, "-exportcert", "-rfc", "-file", str(certificate)])
    properties = _SECURED.format(user=USER, password=PASSWORD, keystore=keystore)
    return Secured(f"127.0.0.1:{free_port()}", certificate, properties)


class KafkaServer:
    """A broker of our own: it starts at once, and can be killed and restarted with the same port and data.

    Args:
        folder: for its configuration, data and log; must exist.
        secured: a second listener, beside the plain one.

    Raises Unavailable if the machine lacks Java, Maven or the jars.
    """

    def __init__(self, folder: Path, secured: Secured | None = None) -> None:
        java = str(find_jdk() / "bin" / "java")
        self._java = [java, *_JVM, "-cp", f"{fetch_jars('kafka', _ARTIFACTS)}/*"]
        broker, controller = free_port(), free_port()
        self.bootstrap = f"127.0.0.1:{broker}"
        self._properties = folder / "server.properties"
        self._output = folder / "server.log"
        text = _PROPERTIES.format(
            listeners=f"PLAINTEXT://{self.bootstrap}" + (f",SECURED://{secured.address}" if secured else ""),
            controller=controller,
            data=folder / "data",
            session=int(SESSION_SECONDS * 1000),
        )
        self._properties.write_text(text + (secured.properties if secured else ""), "utf-8")
        cluster = base64.urlsafe_b64encode(b"wirewatch" + secrets.token_bytes(7)).decode().rstrip("=")
        _run([*self._java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._properties)])
        self.start()

    def start(self) -> None:
        """Start the broker, and wait until it is ready."""
        with self._output.open("wb") as output:
            command = [*self._java, "kafka.Kafka", str(self._properties)]
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + PATIENCE
        while _READY not in self._output.read_text("utf-8", "replace"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(
                    f"the broker did not start:\n{self._output.read_text('utf-8', 'replace')[-4000:]}"
                )
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL; returns when it is gone."""
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        """SIGKILL, and start again."""
        self.kill()
        self.start()


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The bootstrap servers of the broker that the environment names, or of one that is started in the folder and killed
    at the end. Raises Unavailable if it can be neither."""
    if named := os.environ.get(VARIABLE):
        yield named
        return
    server = KafkaServer(folder)
    try:
        yield server.bootstrap
    finally:
        server.kill()


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode:
        raise RuntimeError(f"{command} failed: {done.stdout}{done.stderr}")
