"""What a stage is: a function from one message to none, one or many; or a sink that is filled and flushed.

A stage never knows which log it reads, nor who else there is. It says what can't be handled by raising `Reject` or
`RetryLater`; everything else that it raises is a fault of its own, and quarantines the message with the traceback.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from stream.errors import Reject


@dataclass(frozen=True)
class Topic:
    """A named sequence of messages of one type.

    Attributes:
        name: the topic's name in the log.
        type: the struct that it carries, or a union of structs.
        compacted: only the last message of each key counts (feeds' state, the quarantine), instead of the whole sequence.
        single: it has one partition, so that its reader sees everything in one order and alone; others wait in reserve.
    """

    name: str
    type: Any
    compacted: bool = False
    single: bool = False


class Sink(Protocol):
    """Where messages end. A message counts as handled only once a `flush` after its `add` has returned.

    Both are called from a worker thread, one at a time. `add` may raise Reject; `flush` may raise RetryLater, and is then
    called again later: the messages that were added stay added.
    """

    def add(self, message: Any) -> None:
        """Take one message, without promising that it is stored."""

    def flush(self) -> Mapping[str, Reject]:
        """Make durable and visible what was added. Returns why, by key, for each message that is refused after all."""


@dataclass(frozen=True)
class Forget:
    """A result that removes a key from a compacted topic."""

    topic: Topic
    key: str


Transform = Callable[[Any], Awaitable[Sequence[Any]]]
"""From one message to those that follow from it, and `Forget`s."""


@dataclass(frozen=True)
class Stage:
    """One row of the pipeline's table.

    Attributes:
        name: also the name of its consumer group.
        reads: the topic that it consumes.
        work: what it does with a message.
        writes: where the results go, each to the topic of its type; none for a sink.
        concurrency: how many messages it works on at once (a transform), or adds before it flushes (a sink).
        reload: for a transform that keeps a state in the log: called in a thread before the first message of partitions that
            this process did not own a moment ago, since their last owner may have changed the state.
        tick: for a transform that has something to say without being asked: called every second, gives results.
        room: for a transform that is to keep the next stage's topic shorter than back-pressure does: called in a thread before
            messages are taken; so many results may follow now.
    """

    name: str
    reads: Topic
    work: Transform | Sink
    writes: tuple[Topic, ...] = ()
    concurrency: int = 1
    reload: Callable[[], None] | None = None
    tick: Callable[[], Awaitable[Sequence[Any]]] | None = None
    room: Callable[[], int] | None = None
