"""The contract of the log: one suite over all implementations of stream/log/base.py."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from samples.places import ROOT
from waiting import PATIENCE, in_thread, wait_until

from stream.log.base import (
    Consumer,
    Log,
    LogError,
    Outgoing,
    Progress,
    Record,
    TopicSpec,
    partition_of,
)
from stream.log.memory import MemoryLog
from stream.log.sqlite.log import SqliteLog

SPECS = (
    TopicSpec("pages", partitions=4),
    TopicSpec("line", partitions=1),
    TopicSpec("feeds", partitions=2, compacted=True),
)
START = datetime(2026, 1, 1, tzinfo=UTC)
FOREVER = 10**12
AN_HOUR = 3600.0
"""How long a poll waits that another thread must wake."""
LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def sleep(self, **amount: float) -> None:
        self.time += timedelta(**amount)


class Cluster(Protocol):
    """A log and the processes that use it."""

    log: Log
    clock: Clock

    def member(self, group: str, topic: str) -> Consumer:
        """A consumer in a process of its own."""

    def kill(self, consumer: Consumer) -> None:
        """End its process as SIGKILL would."""

    def restart(self) -> None:
        """Stop all processes cleanly, and open the log again."""

    def close(self) -> None: ...


class MemoryCluster:
    def __init__(self) -> None:
        self.clock = Clock()
        self.log: Log = MemoryLog(SPECS, self.clock)
        self._members: list[Consumer] = []

    def member(self, group: str, topic: str) -> Consumer:
        self._members.append(self.log.consumer(group, topic))
        return self._members[-1]

    def kill(self, consumer: Consumer) -> None:
        consumer.close()

    def restart(self) -> None:
        for member in self._members:
            member.close()

    def close(self) -> None:
        self.log.close()


class SqliteCluster:
    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self._path = folder / "log.db"
        self.log: Log = SqliteLog(self._path, SPECS, self.clock)
        self._processes: dict[Consumer, SqliteLog] = {}

    def member(self, group: str, topic: str) -> Consumer:
        log = SqliteLog(self._path, SPECS, self.clock)
        consumer = log.consumer(group, topic)
        self._processes[consumer] = log
        return consumer

    def kill(self, consumer: Consumer) -> None:
        """Release the lock and the file, as the system would; write nothing."""
        consumer._reader.close()  # type: ignore[attr-defined]  # there is no public way to die
        self._processes.pop(consumer).close()

    def restart(self) -> None:
        self.close()
        self.log = SqliteLog(self._path, SPECS, self.clock)

    def close(self) -> None:
        for consumer, log in self._processes.items():
            consumer.close()
            log.close()
        self._processes.clear()
        self.log.close()


@pytest.fixture(params=["memory", "sqlite"])
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cluster]:
    made: Cluster = MemoryCluster() if request.param == "memory" else SqliteCluster(tmp_path)
    yield made
    made.close()


def fill(log: Log, topic: str, count: int, first: int = 0) -> None:
    log.produce([Outgoing(topic, f"k{number}", b"%d" % number) for number in range(first, first + count)])


def drain(consumer: Consumer, limit: int = 1000) -> list[Record]:
    """All records that are available now."""
    found: list[Record] = []
    while records := consumer.poll(limit, 0):
        found += records
        assert len(found) < 10_000, "it never ends"
    return found


def owns(consumer: Consumer, count: int) -> Callable[[], bool]:
    def look() -> bool:
        consumer.poll(0, 0)
        return len(consumer.assigned()) == count

    return look


def after(records: list[Record]) -> dict[int, int]:
    """The offsets to commit once all these are done."""
    return {record.partition: record.offset + 1 for record in records}


def values(records: list[Record]) -> list[int]:
    return [int(record.value) for record in records]


# Appending and reading


def test_a_record_is_what_was_produced(cluster: Cluster) -> None:
    cluster.log.produce([Outgoing("line", "clé-鍵-🔑", b"value", attempt=3, trace="00-ab-cd-01")])
    (record,) = cluster.member("g", "line").poll(10, 0)
    assert record == Record("line", 0, 0, "clé-鍵-🔑", b"value", 3, START, "00-ab-cd-01")


def test_order_holds_in_each_partition_and_keys_choose_it(cluster: Cluster) -> None:
    fill(cluster.log, "pages", 100)
    fill(cluster.log, "pages", 100, first=100)
    by_partition = defaultdict(list)
    for record in drain(cluster.member("g", "pages"), limit=7):
        assert record.partition == partition_of(record.key, 4)
        by_partition[record.partition].append(record)
    assert sorted(by_partition) == [0, 1, 2, 3]
    for records in by_partition.values():
        assert [record.offset for record in records] == list(range(len(records)))
        assert values(records) == sorted(values(records))
    assert sum(map(len, by_partition.values())) == 200


def test_one_call_may_write_to_several_topics(cluster: Cluster) -> None:
    cluster.log.produce(
        [Outgoing("line", "a", b"1"), Outgoing("feeds", "f", b"2"), Outgoing("pages", "b", b"3")]
    )
    assert values(drain(cluster.member("g", "line"))) == [1]
    assert values(drain(cluster.member("g", "pages"))) == [3]
    assert cluster.log.latest("feeds") == {"f": b"2"}


def test_producing_nothing_is_fine(cluster: Cluster) -> None:
    cluster.log.produce([])
    assert cluster.log.progress("g", "line") == Progress(0, 0)


@pytest.mark.parametrize("value", [b"", b"\x00" * 5_000_000, random.Random(1).randbytes(5_000_000)])
def test_values_of_any_size(cluster: Cluster, value: bytes) -> None:
    cluster.log.produce([Outgoing("line", "", value), Outgoing("line", "next", b"1")])
    assert [record.value for record in drain(cluster.member("g", "line"))] == [value, b"1"]


def test_a_poll_hands_out_at_most_its_limit(cluster: Cluster) -> None:
    fill(cluster.log, "pages", 50)
    consumer = cluster.member("g", "pages")
    assert len(consumer.poll(7, 0)) == 7
    assert consumer.poll(0, 10) == []
    assert len(drain(consumer)) == 43


def test_a_poll_takes_from_every_partition(cluster: Cluster) -> None:
    fill(cluster.log, "pages", 400)
    consumer = cluster.member("g", "pages")
    assert {record.partition for record in consumer.poll(8, 0)} == {0, 1, 2, 3}
    assert {record.partition for _ in range(4) for record in consumer.poll(1, 0)} == {0, 1, 2, 3}


@pytest.mark.parametrize("topic", ["nope", ""])
def test_an_unknown_topic_is_named(cluster: Cluster, topic: str) -> None:
    log = cluster.log
    for use in (
        lambda: log.produce([Outgoing("line", "k", b"0"), Outgoing(topic, "k", b"1")]),
        lambda: log.consumer("g", topic),
        lambda: log.latest(topic),
        lambda: log.progress("g", topic),
        lambda: log.rewind("g", topic),
        lambda: log.trim(topic, START, 0),
    ):
        with pytest.raises(LogError, match=f"unknown topic '{topic}'.*line"):
            use()
    assert log.progress("g", "line").lag == 0, "all or nothing"


def test_a_compacted_topic_has_no_groups_and_others_have_no_latest(cluster: Cluster) -> None:
    for use in (
        lambda: cluster.log.consumer("g", "feeds"),
        lambda: cluster.log.progress("g", "feeds"),
        lambda: cluster.log.rewind("g", "feeds"),
        lambda: cluster.log.latest("line"),
        lambda: cluster.log.produce([Outgoing("line", "k", None)]),
    ):
        with pytest.raises(LogError, match="compacted"):
            use()


def test_the_latest_values_of_the_keys_before_one(cluster: Cluster) -> None:
    cluster.log.produce([Outgoing("feeds", key, key.encode()) for key in ("b", "~20260314|x", "~20260315|y")])
    assert set(cluster.log.latest("feeds")) == {"b", "~20260314|x", "~20260315|y"}
    assert set(cluster.log.latest("feeds", "~20260314}")) == {"b", "~20260314|x"}
    assert cluster.log.latest("feeds", "a") == {}
    cluster.log.produce([Outgoing("feeds", "b", b"new"), Outgoing("feeds", "~20260314|x", None)])
    assert cluster.log.latest("feeds", "~20260315") == {"b": b"new"}


def test_the_keys_that_have_a_value(cluster: Cluster) -> None:
    assert list(cluster.log.keys("feeds")) == []
    cluster.log.produce([Outgoing("feeds", key, b"x") for key in ("a", "b", "a", "c")])
    assert sorted(cluster.log.keys("feeds")) == ["a", "b", "c"]
    cluster.log.produce([Outgoing("feeds", "b", None), Outgoing("feeds", "d", b"y")])
    assert sorted(cluster.log.keys("feeds")) == ["a", "c", "d"]
    with pytest.raises(LogError, match="compacted"):
        cluster.log.keys("line")


# Waiting


def test_a_poll_gives_up_after_its_time(cluster: Cluster) -> None:
    consumer = cluster.member("g", "line")
    assert in_thread(lambda: consumer.poll(1, 0.3)) == []


def test_a_poll_wakes_for_a_message(cluster: Cluster) -> None:
    consumer = cluster.member("g", "line")
    timer = threading.Timer(0.1, fill, (cluster.log, "line", 1))
    timer.start()
    assert values(in_thread(lambda: consumer.poll(10, AN_HOUR))) == [0]
    timer.join()


def test_a_poll_in_the_producers_process_wakes_each_time(cluster: Cluster) -> None:
    with cluster.log.consumer("g", "line") as consumer:
        for _ in range(20):
            timer = threading.Timer(0.02, fill, (cluster.log, "line", 1))
            timer.start()
            assert len(in_thread(lambda: consumer.poll(10, AN_HOUR))) == 1
            timer.join()


def test_a_waiting_poll_is_woken_and_an_early_wake_is_remembered_once(cluster: Cluster) -> None:
    with cluster.log.consumer("g", "line") as consumer:
        consumer.poll(1, 0)
        timer = threading.Timer(0.1, consumer.wake)
        timer.start()
        assert in_thread(lambda: consumer.poll(1, AN_HOUR)) == []
        timer.join()
        consumer.wake()
        assert in_thread(lambda: consumer.poll(1, AN_HOUR)) == []
        fill(cluster.log, "line", 1)
        assert values(in_thread(lambda: consumer.poll(1, AN_HOUR))) == [0]


# Committing


def test_what_was_not_committed_comes_again(cluster: Cluster) -> None:
    fill(cluster.log, "line", 10)
    with cluster.member("g", "line") as first:
        assert values(first.poll(6, 0)) == [0, 1, 2, 3, 4, 5]
        first.commit({0: 4})
    assert values(drain(cluster.member("g", "line"))) == [4, 5, 6, 7, 8, 9]


def test_a_commit_outlives_its_process(cluster: Cluster) -> None:
    fill(cluster.log, "line", 10)
    first = cluster.member("g", "line")
    first.poll(6, 0)
    first.commit({0: 4})
    cluster.kill(first)
    assert values(drain(cluster.member("g", "line"))) == [4, 5, 6, 7, 8, 9]


def test_everything_outlives_a_restart(cluster: Cluster) -> None:
    fill(cluster.log, "line", 3)
    cluster.log.produce([Outgoing("feeds", "a", b"1")])
    consumer = cluster.member("g", "line")
    consumer.commit(after(consumer.poll(2, 0)))
    cluster.restart()
    fill(cluster.log, "line", 1, first=3)
    assert cluster.log.progress("g", "line") == Progress(2, 2)
    assert [(record.offset, record.value) for record in drain(cluster.member("g", "line"))] == [
        (2, b"2"),
        (3, b"3"),
    ]
    assert cluster.log.latest("feeds") == {"a": b"1"}


def test_groups_are_independent(cluster: Cluster) -> None:
    fill(cluster.log, "pages", 20)
    one, other = cluster.member("one", "pages"), cluster.member("other", "pages")
    records = drain(one)
    one.commit(after(records))
    assert len(records) == len(drain(other)) == 20
    assert cluster.log.progress("one", "pages") == Progress(20, 0)
    assert cluster.log.progress("other", "pages") == Progress(0, 20)


def test_a_group_has_one_offset_per_topic(cluster: Cluster) -> None:
    fill(cluster.log, "pages", 5)
    fill(cluster.log, "line", 5)
    pages = cluster.member("g", "pages")
    pages.commit(after(drain(pages)))
    assert len(drain(cluster.member("g", "line"))) == 5


@pytest.mark.parametrize("offset", [-1, 6])
def test_a_commit_of_a_missing_offset_is_refused_as_a_whole(cluster: Cluster, offset: int) -> None:
    fill(cluster.log, "line", 5)
    consumer = cluster.member("g", "line")
    drain(consumer)
    with pytest.raises(LogError, match=f"offset {offset} of 'line', partition 0.* 5"):
        consumer.commit({0: offset})
    assert cluster.log.progress("g", "line") == Progress(0, 5)


def test_a_commit_never_goes_back(cluster: Cluster) -> None:
    fill(cluster.log, "line", 5)
    consumer = cluster.member("g", "line")
    drain(consumer)
    consumer.commit({0: 4})
    consumer.commit({0: 2})
    consumer.commit({})
    assert cluster.log.progress("g", "line") == Progress(4, 1)


# Sharing


def test_members_share_the_partitions_evenly(cluster: Cluster) -> None:
    members = [cluster.member("g", "pages") for _ in range(3)]
    for member in members:
        assert member.assigned() == frozenset(), "nothing before the first poll"
        member.poll(0, 0)
    shares = [member.assigned() for member in members]
    assert sorted(map(len, shares)) == [1, 1, 2]
    assert frozenset.union(*shares) == {0, 1, 2, 3}


def test_more_members_than_partitions(cluster: Cluster) -> None:
    first, second = cluster.member("g", "line"), cluster.member("g", "line")
    fill(cluster.log, "line", 1)
    assert [len(drain(first)), len(drain(second))] == [1, 0]
    assert [len(first.assigned()), len(second.assigned())] == [1, 0]


def test_each_message_goes_to_one_member(cluster: Cluster) -> None:
    members = [cluster.member("g", "pages"), cluster.member("g", "pages")]
    fill(cluster.log, "pages", 100)
    got = [values(drain(member)) for member in members]
    assert sorted(got[0] + got[1]) == list(range(100))
    assert all(got)


def test_a_newcomer_takes_over_from_the_committed_offset(cluster: Cluster) -> None:
    fill(cluster.log, "pages", 100)
    first = cluster.member("g", "pages")
    records = drain(first)
    half = [record for record in records if record.offset < 10]
    first.commit(after(half))
    second = cluster.member("g", "pages")
    again = drain(second)
    assert drain(first) == [], "what stayed is not read again"
    assert first.assigned() | second.assigned() == {0, 1, 2, 3}
    expected = [record for record in records if record.partition in second.assigned() and record not in half]
    assert sorted(values(again)) == sorted(values(expected))


def test_a_lost_partitions_commit_is_left_out(cluster: Cluster) -> None:
    fill(cluster.log, "pages", 40)
    first = cluster.member("g", "pages")
    records = drain(first)
    second = cluster.member("g", "pages")
    second.poll(0, 0)
    first.commit(after(records))  # it has not polled since: it does not know yet
    kept = [record for record in records if record.partition not in second.assigned()]
    assert cluster.log.progress("g", "pages").done == len(kept)
    assert sorted(values(drain(second))) == sorted(
        values([record for record in records if record not in kept])
    )


def test_a_new_owner_continues_where_the_last_one_committed(cluster: Cluster) -> None:
    fill(cluster.log, "line", 10)
    first = cluster.member("g", "line")
    drain(first)
    first.commit({0: 3})
    first.poll(0, 0)
    with cluster.member("g", "line") as waiting:
        first.close()
        waiting.commit(after(waiting.poll(2, 0)))
        third = cluster.member("g", "line")
        third.poll(0, 0)
    assert values(drain(third)) == [5, 6, 7, 8, 9]


def test_an_old_owners_commit_changes_nothing_after_it_regained_the_partition(cluster: Cluster) -> None:
    fill(cluster.log, "pages", 40)
    first = cluster.member("g", "pages")
    records = drain(first)
    before = first.ownership()
    with cluster.member("g", "pages") as second:
        second.poll(0, 0)
        moved = second.assigned()
    first.commit(after(records))  # they came back, but it has not polled since they went
    assert cluster.log.progress("g", "pages").done == sum(record.partition not in moved for record in records)
    assert {record.partition for record in drain(first)} == moved
    assert first.ownership().keys() == before.keys() == first.assigned()
    assert dict(first.ownership().items() - before.items()).keys() == moved


@pytest.mark.parametrize("leave", ["close", "kill"])
def test_a_member_that_leaves_gives_its_partitions_back(cluster: Cluster, leave: str) -> None:
    fill(cluster.log, "pages", 100)
    first, second = cluster.member("g", "pages"), cluster.member("g", "pages")
    taken, lost = drain(first), drain(second)
    first.commit(after(taken))  # on a busy machine it may lose its own for a moment, and read it again
    second.commit(after(lost[:1]))
    second.close() if leave == "close" else cluster.kill(second)
    wait_until(owns(first, 4))
    assert sorted(values(drain(first))) == sorted(values(lost[1:]))
    first.commit(after(taken + lost))
    assert cluster.log.progress("g", "pages") == Progress(100, 0)


def test_a_waiting_poll_takes_over_from_the_dead(cluster: Cluster) -> None:
    first, second = cluster.member("g", "line"), cluster.member("g", "line")
    fill(cluster.log, "line", 3)
    assert len(drain(first)) == 3
    timer = threading.Timer(0.05, cluster.kill, (first,))
    timer.start()
    assert len(in_thread(lambda: second.poll(10, AN_HOUR))) == 3
    timer.join()


def test_a_closed_consumer_can_be_closed_again(cluster: Cluster) -> None:
    first, second = cluster.log.consumer("g", "line"), cluster.log.consumer("g", "line")
    first.close()
    first.close()
    assert owns(second, 1)()
    second.close()


def test_a_close_cuts_a_waiting_poll_short_and_waits_for_it(cluster: Cluster) -> None:
    consumer = cluster.log.consumer("g", "line")
    consumer.poll(1, 0)
    begun, ended = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        with pytest.raises(LogError, match="was closed"):
            consumer.poll(1, 600)
        ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert begun.wait(PATIENCE)
    consumer.close()
    thread.join(PATIENCE)
    assert ended.is_set()


def test_a_closed_consumer_does_nothing_more(cluster: Cluster) -> None:
    fill(cluster.log, "line", 3)
    consumer = cluster.log.consumer("g", "line")
    records = consumer.poll(10, 1)
    consumer.close()
    with pytest.raises(LogError, match="was closed"):
        consumer.poll(1, 0)
    with pytest.raises(LogError, match="was closed"):
        consumer.commit(after(records))


def test_threads_share_a_log(cluster: Cluster) -> None:
    deadline = time.monotonic() + PATIENCE
    done: list[int] = []
    failed: list[BaseException] = []

    def write(first: int) -> None:
        for number in range(first, first + 100, 5):
            fill(cluster.log, "pages", 5, first=number)

    def read() -> None:
        try:
            with cluster.log.consumer("g", "pages") as consumer:
                while len(set(done)) < 300 and time.monotonic() < deadline:
                    records = consumer.poll(10, 0.02)
                    done.extend(values(records))
                    consumer.commit(after(records))
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=write, args=(first,)) for first in (0, 100, 200)]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert set(done) == set(range(300))
    assert cluster.log.progress("g", "pages") == Progress(300, 0)


# Compacted topics


def test_of_a_compacted_topic_only_what_changed_is_read_again(cluster: Cluster) -> None:
    assert cluster.log.changes("feeds", {}).values == {}
    cluster.log.produce([Outgoing("feeds", key, b"1") for key in "abc"])
    first = cluster.log.changes("feeds", {})
    assert (first.values, first.is_all) == (dict.fromkeys("abc", b"1"), True)
    assert cluster.log.changes("feeds", first.position).values == {}
    cluster.log.produce(
        [Outgoing("feeds", key, value) for key, value in (("b", b"2"), ("c", None), ("d", b"1"))]
    )
    cluster.log.produce([Outgoing("feeds", "d", b"2")])
    later = cluster.log.changes("feeds", first.position)
    assert (later.values, later.is_all) == ({"b": b"2", "d": b"2"}, False)
    assert cluster.log.changes("feeds", later.position).values == {}


def test_a_position_of_another_log_brings_everything(cluster: Cluster) -> None:
    cluster.log.produce([Outgoing("feeds", "a", b"1")])
    beyond = dict.fromkeys(cluster.log.changes("feeds", {}).position, 10**6)
    found = cluster.log.changes("feeds", beyond)
    assert (found.values, found.is_all) == ({"a": b"1"}, True)


def test_a_compacted_topic_keeps_the_last_value_of_each_key(cluster: Cluster) -> None:
    put = [
        ("a", b"1"),
        ("b", b"2"),
        ("a", b"3"),
        ("c", b"4"),
        ("c", None),
        ("never", None),
        ("d", None),
        ("d", b""),
    ]
    cluster.log.produce([Outgoing("feeds", key, value) for key, value in put])
    assert cluster.log.latest("feeds") == {"a": b"3", "b": b"2", "d": b""}
    cluster.log.produce([Outgoing("feeds", "a", None), Outgoing("feeds", "ключ", b"5" * 5000)])
    assert cluster.log.latest("feeds") == {"b": b"2", "d": b"", "ключ": b"5" * 5000}
    assert cluster.log.trim("feeds", START + timedelta(days=9), 0) == 0
    assert len(cluster.log.latest("feeds")) == 3


# Progress and rewind


def test_progress_of_a_group_that_never_joined(cluster: Cluster) -> None:
    fill(cluster.log, "pages", 12)
    assert cluster.log.progress("nobody", "pages") == Progress(0, 12)


def test_rewind_to_the_oldest(cluster: Cluster) -> None:
    fill(cluster.log, "pages", 12)
    with cluster.member("g", "pages") as consumer:
        consumer.commit(after(drain(consumer)))
    assert cluster.log.rewind("g", "pages") == 12
    assert cluster.log.progress("g", "pages") == Progress(0, 12)
    assert len(drain(cluster.member("g", "pages"))) == 12


def test_rewind_to_a_time(cluster: Cluster) -> None:
    for first in range(0, 30, 10):
        fill(cluster.log, "pages", 10, first=first)
        cluster.clock.sleep(hours=1)
    with cluster.member("g", "pages") as consumer:
        consumer.commit(after(drain(consumer)))
    assert cluster.log.rewind("g", "pages", START + timedelta(days=1)) == 0
    assert cluster.log.rewind("g", "pages", START + timedelta(hours=1)) == 20
    assert cluster.log.rewind("g", "pages", START + timedelta(hours=1, seconds=1)) == 20, "never forward"
    assert sorted(values(drain(cluster.member("g", "pages")))) == list(range(10, 30))


def test_rewind_is_refused_while_a_member_lives(cluster: Cluster) -> None:
    fill(cluster.log, "line", 3)
    consumer = cluster.member("g", "line")
    consumer.commit(after(drain(consumer)))
    with pytest.raises(LogError, match="'g'"):
        cluster.log.rewind("g", "line")
    assert cluster.log.rewind("other", "line") == 3
    cluster.kill(consumer)
    assert cluster.log.rewind("g", "line") == 3


def test_times_never_fall_in_a_partition(cluster: Cluster) -> None:
    fill(cluster.log, "line", 1)
    cluster.clock.sleep(hours=-5)
    fill(cluster.log, "line", 1)
    assert [record.appended for record in drain(cluster.member("g", "line"))] == [START, START]


# Retention


def test_trim_by_age(cluster: Cluster) -> None:
    fill(cluster.log, "pages", 10)
    cluster.clock.sleep(hours=1)
    fill(cluster.log, "pages", 10, first=10)
    assert cluster.log.trim("pages", START, FOREVER) == 0
    assert cluster.log.trim("pages", START + timedelta(minutes=1), FOREVER) == 10
    assert sorted(values(drain(cluster.member("new", "pages")))) == list(range(10, 20))


def test_trim_by_size_takes_the_oldest_of_all_partitions(cluster: Cluster) -> None:
    chance = random.Random(2)
    blobs = [chance.randbytes(1000) for _ in range(50)]
    for number, blob in enumerate(blobs):
        cluster.log.produce([Outgoing("pages", f"k{number}", blob)])
        cluster.clock.sleep(seconds=1)
    assert cluster.log.trim("pages", LONG_AGO, 50_000) == 0
    assert cluster.log.trim("pages", LONG_AGO, 20_999) == 30
    assert {record.value for record in drain(cluster.member("g", "pages"))} == set(blobs[30:])
    assert cluster.log.trim("pages", LONG_AGO, 0) == 0, "the group has not committed"


def test_trim_spares_nothing_for_a_group_beside_and_counts_what_it_missed(cluster: Cluster) -> None:
    fill(cluster.log, "line", 10)
    fast, slow = cluster.member("fast", "line"), cluster.member("slow", "line")
    fast.commit(after(drain(fast)[:7]))
    slow.commit(after(slow.poll(2, 0)))
    slow.close()
    assert cluster.log.trim("line", START + timedelta(days=1), 0, beside=("slow",)) == 7
    assert cluster.log.progress("slow", "line") == Progress(7, 3, missed=5)
    assert cluster.log.progress("fast", "line") == Progress(7, 3)
    again = cluster.member("slow", "line")
    found = drain(again)
    assert values(found) == [7, 8, 9]
    again.commit(after(found))
    assert cluster.log.progress("slow", "line") == Progress(10, 0)


def test_trim_spares_what_a_known_group_has_not_committed(cluster: Cluster) -> None:
    fill(cluster.log, "line", 10)
    fast, slow = cluster.member("fast", "line"), cluster.member("slow", "line")
    fast.commit(after(drain(fast)))
    slow.commit(after(slow.poll(4, 0)))
    assert cluster.log.trim("line", START + timedelta(days=1), 0) == 4
    assert cluster.log.trim("line", START + timedelta(days=1), 0) == 0
    slow.close()
    assert cluster.log.trim("line", START + timedelta(days=1), 0) == 0, (
        "a group is known also while it sleeps"
    )
    assert values(drain(cluster.member("slow", "line"))) == [4, 5, 6, 7, 8, 9]


def test_offsets_are_never_reused(cluster: Cluster) -> None:
    fill(cluster.log, "line", 5)
    consumer = cluster.member("g", "line")
    consumer.commit(after(drain(consumer)))
    assert cluster.log.trim("line", START + timedelta(days=1), 0) == 5
    assert cluster.log.progress("g", "line") == Progress(5, 0)
    cluster.restart()
    assert cluster.log.progress("g", "line") == Progress(5, 0)
    fill(cluster.log, "line", 2)
    assert [record.offset for record in drain(cluster.member("g", "line"))] == [5, 6]
    assert [record.offset for record in drain(cluster.member("late", "line"))] == [5, 6]
    assert cluster.log.rewind("g2", "line") == 2


# Real processes

_COMMON = """
import sys
from pathlib import Path
from stream.log.base import Outgoing, TopicSpec
from stream.log.sqlite.log import SqliteLog
log = SqliteLog(Path(sys.argv[1]), [TopicSpec("pages", partitions=4)])
"""
_CONSUME = """
consumer = log.consumer("g", "pages")
while True:
    records = consumer.poll(10, 0.1)
    print(len(consumer.assigned()), flush=True)
