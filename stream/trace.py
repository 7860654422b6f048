"""What follows an article through all stages: a W3C trace context (https://www.w3.org/TR/trace-context/) in the header of each
message, and its trace id in log lines.

The id of the trace is that of the entry's page (`article_id` of its URL), so that all that is ever done about an article has
one id. Where traces are recorded (`[traces]`), the header names the span that the next one belongs to.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from structlog.contextvars import bound_contextvars

HEADER = "traceparent"
_FORM = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def trace_of(article_id: str) -> str:
    """The trace context in which the way of an article begins.

    Args:
        article_id: 32 hex digits.
    """
    return f"00-{article_id}-{article_id[:16]}-01"


def id_of(trace: str) -> str:
    """The id of a trace context; '' if it is none."""
    found = _FORM.fullmatch(trace)
    return found[1] if found else ""


@contextmanager
def named_in_logs(trace: str) -> Iterator[None]:
    """Name the trace in the log lines of the block, and of what it awaits or starts."""
    known = id_of(trace)
    if not known:
        yield
        return
    with bound_contextvars(trace=known):
        yield


class Span(Protocol):
    """The work of a stage on one message."""

    @property
    def trace(self) -> str:
        """The trace context of what comes of it."""

    def end(self, failure: str = "") -> None:
        """It is done, or failed for a reason of this kind."""


class Tracer(Protocol):
    """Records spans."""

    def begin(self, stage: str, trace: str) -> Span:
        """The work of a stage on a message begins, whose header has this trace context; '' if it has none."""


class _Passed:
    """A span that nobody records."""

    __slots__ = ("trace",)

    def __init__(self, trace: str) -> None:
        self.trace = trace

    def end(self, failure: str = "") -> None:
        """See Span."""


class NoTracer:
    """Records nothing: the context goes on as it came."""

    def begin(self, stage: str, trace: str) -> Span:  # noqa: ARG002 - as the protocol has it
        """See Tracer."""
        return _Passed(trace)
