"""A real Elasticsearch for the tests: one node, built from the jars on Maven Central, in its own folder.

Those jars lack some of a distribution: no security, ILM, painless, reindex, language analyzers. java/AnalysisCommonPlugin.java
replaces the parts that our index template needs.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from elasticsearch import Elasticsearch
from filelock import FileLock
from servers.maven import fetch_jars, find_jdk
from servers.ports import free_port
from waiting import PATIENCE

VERSION = "9.5.3"
VARIABLE = "WIREWATCH_TEST_ELASTICSEARCH"
"""Names the URL of an Elasticsearch that already runs; else one is started."""
RUN = "WIREWATCH_TEST_RUN"
"""The name of the test run, shared by its processes; set by the first one that reads it."""

_ARTIFACTS = (
    f"org.elasticsearch:elasticsearch:{VERSION}",
    f"org.elasticsearch.plugin:transport-netty4:{VERSION}",
)
_JAVA = Path(__file__).with_name("java")
_TRANSPORT_JARS = ("netty-", "transport-netty4-")
_JVM_FLAGS = (
    "-Xmx1g",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # starts in half the time
    "-Des.distribution.type=tar",
    "--add-modules=jdk.incubator.vector",
    "--enable-native-access=ALL-UNNAMED",
)
_DESCRIPTOR = """name={name}
description={name}
version={version}
elasticsearch.version={version}
java.version=21
classname={classname}
"""
_STOP_SECONDS = 20.0


class ElasticsearchServer:
    """A node that can be started, killed and started again with the same data, at the same port.

    Args:
        folder: for everything that it writes.
        settings: of Elasticsearch, besides those that a single node on loopback needs.

    Raises Unavailable if the machine lacks what it needs.
    """

    def __init__(self, folder: Path, settings: Sequence[str] = ()) -> None:
        self._java = find_jdk() / "bin"
        self._home = folder
        self._log = folder / "logs" / "output.log"
        self._settings = settings
        self._ports = free_port(), free_port()
        self._class_path = _lay_out(folder, fetch_jars("elasticsearch", _ARTIFACTS), self._java / "javac")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._ports[0]}"

    def start(self) -> None:
        """Start it, and wait until it answers; RuntimeError with the end of its log if it does not."""
        command = [str(self._java / "java"), *_JVM_FLAGS, "-cp", self._class_path, "ElasticsearchLauncher"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, str(self._home), *self._all_settings()],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"Elasticsearch did not start:\n{self._log.read_text('utf-8', 'replace')[-3000:]}"
                )
            time.sleep(0.2)

    def _all_settings(self) -> list[str]:
        return [
            "cluster.name=wirewatch-tests",
            "node.name=wirewatch-tests",
            "discovery.type=single-node",
            "network.host=127.0.0.1",
            f"http.port={self._ports[0]}",
            f"transport.port={self._ports[1]}",
            "cluster.routing.allocation.disk.threshold_enabled=false",
            *self._settings,
        ]

    def _answers(self) -> bool:
        try:
            health = f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=1s"
            with urllib.request.urlopen(health, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """SIGKILL: it gets no time to write anything."""
        if self._process:
            self._process.kill()
            self._wait(self._process)

    def stop(self) -> None:
        """Stop it cleanly, by closing its input; kill it if that takes too long."""
        if self._process:
            self._wait(self._process)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._process = None


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The URL of the Elasticsearch that the environment names, or of one that is started in the folder and stopped at the
    end. Raises Unavailable if it can be neither."""
    if named := os.environ.get(VARIABLE):
        yield named
        _remove_leftovers(named)
        return
    server = ElasticsearchServer(folder)
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


def run_prefix() -> str:
    """The prefix of all names that this test run makes in the server. Other runs may use the same server meanwhile."""
    return f"wwtest-{os.environ.setdefault(RUN, uuid4().hex[:8])}"


def new_prefix() -> str:
    """A prefix for one test's indices."""
    return f"{run_prefix()}-{uuid4().hex[:12]}"


def _remove_leftovers(url: str) -> None:
    """Delete everything that this run made in a server that is not its own."""
    ours = f"{run_prefix()}-*"
    with Elasticsearch(url).options(ignore_status=404) as client:  # there may be none
        for index in client.indices.get(index=ours):
            client.indices.delete(index=index)
        for template in client.indices.get_index_template(name=ours)["index_templates"]:
            client.indices.delete_index_template(name=template["name"])


def _lay_out(home: Path, jars: Path, compiler: Path) -> str:
    """Make a home folder like a distribution's; returns the class path."""
    for name in ("config", "data", "logs", "modules/transport-netty4", "modules/analysis-common"):
        (home / name).mkdir(parents=True)
    transport = [jar for jar in jars.glob("*.jar") if jar.name.startswith(_TRANSPORT_JARS)]
    class_path = os.pathsep.join(str(jar) for jar in jars.glob("*.jar") if jar not in transport)
    classes = _compiled(jars, class_path, compiler)
    for jar in transport:
        shutil.copy(jar, home / "modules/transport-netty4")
    shutil.copy(classes / "analysis-common.jar", home / "modules/analysis-common")
    _describe(home / "modules/transport-netty4", "org.elasticsearch.transport.netty4.Netty4Plugin")
    _describe(home / "modules/analysis-common", "AnalysisCommonPlugin")
    return os.pathsep.join((class_path, str(classes)))


def _describe(module: Path, classname: str) -> None:
    descriptor = _DESCRIPTOR.format(name=module.name, version=VERSION, classname=classname)
    (module / "plugin-descriptor.properties").write_text(descriptor, "utf-8")


def _compiled(jars: Path, class_path: str, compiler: Path) -> Path:
    """The folder with the classes of java/, the plugin in a jar; compiled once for each version of them, beside the jars."""
    sources = sorted(_JAVA.glob("*.java"))
    digest = hashlib.blake2b(b"".join(source.read_bytes() for source in sources), digest_size=6).hexdigest()
    done = jars.with_name(f"{jars.name}-classes-{digest}")
    with FileLock(f"{done}.lock"):
        if not done.exists():
            with tempfile.TemporaryDirectory(dir=jars.parent) as scratch:
                command = [str(compiler), "-nowarn", "-cp", class_path, "-d", scratch, *map(str, sources)]
                subprocess.run(command, check=True, timeout=120)
                _pack(Path(scratch), "AnalysisCommonPlugin*.class", "analysis-common.jar")
                shutil.copytree(scratch, done)
    return done


def _pack(folder: Path, pattern: str, jar: str) -> None:
    """Move classes into a jar: a plugin must be loaded only from there."""
    with zipfile.ZipFile(folder / jar, "w") as packed:
        for one in folder.glob(pattern):
            packed.write(one, one.name)
            one.unlink()
