"""The last value of each key of a compacted topic, kept between calls so that each reads only what is new."""

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from stream.log.kafka.access import Kafka
from stream.log.kafka.admin import Admin
from stream.log.kafka.reader import Reader
from stream.log.kafka.records import record_of
from stream.log.kafka.topics import TOMBSTONE_DAYS

_STALE_SECONDS = (
    TOMBSTONE_DAYS * 86_400 / 2
)  # after this, tombstones may be removed before they are seen: start over


class Following:
    """What is written to a topic. For one thread at a time."""

    def __init__(self, admin: Admin, kafka: Kafka, topic: str) -> None:
        self.name = admin.topic_name(topic)
        self._admin = admin
        self._kafka = kafka
        self._topic = topic
        self._reader: Reader | None = None
        self._read = 0.0

    def news(self) -> Iterator[Any]:
        """What was acknowledged before the call, and not returned before, as kafka-python returns it. None before all others
        says that everything comes again. Raises the errors of `translated`; the next call continues from there."""
        if self._reader is not None and time.monotonic() - self._read > _STALE_SECONDS:
            self.close()
        if self._reader is None:
            self._reader = Reader(self._kafka, self._admin.places(self._topic))
            yield None
        yield from self._reader.read_to(self._admin.ends(self._topic))
        self._read = time.monotonic()

    def close(self) -> None:
        """Close the connections."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


class Latest:
    """One compacted topic, held in memory as a whole. Thread-safe."""

    def __init__(self, admin: Admin, kafka: Kafka, topic: str) -> None:
        self._topic = topic
        self._following = Following(admin, kafka, topic)
        self._lock = threading.Lock()
        self._values: dict[str, bytes] = {}

    def read(self) -> Mapping[str, bytes]:
        """Everything acknowledged before the call. Raises the errors of `translated`; the next call continues from there."""
        with self._lock:
            for found in self._following.news():
                if found is None:
                    self._values = {}
                    continue
                key = record_of(self._topic, found).key
                if found.value is None:
                    self._values.pop(key, None)
                else:
                    self._values[key] = found.value
            return dict(self._values)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            self._following.close()
