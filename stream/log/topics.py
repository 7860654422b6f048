"""The checks that every log makes before it acts: whether it knows a topic, and what that kind of topic allows."""

from collections.abc import Mapping, Sequence

from stream.log.base import LogError, Outgoing, TopicSpec

Specs = Mapping[str, TopicSpec]


def known(specs: Specs, topic: str) -> TopicSpec:
    """The spec of a topic of either kind; raises LogError if it is unknown."""
    if (spec := specs.get(topic)) is None:
        raise LogError(f"unknown topic {topic!r}; known topics: {', '.join(sorted(specs)) or 'none'}")
    return spec


def sequence(specs: Specs, topic: str) -> TopicSpec:
    """The spec of a topic that groups read in order; raises LogError if it is unknown or compacted."""
    spec = known(specs, topic)
    if spec.compacted:
        raise LogError(f"topic {topic!r} is compacted: it has latest values, but no groups and no progress")
    return spec


def compacted(specs: Specs, topic: str) -> TopicSpec:
    """The spec of a topic that keeps the last value of each key; raises LogError if it is unknown or not compacted."""
    spec = known(specs, topic)
    if not spec.compacted:
        raise LogError(f"topic {topic!r} is not compacted: it has no latest values")
    return spec


def check(specs: Specs, messages: Sequence[Outgoing]) -> None:
    """Raise LogError if a message goes to an unknown topic, or is a tombstone in a topic that is not compacted."""
    for message in messages:
        spec = known(specs, message.topic)
        if message.value is None and not spec.compacted:
            raise LogError(
                f"a tombstone (key {message.key!r}) in topic {message.topic!r}, which is not compacted"
            )


def check_offset(topic: str, partition: int, offset: int, end: int) -> None:
    """Raise LogError if an offset to commit is neither in the partition nor its next one."""
    if not 0 <= offset <= end:
        raise LogError(f"offset {offset} of {topic!r}, partition {partition}: it holds offsets up to {end}")
