"""Loaded once in the server that workers are forked from, so that a worker whose pool is gone before it starts exits silently.

A pool that is stopped while a worker starts removes the pipe and the locks that the worker is about to open. The resulting
error is harmless, but `multiprocessing.forkserver` would print its traceback among the command's output.
"""

import sys
from types import TracebackType


def told_unless_the_pool_is_gone(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print the error that kept a worker from starting, unless a stopped pool caused it: a missing lock or pipe."""
    if not isinstance(error, (FileNotFoundError, ConnectionError, EOFError)):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = told_unless_the_pool_is_gone
