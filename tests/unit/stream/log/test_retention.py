from datetime import UTC, datetime, timedelta

from stream.log.retention import Held, cuts

START = datetime(2026, 1, 1, tzinfo=UTC)
HELD = [Held(START + timedelta(hours=hour), hour % 2, hour // 2, 100) for hour in range(6)]


def test_young_and_small_topics_lose_nothing() -> None:
    assert cuts(HELD, 600, START, 600) == {}


def test_old_messages_are_deleted() -> None:
    assert cuts(HELD, 600, START + timedelta(hours=3), 10**9) == {0: 2, 1: 1}


def test_more_messages_are_deleted_until_the_topic_is_small_enough() -> None:
    assert cuts(HELD, 600, START, 599) == {0: 1}
    assert cuts(HELD, 600, START, 300) == {0: 2, 1: 1}


def test_messages_that_must_stay_count_as_bytes() -> None:
    assert cuts(HELD[:2], 600, START, 0) == {0: 1, 1: 1}
