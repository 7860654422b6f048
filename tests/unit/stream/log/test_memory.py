"""What tests may rely on in the log in memory, beyond the contract."""

import pytest

from stream.log.base import LogError, Outgoing, TopicSpec
from stream.log.memory import MemoryLog


def test_a_topic_described_twice_is_refused() -> None:
    with pytest.raises(LogError, match="'a' is described twice"):
        MemoryLog([TopicSpec("a"), TopicSpec("a", partitions=2)])


def test_what_was_handed_out_does_not_change_later() -> None:
    with MemoryLog([TopicSpec("feeds", compacted=True)]) as log:
        log.produce([Outgoing("feeds", "a", b"1")])
        before = log.latest("feeds")
        log.produce([Outgoing("feeds", "a", None)])
        assert before == {"a": b"1"}
