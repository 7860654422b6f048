"""The machine: Python, text encoding, memory, disk, permissions of the data folder, the clock.

Facts are read in `facts_of`; what they mean is decided apart from that.
"""

import locale
import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from results.doctor import Remark, Severity
from stream.clock import utc_now
from stream.words import byte_size
from wirewatch.config import Config

OLDEST_SQLITE = (3, 35, 0)
"""It has RETURNING, which the log uses."""
BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock before this is wrong: this code is younger."""
LEAST_FREE, LITTLE_FREE = 500_000_000, 5_000_000_000
"""Bytes of disk: below the first, writing may stop at any moment."""
EACH_PROCESS = 512_000_000
"""Bytes of memory that docs/deploy.md reckons with for each process of a stage, workers included."""
OTHER_FILES = 200
"""Files and sockets open besides the connections to sites: databases, workers, the page."""
SHARED_FILES = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "fuse.sshfs",
    "afs",
    "ceph",
    "glusterfs",
    "lustre",
)
"""File systems of other machines, on which SQLite's locks and shared memory can't be relied on."""
_CGROUP = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a machine."""

    encoding: str
    sqlite: tuple[int, ...]
    now: datetime
    folder: Path
    """The data folder."""
    writable: bool
    """Whether this user can write to it, or make it."""
    mode: int | None
    """Its permissions; None if there is none yet, or on Windows."""
    is_mine: bool
    free: int
    files_free: int | None
    """How many more files its file system takes; None if that is not limited."""
    file_system: str
    """'' if unknown."""
    memory: int | None
    """The bytes that this process may use together with its workers; None if unknown."""
    most_open: int | None
    """How many files a process may have open; None if that is not limited."""
    cores: int


