from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from stream.errors import Reject, RetryLater
from stream.log.base import Outgoing, Record, TopicSpec
from stream.log.memory import MemoryLog
from stream.messages import Dead, decode, encode
from stream.quarantine import (
    BACK_OFF,
    QUARANTINE,
    RETRIES,
    Retries,
    dead_letter,
    discard,
    put_back,
    read,
    retry,
    shelve,
    without_value,
)
from stream.stage import Topic

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


def record(attempt: int = 0, value: bytes = b"v", offset: int = 7) -> Record:
    return Record("entries", 0, offset, "host.example", value, attempt, NOW)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def log() -> Iterator[MemoryLog]:
    specs = [
        TopicSpec("entries"),
        TopicSpec("retries", compacted=True),
        TopicSpec("quarantine", compacted=True),
    ]
    with MemoryLog(specs, now=lambda: NOW) as opened:
        yield opened


def test_a_reject_waits_for_a_person() -> None:
    dead = dead_letter("fetch", record(), Reject("http-404", "http://a.example/x: not found"), NOW)
    assert (dead.kind, dead.retry_at, dead.attempts) == ("http-404", None, 1)
    assert shelve(dead).topic == QUARANTINE.name


def test_a_retry_later_is_retried_at_growing_intervals_and_then_given_up() -> None:
    waits = []
    for attempt in range(len(BACK_OFF) + 1):
        dead = dead_letter("fetch", record(attempt), RetryLater("timeout", "slow"), NOW)
        waits.append((dead.retry_at - NOW).total_seconds() if dead.retry_at else None)
    assert waits == [2, 5, 30, 300, 1_800, 7_200, 21_600, 86_400, None]


def test_a_server_that_names_a_time_is_obeyed_if_it_is_later() -> None:
    late = dead_letter("fetch", record(), RetryLater("http-503", "busy", after=500.0), NOW)
    soon = dead_letter("fetch", record(), RetryLater("http-503", "busy", after=0.1), NOW)
    assert late.retry_at == NOW + timedelta(seconds=500)
    assert soon.retry_at == NOW + timedelta(seconds=BACK_OFF[0])


def test_a_fault_of_the_stage_keeps_the_end_of_its_traceback() -> None:
    def inner() -> None:
        raise KeyError("no such thing")

    def middle() -> None:
        inner()

    def outer() -> None:
        middle()

    def outermost() -> None:
        outer()

    with pytest.raises(KeyError) as caught:
        outermost()
    dead = dead_letter("enrich", record(), caught.value, NOW)
    assert dead.kind == "bug"
    assert [name for name in ("outer", "middle", "inner") if f"in {name}" in dead.reason] == [
        "middle",
        "inner",
    ]
    assert dead.reason.endswith("KeyError: 'no such thing'\n")


def test_an_undecodable_message_says_so() -> None:
    assert dead_letter("fetch", record(), msgspec.DecodeError("x"), NOW).kind == "undecodable"


def test_the_same_message_has_the_same_id_and_another_has_not() -> None:
    first = dead_letter("fetch", record(0), Reject("a", "b"), NOW)
    again = dead_letter("fetch", record(3), Reject("c", "d"), NOW)
    other = dead_letter("fetch", record(0, b"w"), Reject("a", "b"), NOW)
    assert first.id == again.id != other.id
    assert first.id == "db23b464b714bc2e", "shelves outlive the version that filled them"


def test_one_message_that_two_stages_can_t_handle_is_in_quarantine_twice(log: MemoryLog) -> None:
    """`index` and `alert` read the same topic."""
    error = Reject("a", "b")
    both = [dead_letter(stage, record(), error, NOW) for stage in ("index", "alert")]
    log.produce([shelve(one) for one in both])
    assert {one.stage for one in read(log, QUARANTINE)} == {"index", "alert"}
    assert both[0].id != both[1].id


