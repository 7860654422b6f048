"""What only Kafka does: outages of the broker, deaths of real processes, rebalances under load, security, bad settings."""

import asyncio
import gc
import random
import subprocess
import sys
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from kafka.admin import ConfigResource, ConfigResourceType
from samples.places import ROOT
from servers.ci import skip
from servers.kafka import PASSWORD, SESSION_SECONDS, USER, KafkaServer, Secured, secured_listener
from servers.maven import Unavailable
from waiting import PATIENCE, in_thread, wait_until

from stream.clock import utc_now
from stream.errors import ConfigError, Reject, RetryLater
from stream.log.base import Consumer, LogError, Outgoing, Progress, Record, TopicSpec
from stream.log.kafka.access import Kafka
from stream.log.kafka.consumer import GroupMember
from stream.log.kafka.log import KafkaLog
from stream.messages import encode
from stream.meters import Meters
from stream.persist import Context
from stream.quarantine import QUARANTINE, RETRIES, Retries, read
from stream.runner import run_stage
from stream.stage import Stage, Topic

# kafka-python 3.0.12 leaves a connection that is just being opened to the garbage collector when a client is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")

SPECS = (TopicSpec("pages", partitions=4), TopicSpec("feeds", partitions=2, compacted=True))


def settings(bootstrap: str, **others: Any) -> Kafka:
    """A prefix on the broker for one test alone."""
    named = {"bootstrap_servers": bootstrap, "prefix": f"test-{uuid.uuid4().hex[:8]}."}
    return Kafka(**{**named, "session_seconds": SESSION_SECONDS, **others})


@pytest.fixture(autouse=True)
def _collect() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture
def log(kafka: str) -> Iterator[KafkaLog]:
    with KafkaLog(settings(kafka), SPECS) as opened:
        yield opened


def numbered(first: int, count: int) -> list[Outgoing]:
    return [Outgoing("pages", f"k{number % 20}", b"%d" % number) for number in range(first, first + count)]


def after(records: list[Record]) -> dict[int, int]:
    return {record.partition: record.offset + 1 for record in records}


