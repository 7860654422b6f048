"""Loaded once in the server that workers are forked from: a worker whose pool is gone before it began ends without a word.

A pool that is stopped while a worker starts takes back the pipe and the locks which that one is about to open. What it then
meets is no fault, yet `multiprocessing.forkserver` would print its traceback among what the command says.
"""

import sys
from types import TracebackType


def told_unless_the_pool_is_gone(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print what kept a worker from starting, unless it is what a stopped pool leaves behind: a lock or pipe that is gone."""
    if not isinstance(error, (FileNotFoundError, ConnectionError, EOFError)):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = told_unless_the_pool_is_gone
