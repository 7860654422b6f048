"""The contract of the log (test_log.py), against a real Kafka broker.

Kafka keeps the contract with these differences, which `Member` and `IN_ITS_OWN_WAY` compensate for:

- A broker notices that a member was killed only after its session, and the other members notice one that left or joined only
with their next heartbeat. So the suite's members return from `close` and `kill` once the broker has noticed.
- A commit or a message is visible to others as soon as the call returns, as everywhere. The owner that the model of
  test_log_properties.py predicts is that of our own assignment; Kafka's sticky assignor may choose another, so that suite is
  not run here: tests/integration/test_kafka.py has the random walks.
"""

import gc
import inspect
import itertools
import uuid
from collections.abc import Iterator

import pytest
from contracts import test_log
from contracts.test_log import SPECS, Clock, Cluster, owns
from servers.kafka import SESSION_SECONDS
from waiting import wait_until

from stream.log.base import Consumer, Log
from stream.log.kafka.access import Kafka
from stream.log.kafka.consumer import GroupMember
from stream.log.kafka.log import KafkaLog

IN_ITS_OWN_WAY = frozenset({"test_a_closed_consumer_can_be_closed_again"})
"""Their Kafka version stands below under the same name."""

globals().update(
    {
        name: test
        for name, test in vars(test_log).items()
        if name.startswith("test_")
        and "cluster" in inspect.signature(test).parameters
        and name not in IN_ITS_OWN_WAY
    }
)

# kafka-python 3.0.12 leaves a connection that is just being opened to the garbage collector when a client is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")

_numbers = itertools.count()


class Member:
    """A consumer in a process of its own, as the suite sees it: when a call returns, the broker has noticed its effect. In
    production the broker notices a death after `session_seconds`, and the others learn of it with their next heartbeats."""

    def __init__(self, log: KafkaLog, group: str, topic: str) -> None:
        self._log = log
        self._group_id = log._admin.group_id(group, topic)
        self._inner = log.consumer(group, topic)
        self.poll = self._inner.poll
        self.assigned = self._inner.assigned
        self.ownership = self._inner.ownership
        self.commit = self._inner.commit

    def close(self) -> None:
        self._inner.close()
        wait_until(lambda: self._state() in ("Stable", "Empty", "Dead"))

    def kill(self) -> None:
        """Stop without telling the broker."""
        inner: GroupMember = self._inner
        living = self._living()
        inner._client._coordinator.maybe_leave_group = lambda **_: None
        inner.close()
        wait_until(lambda: self._living() < living or self._state() in ("Empty", "Dead"))

    def _describe(self) -> dict[str, object]:
        found: dict[str, object] = self._log._admin.client.describe_groups([self._group_id])[self._group_id]
        return found

    def _state(self) -> object:
        return self._describe()["group_state"]

    def _living(self) -> int:
        return len(self._describe()["members"])  # type: ignore[arg-type]

    def __enter__(self) -> "Member":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class KafkaCluster:
    def __init__(self, bootstrap: str) -> None:
        self.clock = Clock()
        self._kafka = Kafka(
            bootstrap_servers=bootstrap,
            prefix=f"test-{uuid.uuid4().hex[:8]}-{next(_numbers)}.",
            session_seconds=SESSION_SECONDS,
        )
        self.log: Log = KafkaLog(self._kafka, SPECS, self.clock)
        self._members: list[Member] = []

    def member(self, group: str, topic: str) -> Consumer:
        assert isinstance(self.log, KafkaLog)
        self._members.append(Member(self.log, group, topic))
        return self._members[-1]

    def kill(self, consumer: Consumer) -> None:
        assert isinstance(consumer, Member)
        self._members.remove(consumer)
        consumer.kill()

    def restart(self) -> None:
        self.close()
        self.log = KafkaLog(self._kafka, SPECS, self.clock)

    def close(self) -> None:
        for member in self._members:
            member._inner.close()
        self._members.clear()
        self.log.close()
        gc.collect()


@pytest.fixture
def cluster(kafka: str) -> Iterator[Cluster]:
    made = KafkaCluster(kafka)
    yield made
    made.close()


def test_a_closed_consumer_can_be_closed_again(cluster: Cluster) -> None:
    first, second = cluster.log.consumer("g", "line"), cluster.log.consumer("g", "line")
    first.close()
    first.close()
    wait_until(owns(second, 1))  # at its next heartbeat
    second.close()
