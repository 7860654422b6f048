"""What a stage is: a function from one message to none, one or many; or a sink that is filled and flushed.

A stage never knows which log it reads, nor who else there is. It says what can't be handled by raising `Reject` or
`RetryLater`; everything else that it raises is a fault of its own, and quarantines the message with the traceback.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from wirewatch.errors import Reject
from wirewatch.messages import Message


@dataclass(frozen=True)
class Topic:
    """A named sequence of messages of one type.

    Attributes:
        name: the topic's name in the log.
        type: the struct that it carries.
        compacted: only the last message of each key counts (feeds' state, the quarantine), instead of the whole sequence.
    """

    name: str
    type: type[Any]
    compacted: bool = False


class Sink(Protocol):
    """Where messages end. A message counts as handled only once a `flush` after its `add` has returned.

    Both are called from a worker thread, one at a time. `add` may raise Reject; `flush` may raise RetryLater, and is then
    called again later: the messages that were added stay added.
    """

    def add(self, message: Any) -> None:
        """Take one message, without promising that it is stored."""

    def flush(self) -> Mapping[str, Reject]:
        """Make durable and visible what was added. Returns why, by key, for each message that is refused after all."""


Transform = Callable[[Any], Awaitable[Sequence[Message]]]
"""From one message to those that follow from it."""


@dataclass(frozen=True)
class Stage:
    """One row of the pipeline's table.

    Attributes:
        name: also the name of its consumer group.
        reads: the topic that it consumes.
        work: what it does with a message.
        writes: where the results go; None for a sink.
        concurrency: how many messages it works on at once (a transform), or adds before it flushes (a sink).
    """

    name: str
    reads: Topic
    work: Transform | Sink
    writes: Topic | None = None
    concurrency: int = 1