def insist(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function until it succeeds, as the runner does."""
    found: list[Any] = []

    def can_be_done() -> bool:
        with suppress(RetryLater):
            found.append(function(*args))
        return bool(found)

    wait_until(can_be_done, "a broker that answers")
    return found[0]


def work(consumer: Consumer, done: list[int], enough: Callable[[], bool], deadline: float) -> None:
    while not enough() and time.monotonic() < deadline:
        records = insist(consumer.poll, 20, 0.1)
        done.extend(int(record.value) for record in records)
        insist(consumer.commit, after(records))


# A broker that comes and goes


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Secured:
    try:
        return secured_listener(tmp_path_factory.mktemp("secured"))
    except Unavailable as error:
        skip(str(error))


@pytest.fixture(scope="module")
def own(secured: Secured, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A broker that may be killed, with a second, secured listener."""
    try:
        server = KafkaServer(tmp_path_factory.mktemp("own"), secured)
    except Unavailable as error:
        skip(str(error))
    yield server
    server.kill()


@pytest.mark.long
def test_nothing_is_lost_when_the_broker_is_killed(own: KafkaServer) -> None:
    count, deadline = 600, time.monotonic() + PATIENCE
    done: list[int] = []
    with KafkaLog(settings(own.bootstrap, timeout_seconds=3), SPECS) as log:

        def produce() -> None:
            for first in range(0, count, 10):
                insist(log.produce, numbered(first, 10))
                time.sleep(0.02)  # so that the kill comes in the middle of it

        def consume() -> None:
            with log.consumer("g", "pages") as consumer:
                work(consumer, done, lambda: set(done) == set(range(count)), deadline)

        threads = [threading.Thread(target=produce), threading.Thread(target=consume)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(done) >= count / 4)
        own.restart()
        for thread in threads:
            thread.join()
        assert set(done) == set(range(count))
        assert insist(log.progress, "g", "pages").lag == 0


def all_committed(log: KafkaLog, consumer: Consumer) -> bool:
    insist(consumer.commit, after(insist(consumer.poll, 10, 0.2)))
    return bool(insist(log.progress, "g", "pages").done == 5)


@pytest.mark.long
def test_an_outage_is_reported_and_ends(own: KafkaServer) -> None:
    with KafkaLog(settings(own.bootstrap, timeout_seconds=5), SPECS) as log:
        log.produce([*numbered(0, 5), Outgoing("feeds", "a", b"1")])
        with log.consumer("g", "pages") as consumer:
            records = consumer.poll(10, 5)
            own.kill()
            for use in (
                lambda: log.produce(numbered(5, 1)),
                lambda: consumer.commit(after(records)),
                lambda: log.latest("feeds"),
                lambda: log.progress("g", "pages"),
            ):
                with pytest.raises(RetryLater, match=f"kafka-unavailable: {own.bootstrap}"):
                    use()
            own.start()
            insist(
                consumer.commit, after(records)
            )  # not if the broker considered us dead: then they come again
            assert insist(log.latest, "feeds") == {"a": b"1"}
            wait_until(lambda: all_committed(log, consumer))


def test_a_member_can_leave_while_the_broker_is_down(own: KafkaServer) -> None:
    with KafkaLog(settings(own.bootstrap, timeout_seconds=5), SPECS) as log:
        consumer = log.consumer("g", "pages")
        own.kill()
        with pytest.raises(RetryLater, match="kafka-unavailable"):
            log.consumer("g", "pages")
        in_thread(consumer.close)
        own.start()
        insist(log.consumer, "g", "pages").close()


# Real processes

_COMMON = """
import sys
from stream.log.kafka.access import Kafka
from stream.log.base import Outgoing, TopicSpec
from stream.log.kafka.log import KafkaLog
kafka = Kafka(bootstrap_servers=sys.argv[1], prefix=sys.argv[2], session_seconds=float(sys.argv[3]))
specs = (TopicSpec("pages", partitions=4), TopicSpec("feeds", partitions=2, compacted=True))
log = KafkaLog(kafka, specs)
"""
_CONSUME = """
with log.consumer("g", "pages") as consumer:
    while True:
        records = consumer.poll(10, 0.1)
        print(len(consumer.assigned()), flush=True)
"""
_PRODUCE = """
number = 0
while True:
    log.produce([Outgoing("pages", f"k{n % 20}", b"%d" % n) for n in range(number, number + 10)])
    number += 10
    print(number, flush=True)
"""


def spawn(log: KafkaLog, script: str) -> "subprocess.Popen[str]":
    arguments = [log._kafka.bootstrap_servers, log._kafka.prefix, str(SESSION_SECONDS)]
    command = [sys.executable, "-W", "ignore", "-c", _COMMON + script, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_a_killed_processs_partitions_go_to_another(log: KafkaLog) -> None:
    log.produce(numbered(0, 100))
    process = spawn(log, _CONSUME)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "4\n"
        with log.consumer("g", "pages") as consumer:
            found = {record.value for record in consumer.poll(1000, 0)}
            assert len(consumer.assigned()) == 2
            process.kill()
            deadline = time.monotonic() + PATIENCE
            while len(found) < 100 and time.monotonic() < deadline:
                found |= {record.value for record in consumer.poll(1000, 0.5)}
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)
    # Nothing was committed: what a slow member had read already may come to it again.
    assert sorted(map(int, found)) == list(range(100))


def test_a_killed_producer_loses_nothing_that_was_acknowledged(log: KafkaLog) -> None:
    process = spawn(log, _PRODUCE)
    assert process.stdout is not None
    for _ in range(20):
        process.stdout.readline()
    process.kill()
    acknowledged = 200 + sum(1 for _ in process.stdout) * 10
    process.communicate(timeout=PATIENCE)
    with log.consumer("g", "pages") as consumer:
        found = {int(record.value) for record in consumer.poll(100_000, 0)}
    assert set(range(acknowledged)) <= found


# Rebalances and back-pressure


@dataclass
class Walk:
    """The combined results of several members that come and go."""

    done: list[int] = field(default_factory=list)
    by_place: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    failed: list[BaseException] = field(default_factory=list)

    def member(self, log: KafkaLog, seed: int) -> None:
        """Join and leave again a few times."""
        chance = random.Random(seed)
        try:
            for _ in range(4):
                with insist(log.consumer, "g", "pages") as consumer:
                    for _ in range(chance.randint(3, 12)):
                        self.step(consumer)
        except BaseException as error:
            self.failed.append(error)
            raise

    def step(self, consumer: Consumer) -> None:
        records = insist(consumer.poll, 5, 0.1)
        for record in records:
            self.by_place[record.partition, record.offset] += 1
            self.done.append(int(record.value))
        insist(consumer.commit, after(records))


def test_rebalances_neither_lose_nor_repeat_without_end(kafka: str) -> None:
    count, walk = 800, Walk()
    with KafkaLog(settings(kafka, session_seconds=10), SPECS) as log:
        threads = [threading.Thread(target=walk.member, args=(log, seed)) for seed in range(3)]
        for thread in threads:
            thread.start()
        for first in range(0, count, 20):
            log.produce(numbered(first, 20))
            time.sleep(0.02)  # so that members come and go meanwhile
        for thread in threads:
            thread.join()
        assert not walk.failed
        with insist(log.consumer, "g", "pages") as last:
            while log.progress("g", "pages").lag:
                walk.step(last)
        assert log.progress("g", "pages") == Progress(count, 0)
    assert set(walk.done) == set(range(count))
    assert max(walk.by_place.values()) <= 5, "the same few messages again and again"
    assert len(walk.done) < 1.5 * count


def test_after_a_generation_that_was_missed_nothing_that_was_read_ahead_is_skipped(log: KafkaLog) -> None:
    """The client keeps its position over a rebalance; the group's committed offset is what counts."""
    log.produce(numbered(0, 200))
    with log.consumer("g", "pages") as consumer:
        assert isinstance(consumer, GroupMember)
        done = consumer.poll(20, 0)
        consumer.commit(after(done))
        assert consumer._membership.shelf.bytes(), "it has read ahead"
        consumer._membership.shelf._generation -= (
            1  # as a member that was thrown out of a rebalance and joined the next
        )
        log.consumer("g", "pages").close()
        for _ in range(50):
            found = consumer.poll(20, 0.2)
            done += found
            consumer.commit(after(found))
            if len(done) >= 200:
                break
    assert sorted(int(record.value) for record in done) == list(range(200))


def test_a_member_that_is_behind_holds_a_bounded_part_in_memory_and_gets_all_in_order(log: KafkaLog) -> None:
    chance, count, size = random.Random(1), 1200, 50_000
    for first in range(0, count, 100):
        log.produce(
            [
                Outgoing("pages", f"k{number}", b"%08d" % number + chance.randbytes(size))
                for number in range(first, first + 100)
            ]
        )
    found: dict[int, list[int]] = defaultdict(list)
    held = []
    with log.consumer("g", "pages") as consumer:
        assert isinstance(consumer, GroupMember)
        wait_until(lambda: consumer._membership.shelf.bytes() > 5_000_000)
        time.sleep(1)  # and as much as it wants: nothing else shows that it stops reading
        deadline = time.monotonic() + PATIENCE
        while sum(map(len, found.values())) < count and time.monotonic() < deadline:
            held.append(consumer._membership.shelf.bytes())
            for record in consumer.poll(17, 1):
                found[record.partition].append(int(record.value[:8]))
    assert sum(map(len, found.values())) == count
    assert all(values == sorted(values) for values in found.values())
    assert max(held) < 30_000_000


def test_a_member_that_does_not_poll_keeps_its_partitions(log: KafkaLog) -> None:
    """As a sink does while its store is down."""
    with log.consumer("g", "pages") as busy:
        log.produce(numbered(0, 40))
        assert len(busy.poll(1000, 0)) == 40
        with log.consumer("g", "pages") as other:
            other.poll(0, 0)
            moved = other.assigned()
            assert len(moved) == 2, "the other did not have to wait"
        time.sleep(2 * SESSION_SECONDS)  # the claim is that nothing happens in this time
        assert {record.partition for record in busy.poll(1000, 0)} == moved
        assert len(busy.assigned()) == 4


# Messages


@pytest.mark.parametrize("compression", ["zstd", "gzip", "none"])
def test_what_is_compressed_comes_out_as_it_was(kafka: str, compression: str) -> None:
    values = [b"", b"x" * 3_000_000, random.Random(1).randbytes(300_000)]
    with KafkaLog(settings(kafka, compression=compression), SPECS) as log:
        log.produce([Outgoing("pages", "k", value) for value in values])
        with log.consumer("g", "pages") as consumer:
            assert [record.value for record in consumer.poll(10, 0)] == values


def test_lz4_without_its_package_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.log.kafka.settings.has_lz4", lambda: False)
    with pytest.raises(ConfigError, match=r"kafka\.compression: lz4 .*pip install lz4"):
        KafkaLog(settings("127.0.0.1:1", compression="lz4"), SPECS)


def test_a_message_that_is_too_large_is_rejected_and_nothing_sent(kafka: str) -> None:
    with KafkaLog(settings(kafka, max_message_bytes=100_000), SPECS) as log:
        with pytest.raises(Reject, match=r"too-large: .* topic 'pages' \(key 'big'\).*100000"):
            log.produce([*numbered(0, 3), Outgoing("pages", "big", b"x" * 100_000)])
        assert log.progress("g", "pages").lag == 0
        log.produce([Outgoing("pages", "fits", random.Random(1).randbytes(99_000))])
        assert log.progress("g", "pages").lag == 1


def test_a_message_that_the_broker_finds_too_large_names_the_broker_s_limit(kafka: str) -> None:
    chosen = settings(kafka, compression="none")
    with KafkaLog(chosen, SPECS) as log:
        lower(log, chosen, "pages", 50_000)
        with pytest.raises(Reject, match=r"too-large: the broker refused .* max\.message\.bytes = 50000"):
            log.produce([Outgoing("pages", "big", random.Random(1).randbytes(60_000))])
        log.produce([Outgoing("pages", "fits", random.Random(1).randbytes(40_000))])


def lower(log: KafkaLog, chosen: Kafka, topic: str, most: int) -> None:
    """Set a topic's limit, as the broker's operator may."""
    name = f"{chosen.prefix}{topic}"
    resource = ConfigResource(ConfigResourceType.TOPIC, name, {"max.message.bytes": str(most)})
    log._admin.client.alter_configs([resource])


class Sized(msgspec.Struct, frozen=True):
    """A message of a given size, or one that asks for a result of a given size."""

    key: str
    value: bytes = b""


async def test_a_result_that_the_broker_finds_too_large_goes_to_the_quarantine(kafka: str) -> None:
    """And a message that does not fit there goes there without its value; the others go on."""
    chosen = settings(kafka, compression="none")
    asked, made = Topic("asked", Sized), Topic("made", Sized)
    shelves = [TopicSpec(shelf.name, compacted=True) for shelf in (RETRIES, QUARANTINE)]

    async def swell(message: Sized) -> list[Sized]:
        if message.key == "odd":
            raise Reject("odd", "not liked")
        size = 60_000 if message.key == "swells" else 10
        return [Sized(message.key, random.Random(1).randbytes(size))]

    with KafkaLog(chosen, [TopicSpec("asked", 1), TopicSpec("made", 1), *shelves]) as log:
        lower(log, chosen, "made", 50_000)
        lower(log, chosen, QUARANTINE.name, 20_000)
        messages = [
            Sized("small"),
            Sized("swells"),
            Sized("odd", random.Random(2).randbytes(30_000)),
            Sized("last"),
        ]
        log.produce([Outgoing("asked", each.key, encode(each)) for each in messages])
        context = Context(log, Retries(log, utc_now), Meters(), utc_now, asyncio.Event())
        task = asyncio.create_task(run_stage(Stage("s", asked, swell, (made,), 8), context, lambda: True))
        async with asyncio.timeout(PATIENCE):
            while not task.done() and (await asyncio.to_thread(log.progress, "s", "asked")).lag:  # noqa: ASYNC110 - it is no event
                await asyncio.sleep(0.05)
        context.stop.set()
        await task
        with log.consumer("look", "made") as consumer:
            assert {record.key for record in consumer.poll(10, 0)} == {"small", "last"}
        dead = {one.key: one for one in read(log, QUARANTINE)}
        assert {key: (one.kind, one.omitted > 0) for key, one in dead.items()} == {
            "swells": ("too-large", False),
            "odd": ("too-large", True),
        }
        assert "max.message.bytes = 50000" in dead["swells"].reason
        assert dead["odd"].reason.startswith("odd: not liked. The message (")


def test_what_others_wrote_is_taken_as_it_is(log: KafkaLog) -> None:
    name = log._admin.topic_name("pages")
    log._producer.send(name, None, b"\xff", [("attempt", b"many")], partition=0).get(PATIENCE)
    with log.consumer("g", "pages") as consumer:
        (record,) = consumer.poll(10, 0)
    assert (record.key, record.value, record.attempt) == ("\N{REPLACEMENT CHARACTER}", b"", 0)


# Topics


def topic_settings(log: KafkaLog, topic: str) -> dict[str, str]:
    name = log._admin.topic_name(topic)
    found = log._admin.client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    return {key: each["value"] for key, each in found["topic"][name].items()}


def test_topics_are_created_as_configured_and_follow_the_configuration(kafka: str) -> None:
    section = settings(kafka, replication=1)
    with KafkaLog(section, SPECS) as log:
        assert topic_settings(log, "pages")["retention.ms"] == "-1"
        assert topic_settings(log, "feeds")["cleanup.policy"] == "compact"
    with KafkaLog(msgspec.structs.replace(section, retention_days={"pages": 7}), SPECS) as log:
        assert topic_settings(log, "pages")["retention.ms"] == str(7 * 86_400_000)
        assert topic_settings(log, "pages")["max.message.bytes"] == "20000000"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (TopicSpec("pages", partitions=5), "has 4, but 5 are configured"),
        (TopicSpec("pages", partitions=4, compacted=True), "cleanup.policy=delete"),
        (TopicSpec("feeds", partitions=2), "cleanup.policy=compact"),
    ],
)
def test_a_topic_of_another_shape_is_refused(kafka: str, asked: TopicSpec, said: str) -> None:
    section = settings(kafka)
    KafkaLog(section, SPECS).close()
    with pytest.raises(ConfigError, match=f"{section.prefix}{asked.name}.*{said}"):
        KafkaLog(section, [asked])


