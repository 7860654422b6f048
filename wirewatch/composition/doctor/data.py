"""What is stored on this machine, and the ports that are listened on."""

import errno
import os
import socket
import sqlite3
import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path

from results.doctor import Remark
from results.status import Process
from stream.errors import MustBeRebuilt, NewerVersion, WirewatchError
from web.guard import NOT_OUR_NAME
from wirewatch.composition.archive_upkeep import storage
from wirewatch.composition.stores import open_store
from wirewatch.config import Config, Paths
from wirewatch.topics import open_log

UNREADABLE = "See what is damaged: wirewatch check"
USE_NEWER = "Use the version that wrote it, or a backup of before it did."
FOR_OWNER = "Run wirewatch as its owner, or give it to this user."
ANSWER_SECONDS = 5.0
_REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound to them here
"""Where this machine reaches what listens on all addresses."""


def judge_data(config: Config, paths: Paths, now: datetime) -> Iterator[Remark]:
    """Whether log and archive on this machine can be opened, by this version, and when the disk is full."""
    if not config.kafka.bootstrap_servers:
        yield from _log(config, paths)
    if not config.elasticsearch.hosts:
        yield from _archive(config, paths)
    known = storage(config, paths, now) if paths.data.exists() else None
    if known and known.full and known.is_short(now):
        what = f"The disk will be full around {known.full:%Y-%m-%d}, if log and archive grow as they do"
        advice = "Make room, or keep less: [log] keep_days and keep_bytes, [archive] keep_days."
        yield Remark("warning", "data", what, str(paths.data), advice)


def _log(config: Config, paths: Paths) -> Iterator[Remark]:
    where = str(paths.log)
    if not paths.log.exists():
        yield Remark("note", "data", "There is no log yet", where, "It begins with: wirewatch run")
        return
    if not os.access(paths.log, os.R_OK | os.W_OK):
        yield Remark("error", "data", "This user may not read and write the log", where, FOR_OWNER)
        return
    if _is_older(paths.log):  # to open it would upgrade it
        yield Remark(
            "note", "data", "An older wirewatch wrote the log", where, "It is upgraded at the next start."
        )
        return
    try:
        open_log(config, paths, begins=False).close()
    except (WirewatchError, sqlite3.Error) as error:
        yield Remark("error", "data", f"The log can't be opened: {error}", where, _advice(error))
        return
    yield Remark("ok", "data", "The log can be opened", where)


def _is_older(path: Path) -> bool:
    from stream.log.sqlite.file import VERSION  # noqa: PLC0415 - only what is asked for is imported

    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error:
        return False  # whatever it is, opening it tells
    return 0 < int(version) < VERSION


def _archive(config: Config, paths: Paths) -> Iterator[Remark]:
    where = str(paths.index)
    if not paths.index.exists() or _is_empty(paths.index):
        yield Remark("note", "data", "There is no archive yet", where, "It begins with: wirewatch run")
        return
    documents = paths.index / "documents.sqlite"
    if documents.exists() and not os.access(documents, os.R_OK):
        yield Remark("error", "data", "This user may not read the archive", where, FOR_OWNER)
        return
    try:
        with open_store(config, paths, readonly=True) as store:
            number = store.count()
    except MustBeRebuilt as error:
        advice = "Start it; after an upgrade, this is all that there is to do."
        yield Remark("warning", "data", f"Nothing can be searched yet: {error}", where, advice)
        return
    except (WirewatchError, sqlite3.Error) as error:
        yield Remark("error", "data", f"The archive can't be opened: {error}", where, _advice(error))
        return
    yield Remark("ok", "data", f"{number:,} articles in the archive", where)


def _advice(error: Exception) -> str:
    return USE_NEWER if isinstance(error, NewerVersion) else UNREADABLE


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def judge_ports(config: Config, running: Sequence[Process]) -> Iterator[Remark]:
    """Whether the configured ports are free; nothing is wrong where a wirewatch runs that has them."""
    wanted = [
        ("service", config.service.host, config.service.port),
        ("web", config.web.host, config.web.port),
    ]
    if config.websub.callback_url:
        wanted.append(("websub", config.websub.host, config.websub.port))
    for section, host, port in wanted:
        if not port or running:
            continue
        tls = section == "web" and bool(config.web.tls_cert)
        if is_wirewatch(host, port, tls=tls):  # `wirewatch serve`, say, of which `running` knows nothing
            yield Remark("ok", "machine", f"wirewatch answers on {host}:{port}", f"{section}.port")
        elif fault := deaf(host, port):
            advice = "Stop the other program, or choose another port."
            yield Remark(
                "error", "machine", f"Nothing can listen on {host}:{port}: {fault}", f"{section}.port", advice
            )


def is_wirewatch(host: str, port: int, *, tls: bool = False) -> bool:
    """Whether the page, or the health of a process of wirewatch, answers there."""
    try:
        with ExitStack() as held:
            address = (_REACHED_AT.get(host, host), port)
            calling = held.enter_context(socket.create_connection(address, ANSWER_SECONDS))
            if tls:
                calling = held.enter_context(_of_anybody().wrap_socket(calling))
            calling.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            said = held.enter_context(calling.makefile("rb")).read(2_000)
    except OSError:
        return False
    return b'{"well":' in said or NOT_OUR_NAME.encode() in said


def _of_anybody() -> ssl.SSLContext:
    """Takes any certificate: what is told to the other side is no secret, and so is its answer."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def deaf(host: str, port: int) -> str:
    """Why nothing can listen there; '' if something can."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
    except OSError as error:
        return "another process does" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
    return ""