def facts_of(folder: Path) -> Facts:
    """What can be seen of this machine."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    known = there.stat() if there == folder and os.name != "nt" else None
    return Facts(
        encoding=locale.getpreferredencoding(do_setlocale=False) if not sys.flags.utf8_mode else "utf-8",
        sqlite=sqlite3.sqlite_version_info,
        now=utc_now(),
        folder=folder,
        writable=os.access(there, os.W_OK | os.X_OK) and there.is_dir(),
        mode=stat.S_IMODE(known.st_mode) if known else None,
        is_mine=known is None or known.st_uid == os.geteuid(),
        free=shutil.disk_usage(there).free,
        files_free=_files_free(there),
        file_system=_file_system(there.resolve()),
        memory=_memory(),
        most_open=_most_open(),
        cores=os.cpu_count() or 1,
    )


def judge(facts: Facts, config: Config) -> Iterator[Remark]:
    """What is wrong with a machine, and what is right."""
    yield from _software(facts)
    yield from _clock(facts)
    yield from _disk(facts)
    yield from _folder(facts)
    yield from _limits(facts, config)


def _said(severity: Severity, what: str, advice: str = "", where: str = "") -> Remark:
    return Remark(severity, "machine", what, where, advice)


def _software(facts: Facts) -> Iterator[Remark]:
    python = f"Python {sys.version.split()[0]}, SQLite {'.'.join(map(str, facts.sqlite))}"
    if facts.sqlite < OLDEST_SQLITE:
        yield _said(
            "error",
            f"{python}: this SQLite is too old for the log",
            "Use a Python with SQLite 3.35 or newer.",
        )
    else:
        yield _said("ok", python)
    if facts.encoding.lower().replace("-", "") != "utf8":
        yield _said(
            "warning",
            f"Text is written in {facts.encoding}, which has no letters for most languages",
            "Set LANG=C.UTF-8, or PYTHONUTF8=1.",
        )


def _clock(facts: Facts) -> Iterator[Remark]:
    if facts.now < BUILT:
        what = f"The clock says {facts.now:%Y-%m-%d %H:%M} UTC, which is in the past"
        yield _said(
            "error",
            what,
            "Set the clock; use NTP. Certificates and dates of articles can't be checked with it.",
        )


def _disk(facts: Facts) -> Iterator[Remark]:
    what, where = f"{byte_size(facts.free)} free on the disk of the data folder", str(facts.folder)
    advice = "Make room, or keep less: [log] keep_days and keep_bytes, [archive] keep_days."
    if facts.free < LEAST_FREE:
        yield _said("error", f"Only {what}", f"{advice} Once it is full, everything waits.", where)
    elif facts.free < LITTLE_FREE:
        yield _said("warning", f"Only {what}", advice, where)
    else:
        yield _said("ok", what, where=where)
    if facts.files_free is not None and facts.files_free < 1_000:
        yield _said(
            "error",
            f"Its file system takes only {facts.files_free:,} more files",
            "Delete files there.",
            where,
        )


def _folder(facts: Facts) -> Iterator[Remark]:
    where = str(facts.folder)
    if not facts.writable:
        yield _said(
            "error",
            "The data folder can't be written to by this user",
            "Change its owner, or use --data.",
            where,
        )
    if not facts.is_mine:
        what = "The data folder belongs to another user"
        yield _said("warning", what, "Run wirewatch as that user, or give the folder to this one.", where)
    elif facts.mode is not None and facts.mode & 0o077:
        what = f"Other users of this machine may look into the data folder (mode {facts.mode:o})"
        yield _said("warning", what, f"It holds passwords of channels: chmod 700 {where}", where)
    if facts.file_system in SHARED_FILES:
        yield _said(
            "error",
            f"The data folder is on a file system of another machine ({facts.file_system}), on which SQLite damages its files",
            "Move it to a local disk.",
            where,
        )


def _limits(facts: Facts, config: Config) -> Iterator[Remark]:
    workers = config.extract.workers or facts.cores
    needed = EACH_PROCESS * (workers + 1)
    if facts.memory is not None:
        what = f"{byte_size(facts.memory)} of memory for {workers} workers and the process itself"
        if facts.memory < needed:
            advice = f"Reckon with {byte_size(needed)}, or set fewer [extract] workers: else the system may end them."
            yield _said("warning", f"Only {what}", advice, "extract.workers")
        else:
            yield _said("ok", what)
    connections = config.fetch.concurrency + config.poll.concurrency
    if facts.most_open is not None and facts.most_open < connections + OTHER_FILES:
        yield _said(
            "warning",
            f"A process may open only {facts.most_open:,} files, and up to {connections:,} connections are configured",
            f"Allow {connections + OTHER_FILES:,} (ulimit -n, or LimitNOFILE= of systemd).",
            "fetch.concurrency",
        )


def _files_free(path: Path) -> int | None:
    if not hasattr(os, "statvfs"):
        return None
    found = os.statvfs(path)
    return found.f_favail if found.f_files else None


def _file_system(path: Path) -> str:
    """The type of the file system that a path is on; '' where that can't be told (not on Linux)."""
    try:
        lines = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    mounts = [
        (Path(fields[1].replace("\\040", " ")), fields[2])
        for line in lines
        if len(fields := line.split()) > 2
    ]
    around = [(len(point.parts), kind) for point, kind in mounts if point == path or point in path.parents]
    return max(around, default=(0, ""))[1]


def _memory() -> int | None:
    """The container's limit, or else the memory of the machine."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    limits = [
        int(text) for file in _CGROUP if file.is_file() and (text := file.read_text().strip()).isdigit()
    ]
    return min([whole, *limits])


def _most_open() -> int | None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


SKEW_NOTED, SKEW_WRONG = timedelta(seconds=30), timedelta(minutes=5)
"""How far the clock may differ from servers' before that is told, and before it is an error (sessions, certificates, dates)."""


def judge_skew(offsets: dict[str, timedelta]) -> Iterator[Remark]:
    """What the clocks of servers say of ours: how far each is ahead of it, by host. Of several, the middle one counts: one
    server may be wrong itself."""
    if not offsets:
        return
    ordered = sorted(offsets.values())
    middle = ordered[len(ordered) // 2]
    seconds = abs(middle).total_seconds()
    direction = "behind" if middle > timedelta() else "ahead of"
    what = f"The clock is {seconds:.0f} s {direction} those of {', '.join(sorted(offsets))}"
    if abs(middle) >= SKEW_WRONG:
        yield _said("error", what, "Set the clock; use NTP.")
    elif abs(middle) >= SKEW_NOTED:
        yield _said("warning", what, "Use NTP.")
    else:
        yield _said("ok", f"The clock agrees with those of {', '.join(sorted(offsets))}")