"""
_PRODUCE = """
number = 0
while True:
    log.produce([Outgoing("pages", f"k{n}", b"%d" % n) for n in range(number, number + 10)])
    number += 10
    print(number, flush=True)
"""


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Callable[[str], "subprocess.Popen[str]"]]:
    running = []

    def start(script: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", _COMMON + script, str(tmp_path / "log.db")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate(timeout=PATIENCE)


def test_a_killed_processs_partitions_go_to_another(
    tmp_path: Path, spawn: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    with SqliteLog(tmp_path / "log.db", [TopicSpec("pages", partitions=4)]) as log:
        fill(log, "pages", 100)
        process = spawn(_CONSUME)
        assert process.stdout is not None
        assert process.stdout.readline() == "4\n"
        with log.consumer("g", "pages") as consumer:
            mine = drain(consumer)
            assert len(consumer.assigned()) == 2
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)
            theirs: list[Record] = []
            while len(mine) + len(theirs) < 100:
                theirs += consumer.poll(1000, 5)
    assert sorted(values(mine + theirs)) == list(range(100))


def test_a_killed_producer_loses_nothing_that_was_acknowledged(
    tmp_path: Path, spawn: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    process = spawn(_PRODUCE)
    assert process.stdout is not None
    for _ in range(100):
        process.stdout.readline()
    process.kill()
    acknowledged = 1000 + sum(1 for _ in process.stdout) * 10
    with (
        SqliteLog(tmp_path / "log.db", [TopicSpec("pages", partitions=4)]) as log,
        log.consumer("g", "pages") as consumer,
    ):
        found = sorted(values(drain(consumer)))
    assert found in (list(range(acknowledged)), list(range(acknowledged + 10))), "all or none of each call"


def test_another_processs_messages_are_noticed_soon(
    tmp_path: Path, spawn: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    with (
        SqliteLog(tmp_path / "log.db", [TopicSpec("pages", partitions=4)]) as log,
        log.consumer("g", "pages") as consumer,
    ):
        process = spawn(_PRODUCE.replace("while True", "for _ in range(1)"))
        assert len(consumer.poll(100, 10)) == 10
        assert process.wait(PATIENCE) == 0
