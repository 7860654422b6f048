import pytest

from stream.log import topics
from stream.log.base import LogError, TopicSpec, by_name


def test_an_unknown_topic_is_named_with_those_that_are_known() -> None:
    with pytest.raises(LogError, match="unknown topic 'c'; known topics: a, b"):
        topics.known(by_name([TopicSpec("b"), TopicSpec("a")]), "c")
    with pytest.raises(LogError, match="known topics: none"):
        topics.known({}, "c")


@pytest.mark.parametrize("offset", [-1, 4])
def test_an_offset_out_of_range_is_named_with_its_place(offset: int) -> None:
    with pytest.raises(LogError, match=f"offset {offset} of 't', partition 2: it holds offsets up to 3"):
        topics.check_offset("t", 2, offset, 3)


def test_the_end_may_be_committed() -> None:
    topics.check_offset("t", 2, 3, 3)