@pytest.mark.parametrize("name", ["pags", "feeds"])
def test_a_retention_for_no_topic_is_named(kafka: str, name: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"kafka\.retention_days\.{name}: expected one of the topics pages"
    ):
        KafkaLog(settings(kafka, retention_days={name: 1}), SPECS)


def test_more_copies_than_brokers_are_refused(kafka: str) -> None:
    with pytest.raises(ConfigError, match=r"kafka\.replication: .*replication factor"):
        KafkaLog(settings(kafka, replication=99), SPECS)


def test_who_only_reads_creates_nothing_under_a_mistyped_prefix(kafka: str, log: KafkaLog) -> None:
    wrong = msgspec.structs.replace(log._kafka, prefix=log._kafka.prefix.replace("test-", "tset-"))
    specs = list(log._specs.values())
    with pytest.raises(
        ConfigError, match=f"has no topics that begin with '{wrong.prefix}'.*{log._kafka.prefix}"
    ):
        KafkaLog(wrong, specs, begins=False)
    assert not [name for name in log._admin.client.list_topics() if name.startswith(wrong.prefix)]
    with KafkaLog(log._kafka, specs, begins=False) as again:
        assert again.created == frozenset()


def test_logs_with_different_prefixes_do_not_meet(kafka: str, log: KafkaLog) -> None:
    log.produce(numbered(0, 3))
    with KafkaLog(settings(kafka), SPECS) as other:
        assert other.progress("g", "pages").lag == 0


