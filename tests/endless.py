"""A bound for work on hostile input whose cost doesn't show in lines of Python: regular expressions and parsers."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

CPU_SECONDS = 100
"""A hundred times what the work takes. Inputs are so long that work which grows with their square would take far longer."""


@contextmanager
def must_end() -> Iterator[None]:
    """Fail if the work takes more CPU time than it ever would on a slow and busy machine."""

    def fail(*_: object) -> None:
        raise AssertionError(f"not done after {CPU_SECONDS} s of CPU time")

    before = signal.signal(signal.SIGPROF, fail)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
