"""Random sequences of operations on a log, checked against a model: nothing committed comes again, nothing is lost."""

import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from contracts.test_log import LONG_AGO, Cluster, MemoryCluster, SqliteCluster
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from stream.log.base import Consumer, LogError, Outgoing, Progress, partition_of
from stream.log.sharing import share
from stream.log.sqlite.log import SqliteLog
from stream.log.sqlite.members import Group

TOPIC = "pages"
PARTITIONS = range(4)
GROUPS = ("red", "blue")

groups = st.sampled_from(GROUPS)
keys = st.sampled_from([f"k{number}" for number in range(8)])
picks = st.integers(0, 1000)


@dataclass
class Model:
    """The expected content of the log: per partition, the values with their times, and where it was trimmed."""

    values: dict[int, list[tuple[datetime, bytes]]] = field(
        default_factory=lambda: {p: [] for p in PARTITIONS}
    )
    start: dict[int, int] = field(default_factory=lambda: dict.fromkeys(PARTITIONS, 0))


@dataclass
class GroupModel:
    """A known group. An epoch is an ownership: one member, one partition, without a break."""

    committed: dict[int, int]
    owner: dict[int, int | None] = field(default_factory=lambda: dict.fromkeys(PARTITIONS))
    epoch: dict[int, int] = field(default_factory=lambda: dict.fromkeys(PARTITIONS, 0))
    members: list[int] = field(default_factory=list)

    def share(self) -> None:
        for partition, owner in share(self.owner, self.members).items():
            if owner != self.owner[partition]:
                self.owner[partition] = owner
                self.epoch[partition] += 1


@dataclass
class Member:
    """A consumer, and its state at its last poll."""

    id: int
    group: str
    consumer: Consumer
    epochs: dict[int, int] = field(default_factory=dict)
    positions: dict[int, int] = field(default_factory=dict)


