"""Requirements of the tests' real servers: a JDK, and their jars from Maven Central."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import platformdirs
from filelock import FileLock

OLDEST_JAVA = 21
_FETCH_SECONDS = 300.0
_JVM_FOLDERS = (
    "/usr/lib/jvm",
    "/usr/java",
    "/opt/java",
    "/Library/Java/JavaVirtualMachines",
    "~/.sdkman/candidates/java",
)
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>wirewatch.tests</groupId>
  <artifactId>{name}</artifactId>
  <version>1</version>
  <dependencies>{dependencies}</dependencies>
</project>
"""
_DEPENDENCY = "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"


class Unavailable(Exception):
    """The machine lacks a requirement of a real server; the message gives the reason, as a sentence."""


def find_jdk() -> Path:
    """The home folder of a JDK (with its compiler) of version 21 or newer: that of JAVA_HOME, of the `java` on PATH, else
    the newest in the usual folders. Raises Unavailable."""
    for homes in (_chosen_homes(), sorted(_installed_homes(), key=_version, reverse=True)):
        for home in homes:
            if _version(home) >= OLDEST_JAVA:
                return home
    raise Unavailable(
        f"It needs a JDK {OLDEST_JAVA} or newer: none is in JAVA_HOME, on PATH, or in {', '.join(_JVM_FOLDERS)}."
    )


def _chosen_homes() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home)
    if java := shutil.which("java"):
        yield Path(java).resolve().parents[1]


def _installed_homes() -> Iterator[Path]:
    for folder in _JVM_FOLDERS:
        for home in Path(folder).expanduser().glob("*"):
            yield home
            yield home / "Contents" / "Home"


def _version(home: Path) -> int:
    """The major version of a JDK, as its file `release` has it; 0 if there is no JDK."""
    release = home / "release"
    if not (home / "bin" / "javac").exists() or not release.exists():
        return 0
    found = re.search(r'^JAVA_VERSION="(\d+)', release.read_text("utf-8"), re.MULTILINE)
    return int(found[1]) if found else 0


def fetch_jars(name: str, artifacts: Sequence[str]) -> Path:
    """A folder with the jars of some artifacts and of all that they need at run time; fetched once, kept in the user's cache.

    Args:
        name: of the server: what the folder's name begins with.
        artifacts: `group:artifact:version` each.

    Raises Unavailable if Maven is missing or can't fetch them.
    """
    digest = hashlib.blake2b("\n".join(artifacts).encode(), digest_size=6).hexdigest()
    cache = Path(platformdirs.user_cache_dir("wirewatch-tests"))
    cache.mkdir(parents=True, exist_ok=True)
    jars = cache / f"{name}-{digest}"
    with FileLock(cache / f"{jars.name}.lock"):
        if not jars.exists():
            _fetch(name, artifacts, jars)
    return jars


def _fetch(name: str, artifacts: Sequence[str], jars: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Unavailable(f"It needs Maven to fetch the jars of {name}: there is no `mvn` on PATH.")
    with tempfile.TemporaryDirectory(dir=jars.parent, prefix="fetching-") as scratch:
        pom, fetched = Path(scratch, "pom.xml"), Path(scratch, "jars")
        pom.write_text(_pom(name, artifacts), "utf-8")
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={fetched}", "-DincludeScope=runtime"]
        _run_maven([maven, "--batch-mode", "--quiet", "-f", str(pom), *goal], name)
        fetched.rename(jars)


def _pom(name: str, artifacts: Sequence[str]) -> str:
    dependencies = (_DEPENDENCY.format(*map(escape, artifact.split(":"))) for artifact in artifacts)
    return _POM.format(name=escape(name), dependencies="".join(dependencies))


def _run_maven(command: Sequence[str], name: str) -> None:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_FETCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"Maven did not fetch the jars of {name} within {_FETCH_SECONDS:.0f} s.") from None
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines() or ["it said nothing"]
        raise Unavailable(f"Maven could not fetch the jars of {name}: {said[0]}")