def test_a_removed_topic_is_named(log: KafkaLog) -> None:
    log._admin.client.delete_topics([log._admin.topic_name("pages")])
    log._kafka = log._admin._kafka = msgspec.structs.replace(log._kafka, timeout_seconds=1)

    with pytest.raises(ConfigError, match="no longer has a topic"):
        wait_until(lambda: log.progress("g", "pages") is None, "the broker to delete it")


def test_a_closed_member_says_so(log: KafkaLog) -> None:
    consumer = log.consumer("g", "pages")
    consumer.close()
    with pytest.raises(LogError, match="'pages' was closed"):
        consumer.poll(1, 0)


# Access


@pytest.mark.parametrize("address", ["127.0.0.1:1", "no-such-host.invalid:9092"])
def test_a_wrong_address_is_named(address: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"kafka\.bootstrap_servers: no broker answered at {address} within 1 s"
    ):
        KafkaLog(settings(address, timeout_seconds=1), SPECS)


def sealed(secured: Secured, **others: Any) -> Kafka:
    known = {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "PLAIN",
        "username": USER,
        "password": PASSWORD,
        "ca_file": str(secured.certificate),
        "timeout_seconds": PATIENCE,
    }
    return settings(secured.address, **{**known, **others})


def test_tls_and_a_password(own: KafkaServer, secured: Secured) -> None:
    with KafkaLog(sealed(secured), SPECS) as log:
        log.produce([*numbered(0, 20), Outgoing("feeds", "a", b"1")])
        with log.consumer("g", "pages") as consumer:
            assert len(consumer.poll(100, 0)) == 20
        assert log.latest("feeds") == {"a": b"1"}


def test_a_wrong_password_is_named_at_once(
    own: KafkaServer, secured: Secured, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = sealed(secured, password="wrong")
    with (
        caplog.at_level("INFO", "kafka.net.manager"),
        pytest.raises(ConfigError, match=r"kafka\.password.*does not accept"),
    ):
        KafkaLog(wrong, SPECS)
    again = [one for one in caplog.messages if "failed: [Error 58]" in one and "backoff" in one]
    assert not again, "the client tries it again"


def test_a_certificate_that_nobody_trusts_is_refused(own: KafkaServer, secured: Secured) -> None:
    with pytest.raises(ConfigError, match=r"no broker answered.*SASL_SSL"):
        KafkaLog(sealed(secured, ca_file="", timeout_seconds=2), SPECS)


def test_a_ca_file_that_is_not_there_is_named(own: KafkaServer, secured: Secured) -> None:
    with pytest.raises(ConfigError, match=r"kafka\.ca_file: .*nowhere\.pem"):
        KafkaLog(sealed(secured, ca_file="/nowhere.pem", timeout_seconds=2), SPECS)
