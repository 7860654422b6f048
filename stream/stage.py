"""A stage: a function from one message to none, one or many; or a sink that is filled and flushed.

A stage knows neither which log it reads nor the other stages. It raises `Reject` or `RetryLater` for messages it can't handle;
any other exception is a bug in the stage, and quarantines the message with the traceback.
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
        compacted: only the last message of each key counts (feed state, the quarantine), not the whole sequence.
        single: it has one partition, so that a single reader sees everything in order; other readers stand by.
    """

    name: str
    type: Any
    compacted: bool = False
    single: bool = False


class Sink(Protocol):
    """The end of the pipeline. A message counts as handled only once a `flush` after its `add` has returned.

    Both are called from a worker thread, one at a time. `add` may raise Reject. `flush` may raise RetryLater, and is then
    called again later; messages that were added stay added.
    """

    def add(self, message: Any) -> None:
        """Take one message; it need not be stored yet."""

    def flush(self) -> Mapping[str, Reject]:
        """Make added messages durable and visible. Returns the reason, by key, for each message that is refused after all."""


@dataclass(frozen=True)
class Forget:
    """A result that removes a key from a compacted topic."""

    topic: Topic
    key: str


Transform = Callable[[Any], Awaitable[Sequence[Any]]]
"""Maps one message to its results: messages and `Forget`s."""


@dataclass(frozen=True)
class Stage:
    """One row of the pipeline's table.

    Attributes:
        name: also the name of its consumer group.
        reads: the topic that it consumes.
        work: processes a message.
        writes: the topics for results, each for its type; none for a sink.
        concurrency: how many messages it processes at once (a transform), or adds before it flushes (a sink).
        reload: for a transform that keeps state in the log: called in a thread before the first message of newly acquired
            partitions, because their previous owner may have changed the state.
        tick: for a transform that produces results without input: called every second, returns results.
        room: for a transform that keeps the next stage's topic shorter than back-pressure does: called in a thread before
            messages are taken; returns how many results may follow now.
        trouble: for a stage that works by something a person writes: what is wrong with that now, in words; '' if nothing is.
        rests: whether such a stage can't work at all until that is mended; its messages wait, and nobody waits for it.
    """

    name: str
    reads: Topic
    work: Transform | Sink
    writes: tuple[Topic, ...] = ()
    concurrency: int = 1
    reload: Callable[[], None] | None = None
    tick: Callable[[], Awaitable[Sequence[Any]]] | None = None
    room: Callable[[], int] | None = None
    trouble: Callable[[], str] = str
    rests: Callable[[], bool] = bool