class LogMachine(RuleBasedStateMachine):
    """The steps. Its children say which log they drive."""

    def make(self) -> Cluster:
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        self.cluster = self.make()
        self.model = Model()
        self.groups: dict[str, GroupModel] = {}
        self.members: list[Member] = []
        self.joined = 0
        self.produced = 0

    # The log

    @rule(sent=st.lists(keys, max_size=12))
    def produce(self, sent: list[str]) -> None:
        messages = []
        for key in sent:
            self.produced += 1
            messages.append(Outgoing(TOPIC, key, b"%d" % self.produced))
        self.cluster.log.produce(messages)
        for message in messages:
            assert message.value is not None
            partition = partition_of(message.key, len(PARTITIONS))
            self.model.values[partition].append((self.cluster.clock.time, message.value))

    @rule(minutes=st.integers(1, 60))
    def wait(self, minutes: int) -> None:
        self.cluster.clock.sleep(minutes=minutes)

    @rule(age=st.one_of(st.none(), st.integers(0, 90)), max_bytes=st.sampled_from([0, 5, 30, 10**9]))
    def trim(self, age: int | None, max_bytes: int) -> None:
        older_than = LONG_AGO if age is None else self.cluster.clock.time - timedelta(minutes=age)
        went = self.cluster.log.trim(TOPIC, older_than, max_bytes)
        assert went == self.trim_model(older_than, max_bytes)

    def trim_model(self, older_than: datetime, max_bytes: int) -> int:
        held, free = [], []
        for partition, values in self.model.values.items():
            slowest = min((group.committed[partition] for group in self.groups.values()), default=len(values))
            for offset in range(self.model.start[partition], len(values)):
                time, value = values[offset]
                held.append(len(value))
                if offset < slowest:
                    free.append((time, partition, offset, len(value)))
        total, went = sum(held), 0
        for time, partition, offset, size in sorted(free):
            if time >= older_than and total <= max_bytes:
                break
            self.model.start[partition] = offset + 1
            total, went = total - size, went + 1
        return went

    @rule()
    def restart(self) -> None:
        self.cluster.restart()
        self.members.clear()
        for group in self.groups.values():
            group.members.clear()
            group.share()

    # The groups

    @rule(group=groups, minutes=st.one_of(st.none(), st.integers(0, 90)))
    def rewind(self, group: str, minutes: int | None) -> None:
        since = None if minutes is None else self.cluster.clock.time - timedelta(minutes=minutes)
        known = self.groups.get(group)
        if known is not None and known.members:
            with pytest.raises(LogError):
                self.cluster.log.rewind(group, TOPIC, since)
            return
        lag = self.cluster.log.rewind(group, TOPIC, since)
        if known is not None:
            for partition in PARTITIONS:
                target = self.model.start[partition]
                if since is not None:
                    held = self.model.values[partition][target:]
                    target += sum(time < since for time, _ in held)
                known.committed[partition] = min(known.committed[partition], target)
        assert lag == self.expected_progress(group).lag

    @rule(group=groups)
    @precondition(lambda self: len(self.members) < 6)
    def join(self, group: str) -> None:
        self.joined += 1
        known = self.groups.setdefault(group, GroupModel(dict(self.model.start)))
        self.members.append(Member(self.joined, group, self.cluster.member(group, TOPIC)))
        known.members.append(self.joined)
        known.share()

    @rule(pick=picks, crash=st.booleans())
    @precondition(lambda self: self.members)
    def leave(self, pick: int, crash: bool) -> None:
        member = self.members.pop(pick % len(self.members))
        if crash:
            self.cluster.kill(member.consumer)
            self.notice_death(member.group)
        else:
            member.consumer.close()
        self.groups[member.group].members.remove(member.id)
        self.groups[member.group].share()

    def notice_death(self, group: str) -> None:
        """Let the others notice a death now; by themselves they do so a tenth of a second later."""

    @rule(pick=picks, limit=st.integers(0, 12))
    @precondition(lambda self: self.members)
    def poll(self, pick: int, limit: int) -> None:
        member = self.members[pick % len(self.members)]
        group = self.groups[member.group]
        records = member.consumer.poll(limit, 0)
        owned = {partition for partition in PARTITIONS if group.owner[partition] == member.id}
        assert member.consumer.assigned() == owned
        for partition in owned:
            if member.epochs.get(partition) != group.epoch[partition]:
                member.positions[partition] = group.committed[partition]
        member.epochs = {partition: group.epoch[partition] for partition in owned}
        ready = sum(len(self.model.values[partition]) - member.positions[partition] for partition in owned)
        assert len(records) == min(limit, ready)
        for record in records:
            assert record.partition in owned
            assert record.offset == member.positions[record.partition], "in order, without gaps or repeats"
            expected = self.model.values[record.partition][record.offset]
            assert (record.appended, record.value) == expected
            member.positions[record.partition] += 1

    @rule(pick=picks, held_back=st.lists(st.integers(0, 3), min_size=4, max_size=4))
    @precondition(lambda self: self.members)
    def commit(self, pick: int, held_back: list[int]) -> None:
        """Commit, including partitions that it has lost since, or once owned."""
        member = self.members[pick % len(self.members)]
        group = self.groups[member.group]
        offsets = {
            partition: max(0, position - held_back[partition])
            for partition, position in member.positions.items()
        }
        member.consumer.commit(offsets)
        for partition, offset in offsets.items():
            if member.epochs.get(partition) == group.epoch[partition]:
                group.committed[partition] = max(group.committed[partition], offset)

    # Invariants after each step

    def expected_progress(self, group: str) -> Progress:
        known = self.groups.get(group)
        done = sum((known.committed if known else self.model.start).values())
        return Progress(done, sum(map(len, self.model.values.values())) - done)

    @invariant()
    def progress_agrees(self) -> None:
        for group in GROUPS:
            assert self.cluster.log.progress(group, TOPIC) == self.expected_progress(group)

    def teardown(self) -> None:
        """At the end a new member reads all records."""
        if not hasattr(self, "cluster"):
            return
        with self.cluster.log.consumer("newcomer", TOPIC) as consumer:
            found = defaultdict(list)
            for record in consumer.poll(10**6, 0):
                found[record.partition].append(record.value)
        for partition, values in self.model.values.items():
            assert found[partition] == [value for _, value in values[self.model.start[partition] :]]
        self.cluster.close()


class MemoryMachine(LogMachine):
    def make(self) -> Cluster:
        return MemoryCluster()


class SqliteMachine(LogMachine):
    def make(self) -> Cluster:
        self.folder = tempfile.TemporaryDirectory()
        return SqliteCluster(Path(self.folder.name))

    def notice_death(self, group: str) -> None:
        log = self.cluster.log
        assert isinstance(log, SqliteLog)
        log._members.bury_dead(Group(group, log._topics[TOPIC].id))

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "folder"):
            self.folder.cleanup()


TestMemoryLog = MemoryMachine.TestCase
TestMemoryLog.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestSqliteLog = SqliteMachine.TestCase
TestSqliteLog.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
