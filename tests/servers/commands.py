"""Runs commands in forks of a process that has imported them, which saves each the half second of CPU time for imports.

It is the same command in a process of its own: its arguments, environment, standard streams and exit code are real. Tests
themselves start processes that they signal or kill.
"""

import gc
import importlib
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

COMMAND = Path(sys.executable).with_name("wirewatch")


class _Order(msgspec.Struct, frozen=True):
    """A command to run: its arguments and environment, and the files for its output and errors."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: str
    output: str
    errors: str


class Commands:
    """Runs commands; it needs one process, which starts with the first command. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None

    def run(
        self, arguments: Sequence[object], environment: Mapping[str, str], timeout: float
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end. Raises TimeoutExpired, and kills it, if it takes longer than `timeout` seconds."""
        texts = list(map(str, arguments))
        with self._lock, tempfile.NamedTemporaryFile() as output, tempfile.NamedTemporaryFile() as errors:
            code = self._told(_Order(texts, environment, str(Path.cwd()), output.name, errors.name), timeout)
            said, complained = (Path(file.name).read_text("utf-8") for file in (output, errors))
        return subprocess.CompletedProcess([str(COMMAND), *texts], code, said, complained)

    def close(self) -> None:
        """End the process."""
        if self._server:
            self._server.communicate()
            self._server = None

    def _told(self, order: _Order, timeout: float) -> int:
        """The exit code."""
        if self._server is None:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "servers.commands"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            )
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(msgspec.json.encode(order) + b"\n")
        self._server.stdin.flush()
        process = int(self._server.stdout.readline())
        late = threading.Timer(timeout, os.kill, (process, signal.SIGKILL))
        late.start()
        begun = time.monotonic()
        code = int(self._server.stdout.readline())
        late.cancel()
        if code == -signal.SIGKILL and time.monotonic() - begun >= timeout:
            raise subprocess.TimeoutExpired(list(order.arguments), timeout)
        return code


def _serve() -> None:
    """Run the orders on standard input, line by line; answers with the process, and with its exit code."""
    _import_commands()
    gc.freeze()  # so that a fork copies less
    orders = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    for line in orders:
        process = os.fork()
        if process == 0:
            _run(msgspec.json.decode(line, type=_Order))
        answers.write(b"%d\n" % process)
        _, status = os.waitpid(process, 0)
        answers.write(b"%d\n" % os.waitstatus_to_exitcode(status))


def _import_commands() -> None:
    """Import all that a command may need, but nothing that starts a thread."""
    package = importlib.import_module("wirewatch.commands")
    importlib.import_module("wirewatch.cli")
    for module in pkgutil.walk_packages(package.__path__, "wirewatch.commands."):
        importlib.import_module(module.name)
    for name in (
        "index.embedded.check",
        "index.embedded.store",
        "stream.log.sqlite.check",
        "stream.log.sqlite.log",
    ):
        importlib.import_module(name)


def _run(order: _Order) -> NoReturn:
    """Run the command in this process."""
    for number, (name, flags) in enumerate(
        ((os.devnull, os.O_RDONLY), (order.output, os.O_WRONLY), (order.errors, os.O_WRONLY))
    ):
        opened = os.open(name, flags)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(order.environment)
    time.tzset()
    os.chdir(order.folder)
    sys.argv = [str(COMMAND), *order.arguments]
    sys.exit(importlib.import_module("wirewatch.cli").main())


if __name__ == "__main__":
    _serve()
