"""Makes a small data folder as a released version leaves it, for tests/unit/wirewatch/commands/test_upgrade.py.

    python tests/samples/make_released.py COMMIT VERSION

Runs that version's own code, from the commit, on the demo world until it has sent some alerts, stops it as Ctrl-C does, and
packs the folder into tests/samples/released/VERSION.tar.xz. It runs in this environment: the libraries are today's.
"""

import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).with_name("released")
ALERTS = 3
START = "import sys; from wirewatch.cli import main; sys.argv[0] = 'wirewatch'; main()"
LEFT_OUT = ("processes", "log.sqlite.locks")


def main() -> None:
    """Make it."""
    commit, version = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        code, data = Path(folder) / "code", Path(folder) / "data"
        code.mkdir()
        archived = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True)
        subprocess.run(["tar", "x"], cwd=code, check=True, input=archived.stdout)
        run(code, data)
        pack(data, FOLDER / f"{version}.tar.xz")


def run(code: Path, data: Path) -> None:
    """Run the demo until it has sent alerts."""
    command = [
        sys.executable,
        "-c",
        START,
        "demo",
        "--data",
        str(data),
        "--head-start",
        "3",
        "--every",
        "0.3",
    ]
    told = data / "alerts.jsonl"
    with subprocess.Popen(command, cwd=code, env=os.environ | {"PYTHONPATH": str(code)}) as process:
        while process.poll() is None and len(lines(told)) < ALERTS:
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
    if process.returncode:
        sys.exit(f"it ended with {process.returncode}")


def lines(path: Path) -> list[bytes]:
    """The lines of a file that may not be there yet."""
    return path.read_bytes().splitlines() if path.exists() else []


def pack(data: Path, file: Path) -> None:
    """Pack a folder, without what belongs to running processes."""
    file.parent.mkdir(exist_ok=True)
    with tarfile.open(file, "w:xz") as packed:
        for path in sorted(data.rglob("*")):
            name = path.relative_to(data)
            if path.is_file() and name.parts[0] not in LEFT_OUT and path.suffix != ".lock":
                packed.add(path, str(name), filter=anonymous)


def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """The same member without its owner."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    main()
