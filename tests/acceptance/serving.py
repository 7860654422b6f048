"""The page, served by the real command while a test looks at it."""

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from acceptance.command import COMMANDS, clean_environment
from servers.ports import free_port
from waiting import PATIENCE, wait_until


@contextmanager
def serving(*options: str) -> Iterator[str]:
    """The address of `wirewatch serve`, run with these options."""
    port = free_port()
    process = COMMANDS.start(("serve", *options, "--port", port), clean_environment())
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(address))
        yield address
    finally:
        process.terminate()
        process.communicate()


def answers(address: str) -> bool:
    """Whether a server answers, and says that all is well."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE):
            return True
    except OSError:
        return False