def test_a_message_that_is_now_too_large_for_its_topic_goes_to_a_person(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for offset, value in ((1, b"x" * 100), (2, b"small"), (3, b"x" * 100), (4, b"x" * 100)):
        error = RetryLater("a", f"slow at {offset}")
        failed = NOW + timedelta(milliseconds=offset)
        log.produce([shelve(dead_letter("fetch", record(value=value, offset=offset), error, failed))])
    produce = log.produce

    def narrow(messages: list[Outgoing]) -> None:
        if any(message.topic == "entries" and len(message.value or b"") > 50 for message in messages):
            raise Reject("too-large", "larger than 50 bytes")
        produce(messages)

    monkeypatch.setattr(log, "produce", narrow)
    assert Retries(log, lambda: NOW + timedelta(seconds=3)).put_back_due() == 2
    assert entry_values(log) == [(b"small", 1)]
    assert read(log, RETRIES) == []
    (dead,) = read(log, QUARANTINE)
    assert (dead.kind, dead.omitted) == ("too-large", 100)
    assert "a: slow at 4. " in dead.reason, "its last failure"


def entry_values(log: MemoryLog) -> list[tuple[bytes, int]]:
    with log.consumer("look", "entries") as consumer:
        return [(one.value, one.attempt) for one in consumer.poll(100, 0.01)]


def test_a_due_message_returns_with_its_number_of_tries(log: MemoryLog) -> None:
    clock = Clock()
    retries = Retries(log, clock)
    dead = dead_letter("fetch", record(), RetryLater("timeout", "slow"), NOW)
    log.produce([shelve(dead)])
    retries.expect([dead])
    assert retries.put_back_due() == 0
    assert retries.due_within(20)
    clock.now += timedelta(seconds=3)
    assert retries.put_back_due() == 1
    assert retries.put_back_due() == 0
    assert entry_values(log) == [(b"v", 1)]
    assert read(log, RETRIES) == []


def test_scheduled_retries_survive_a_restart(log: MemoryLog) -> None:
    log.produce([shelve(dead_letter("fetch", record(), RetryLater("timeout", "slow"), NOW))])
    clock = Clock()
    clock.now += timedelta(seconds=3)
    assert Retries(log, clock).put_back_due() == 1


def test_retries_scheduled_by_a_dead_process_are_adopted_a_little_late(log: MemoryLog) -> None:
    clock = Clock()
    retries = Retries(log, clock)
    log.produce([shelve(dead_letter("fetch", record(), RetryLater("timeout", "slow"), NOW))])
    clock.now += timedelta(seconds=10)
    assert retries.put_back_due() == 0, "it is another's appointment"
    assert retries.put_back_orphans() == 0, "who may yet keep it"
    clock.now += timedelta(seconds=20)
    assert retries.put_back_orphans() == 1
    assert entry_values(log) == [(b"v", 1)]


def test_what_a_person_put_back_meanwhile_is_not_put_back_twice(log: MemoryLog) -> None:
    clock = Clock()
    retries = Retries(log, clock)
    dead = dead_letter("fetch", record(), RetryLater("timeout", "slow"), NOW)
    log.produce([shelve(dead)])
    retries.expect([dead])
    retry(log, read(log, RETRIES))
    clock.now += timedelta(seconds=3)
    assert retries.put_back_due() == 0
    assert entry_values(log) == [(b"v", 0)]


def test_putting_back_and_leaving_the_shelf_are_one_step() -> None:
    dead = Dead(
        id="1",
        stage="fetch",
        topic="entries",
        key="k",
        value=b"v",
        kind="a",
        reason="b",
        attempts=2,
        failed=NOW,
        retry_at=None,
    )
    assert put_back([dead]) == [Outgoing("entries", "k", b"v", attempt=2), Outgoing("quarantine", "1", None)]


@pytest.mark.parametrize("error", [RetryLater("http-503", "busy"), Reject("http-404", "gone")])
def test_what_fails_again_before_it_has_left_the_shelf_is_not_lost(log: MemoryLog, error: Exception) -> None:
    """A log without transactions removes a message from the shelf only after it was put back: it may fail again in between."""
    first = dead_letter("fetch", record(), error, NOW)
    again = dead_letter("fetch", record(attempt=1, offset=8), error, NOW + timedelta(seconds=3))
    shelf = Topic(shelve(first).topic, Dead)
    log.produce([shelve(first)])
    back, *leaving = put_back([first])
    log.produce([back])
    log.produce([shelve(again)])
    log.produce(leaving)
    assert read(log, shelf) == [again]


def test_a_message_that_fails_twice_at_one_place_is_on_the_shelf_once(log: MemoryLog) -> None:
    error = Reject("http-404", "gone")
    log.produce([shelve(dead_letter("fetch", record(), error, NOW)) for _ in range(2)])
    assert len(log.latest(QUARANTINE.name)) == 1


def test_a_message_that_is_in_its_topic_twice_is_listed_and_put_back_once(log: MemoryLog) -> None:
    error = Reject("http-404", "gone")
    log.produce([shelve(dead_letter("fetch", record(offset=offset), error, NOW)) for offset in (7, 9)])
    (dead,) = read(log, QUARANTINE)
    retry(log, [dead])
    assert entry_values(log) == [(b"v", 0)]
    assert read(log, QUARANTINE) == []


def test_what_an_older_version_put_on_the_shelf_is_taken_off_it(log: MemoryLog) -> None:
    old = msgspec.structs.replace(
        dead_letter("fetch", record(), RetryLater("timeout", "slow"), NOW), place=""
    )
    log.produce([Outgoing(RETRIES.name, old.id, encode(old))])
    retries = Retries(log, lambda: NOW + timedelta(seconds=3))
    assert retries.put_back_due() == 1
    assert read(log, RETRIES) == []


def test_a_message_keeps_its_trace_on_the_shelf() -> None:
    known = Record("entries", 0, 7, "host.example", b"v", 0, NOW, "00-ab-cd-01")
    dead = decode(encode(dead_letter("fetch", known, RetryLater("timeout", "slow"), NOW)), Dead)
    assert put_back([dead])[0].trace == "00-ab-cd-01"


def test_the_parts_of_a_message_id_do_not_run_together() -> None:
    ids = set()
    for key, value in (("ab", b"c"), ("a", b"bc")):
        known = Record("entries", 0, 7, key, value, 0, NOW)
        ids.add(dead_letter("fetch", known, Reject("a", "b"), NOW).id)
    assert [len(one) for one in ids] == [16, 16]


def test_both_shelves_keep_only_what_lies_on_them() -> None:
    assert RETRIES.compacted
    assert QUARANTINE.compacted


def test_of_what_failed_in_two_places_each_is_tried_when_it_is_due(log: MemoryLog) -> None:
    slow = RetryLater("timeout", "slow")
    first = dead_letter("fetch", record(offset=7), slow, NOW)
    last = dead_letter("fetch", record(attempt=3, offset=9), slow, NOW + timedelta(seconds=1))
    log.produce([shelve(last), shelve(first)])
    assert read(log, RETRIES) == [last]
    assert put_back([first, last])[0].attempt == 4
    assert last.retry_at
    retries = Retries(log, lambda: NOW + timedelta(seconds=300))
    assert retries.put_back_due() == 1
    assert read(log, RETRIES) == [last]
    assert Retries(log, lambda: last.retry_at or NOW).put_back_due() == 1
    assert read(log, RETRIES) == []


def test_of_many_retries_only_those_that_are_due_are_read(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = RetryLater("timeout", "slow")
    soon = dead_letter("fetch", record(offset=1), slow, NOW)
    later = [dead_letter("fetch", record(6, b"%d" % n, offset=n), slow, NOW) for n in range(2, 50)]
    log.produce([shelve(one) for one in (*later, soon)])
    got: list[int] = []
    latest = log.latest

    def counted(topic: str, before: str | None = None) -> Mapping[str, bytes]:
        found = latest(topic, before)
        got.append(len(found))
        return found

    retries = Retries(log, lambda: NOW + timedelta(seconds=30))
    monkeypatch.setattr(log, "latest", counted)
    assert retries.put_back_due() == 1
    assert retries.put_back_orphans() == 0
    assert got == [1, 0]
    assert len(read(log, RETRIES)) == 48


def test_a_scheduled_retry_happens_to_the_second_and_once(log: MemoryLog) -> None:
    clock = Clock()
    retries = Retries(log, clock)
    soon, later = (dead_letter("fetch", record(n, b"%d" % n), RetryLater("a", "b"), NOW) for n in (0, 1))
    log.produce([shelve(later), shelve(soon)])
    retries.expect([later, soon])
    assert (len(retries), retries.returned) == (2, 0)
    assert (retries.due_within(1), retries.due_within(2)) == (False, True)
    clock.now += timedelta(seconds=2)
    assert retries.put_back_due() == 1
    assert (len(retries), retries.returned) == (1, 1)
    assert entry_values(log) == [(b"0", 1)]


def test_a_retry_that_is_shelved_late_while_others_are_put_back_is_not_forgotten(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    retries = Retries(log, clock)
    first, late = (dead_letter("fetch", record(0, b"%d" % n), RetryLater("a", "b"), NOW) for n in (1, 2))
    log.produce([shelve(first)])
    retries.expect([first])
    clock.now += timedelta(seconds=5)  # both are due, but the log had no room for the second one yet
    latest = log.latest

    def then_shelved(topic: str, before: str | None = None) -> Mapping[str, bytes]:
        found = latest(topic, before)
        monkeypatch.undo()
        log.produce([shelve(late)])
        retries.expect([late])
        return found

    monkeypatch.setattr(log, "latest", then_shelved)
    assert retries.put_back_due() == 1
    assert retries.due_within(0)
    assert retries.put_back_due() == 1
    assert not retries.due_within(0)
    assert entry_values(log) == [(b"1", 1), (b"2", 1)]


def test_an_orphan_is_adopted_after_twenty_seconds(log: MemoryLog) -> None:
    clock = Clock()
    retries = Retries(log, clock)
    log.produce([shelve(dead_letter("fetch", record(), RetryLater("timeout", "slow"), NOW))])
    clock.now += timedelta(seconds=21)
    assert retries.put_back_orphans() == 0
    clock.now += timedelta(seconds=1)
    assert retries.put_back_orphans() == 1


def test_a_retry_says_how_many_it_put_back(log: MemoryLog) -> None:
    dead = [dead_letter("fetch", record(value=value), Reject("a", "b"), NOW) for value in (b"v", b"w")]
    log.produce(list(map(shelve, dead)))
    assert retry(log, dead) == 2


@pytest.mark.parametrize(("length", "kept"), [(500, "x" * 500), (501, "x" * 500 + " ...")])
def test_a_dead_letter_without_its_message_says_where_the_message_is(length: int, kept: str) -> None:
    whole = dead_letter("fetch", record(value=b"12345"), Reject("odd", "x" * length), NOW)
    left = without_value(whole, Reject("too-large", "20 MB at most"))
    assert (left.value, left.omitted, left.kind, left.retry_at) == (b"", 5, "too-large", None)
    assert left.reason == (
        f"odd: {kept}. The message (5 bytes) is too large for the quarantine (20 MB at most);"
        " topic entries still has it, at offset 7 of partition 0 until the log deletes it"
    )
    unknown = without_value(msgspec.structs.replace(whole, place=""), Reject("too-large", "20 MB at most"))
    assert "topic entries still has it until" in unknown.reason


def test_what_is_discarded_leaves_the_shelf_with_all_its_copies(log: MemoryLog) -> None:
    error = Reject("http-404", "not found")
    twice = [dead_letter("fetch", record(offset=offset), error, NOW) for offset in (7, 8)]
    other = dead_letter("fetch", record(value=b"other"), error, NOW)
    log.produce([shelve(one) for one in (*twice, other)])
    assert discard(log, read(log, QUARANTINE)[:1]) == 1
    assert [one.value for one in read(log, QUARANTINE)] == [read(log, QUARANTINE)[0].value]
    assert discard(log, read(log, QUARANTINE)) == 1
    assert read(log, QUARANTINE) == []
    assert log.progress("fetch", "entries").lag == 0
    assert discard(log, twice) == 0
