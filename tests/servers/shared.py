"""The real servers of a test run: each starts when the first test asks for it, and stops when the run ends.

In a run with several workers, the process that started them has the servers, and workers ask it for addresses. So there is one
of each, and it survives a worker's death.
"""

import secrets
import tempfile
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

from servers import elasticsearch, kafka
from servers.maven import Unavailable

_RUNNING = {"kafka": kafka.running, "elasticsearch": elasticsearch.running}
_AT_ONCE = 64
"""Workers that may ask before one is answered."""


class Servers:
    """The servers, in the process that has them. Safe in any thread."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._found: dict[str, str | Exception] = {}
        self._locks = {name: threading.Lock() for name in _RUNNING}

    def address(self, name: str) -> str:
        """The address of a server, which is started if needed. Raises Unavailable if the machine lacks what it needs, and
        RuntimeError, at every call, if it does not start."""
        with self._locks[name]:
            if name not in self._found:
                self._found[name] = self._started(name)
            found = self._found[name]
        if isinstance(found, Exception):
            raise found
        return found

    def _started(self, name: str) -> str | Exception:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix=f"wirewatch-{name}-")))
        try:
            return self._stack.enter_context(_RUNNING[name](folder))
        except (Unavailable, RuntimeError) as error:
            return error

    def close(self) -> None:
        """Stop them all."""
        self._stack.close()


class Desk:
    """Answers the workers that ask for servers, in threads of its own."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._key = secrets.token_bytes(16)
        self._listener = Listener(("127.0.0.1", 0), backlog=_AT_ONCE, authkey=self._key)
        threading.Thread(target=self._serve, daemon=True).start()

    def for_workers(self) -> Mapping[str, str | int]:
        """The arguments of `ask`, in types that can be sent to a worker."""
        host, port = self._listener.address
        return {"host": str(host), "port": int(port), "key": self._key.hex()}

    def close(self) -> None:
        """Stop answering."""
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):  # it was closed
            while True:
                threading.Thread(target=self._answer, args=(self._listener.accept(),), daemon=True).start()

    def _answer(self, asked: "Connection[object, object]") -> None:
        with asked, suppress(EOFError, OSError):  # the worker is gone
            name = str(asked.recv())
            try:
                asked.send(self._servers.address(name))
            except (Unavailable, RuntimeError) as error:
                asked.send(error)


def ask(desk: Mapping[str, str | int], name: str) -> str:
    """Like Servers.address, in a worker."""
    address = str(desk["host"]), int(desk["port"])
    with Client(address, authkey=bytes.fromhex(str(desk["key"]))) as connection:
        connection.send(name)
        found = connection.recv()
    if isinstance(found, Exception):
        raise found
    return str(found)
