"""Runs commands in forks of a process that has imported them, which saves each the seconds of CPU time for imports.

It is the same command in a process of its own: its arguments, environment, standard streams, signals and exit code are real.
The server that forks its workers is shared by all commands of a test run, and has loaded what any of them needs.
"""

import atexit
import fcntl
import gc
import importlib
import multiprocessing.forkserver
import multiprocessing.process
import multiprocessing.resource_tracker
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NoReturn

import msgspec

COMMAND = Path(sys.executable).with_name("wirewatch")
WIREWATCH, DEMO = "wirewatch", "demo"
"""The programs: the command, and `python -m demo`."""
_PATH = os.environ.get("PYTHONPATH")
_LARGEST = 200_000
"""Bytes of an order."""


class _Order(msgspec.Struct, frozen=True):
    """A program to start, with its arguments and environment."""

    program: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: str


class Process:
    """A command that runs. It has the parts of subprocess.Popen that tests use.

    Args:
        arguments: of the command, for errors.
        report: the pipe on which its process id and, at the end, its exit code come.
        stdout, stderr: what it prints.
    """

    def __init__(self, arguments: Sequence[str], report: IO[str], stdout: IO[str], stderr: IO[str]) -> None:
        self.args = arguments
        self.stdout, self.stderr = stdout, stderr
        self.returncode: int | None = None
        self._report = report
        self._said: tuple[str, str] | None = None
        self.pid = int(report.readline())

    def poll(self) -> int | None:
        """The exit code, once it has ended."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code. Raises TimeoutExpired."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(list(self.args), timeout or 0)
        return code

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """All that it prints until its end. Raises TimeoutExpired."""
        if self._said is None:
            said = ["", ""]

            def read(number: int, stream: IO[str]) -> None:
                said[number] = stream.read()

            streams = (self.stdout, self.stderr)
            readers = [threading.Thread(target=read, args=one, daemon=True) for one in enumerate(streams)]
            for reader in readers:
                reader.start()
            self.wait(timeout)
            for reader in readers:
                reader.join()
            for stream in streams:
                stream.close()
            self._said = said[0], said[1]
        return self._said

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._report], [], [], timeout)[0]:
            self.returncode = int(self._report.readline())
            self._report.close()
        return self.returncode


class Commands:
    """Starts commands; it needs one process, which starts with the first command. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: socket.socket | None = None

    def start(
        self,
        arguments: Sequence[object],
        environment: Mapping[str, str],
        program: str = WIREWATCH,
        given: str = "",
    ) -> "Process | subprocess.Popen[str]":
        """Start a command, with a text on its standard input. With another PYTHONPATH, which only a new interpreter obeys,
        there is one."""
        texts = list(map(str, arguments))
        if environment.get("PYTHONPATH") != _PATH:
            assert program == WIREWATCH
            assert not given
            return subprocess.Popen(
                [COMMAND, *texts], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
            )
        pipes = [_roomy_pipe() for _ in range(3)]
        with tempfile.TemporaryFile() as stdin:
            stdin.write(given.encode())
            stdin.seek(0)
            self._order(
                _Order(program, texts, dict(environment), str(Path.cwd())),
                [stdin.fileno(), *(write for _, write in pipes)],
            )
        for _, write in pipes:
            os.close(write)
        stdout, stderr, report = (open(read, encoding="utf-8") for read, _ in pipes)  # noqa: PTH123, SIM115
        return Process([program, *texts], report, stdout, stderr)

    def _order(self, order: _Order, streams: Sequence[int]) -> None:
        told = msgspec.json.encode(order)
        assert len(told) < _LARGEST
        with self._lock:
            socket.send_fds(self._server(), [told], streams)

    def run(
        self, arguments: Sequence[object], environment: Mapping[str, str], timeout: float, given: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end. Raises TimeoutExpired, and kills it, if it takes longer than `timeout` seconds."""
        process = self.start(arguments, environment, given=given)
        try:
            said, complained = process.communicate(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        assert process.returncode is not None
        return subprocess.CompletedProcess(process.args, process.returncode, said, complained)

    def close(self) -> None:
        """Let the process end."""
        with self._lock:
            if self._orders:
                self._orders.close()
                self._orders = None

    def _server(self) -> socket.socket:
        if self._orders is None:
            self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                server = subprocess.Popen(
                    [sys.executable, "-m", "servers.commands", str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
                )
            atexit.register(server.wait)
            atexit.register(self.close)
        return self._orders


def _roomy_pipe() -> tuple[int, int]:
    """A pipe that holds much, where the system allows it: most tests read what a command printed only once it has ended, and
    until then it must not have to wait."""
    read, write = os.pipe()
    with suppress(AttributeError, OSError):
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 2**20)
    return read, write


def _serve(orders: socket.socket) -> None:
    """Start what is ordered, until nobody is left to order anything."""
    _import_commands()
    _share_fork_server()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the keepers
    gc.freeze()  # so that a fork copies less
    while True:
        order, streams, _, _ = socket.recv_fds(orders, _LARGEST, 4)
        if not order:
            return
        if os.fork() == 0:
            orders.close()
            _keep(msgspec.json.decode(order, type=_Order), *streams)
        for stream in streams:
            os.close(stream)


def _import_commands() -> None:
    """Import all that a command may need, but nothing that starts a thread."""
    package = importlib.import_module("wirewatch.commands")
    importlib.import_module("wirewatch.cli")
    for module in pkgutil.walk_packages(package.__path__, "wirewatch.commands."):
        importlib.import_module(module.name)
    for name in (
        "demo.__main__",
        "index.embedded.check",
        "index.embedded.store",
        "stream.log.sqlite.check",
        "stream.log.sqlite.log",
    ):
        importlib.import_module(name)


def _share_fork_server() -> None:
    """Start the server that workers are forked from, for all commands. None of them is its parent, so none may ask whether it
    lives."""
    workers = importlib.import_module("wirewatch.composition.workers")
    importlib.import_module("stream.workers").context_of((*workers.PARSERS, *workers.TAGGERS))
    multiprocessing.forkserver.ensure_running()
    multiprocessing.forkserver._forkserver.ensure_running = lambda: None


def _keep(order: _Order, *descriptors: int) -> NoReturn:
    """Run the command in a child, with its standard streams; report its process id and its exit code to the last descriptor."""
    *streams, report = descriptors
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    process = os.fork()
    if process == 0:
        os.close(report)
        _run(order, streams)
    for stream in streams:
        os.close(stream)
    os.write(report, b"%d\n" % process)
    _, status = os.waitpid(process, 0)
    os.write(report, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _run(order: _Order, streams: Sequence[int]) -> NoReturn:
    """Run the command in this process."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(order.environment)
    time.tzset()
    os.chdir(order.folder)
    multiprocessing.process.ORIGINAL_DIR = order.folder
    tracker = multiprocessing.resource_tracker._resource_tracker
    tracker._fd = tracker._pid = None  # it gets one of its own
    sys.argv = [str(COMMAND), *order.arguments]
    if order.program == DEMO:
        importlib.import_module("demo.__main__").main(prog_name="python -m demo")
    sys.exit(importlib.import_module("wirewatch.cli").main())


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
