"""Reads a whole topic outside any group, for `latest` and for the sizes that `trim` needs."""

import time
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from stream.errors import RetryLater
from stream.log.kafka import settings as kafka_settings
from stream.log.kafka.access import Kafka
from stream.log.kafka.connect import connect
from stream.log.kafka.errors import translated

_POLL_SECONDS = 0.5


class Reader:
    """Continues where it last stopped. For one thread at a time; every method raises the errors of `translated`.

    Args:
        kafka: the brokers' addresses.
        places: the partitions, all of one topic.
        since: the offset to begin at, by partition; none: the beginning.
    """

    def __init__(
        self, kafka: Kafka, places: Sequence[TopicPartition], since: Mapping[int, int] = MappingProxyType({})
    ) -> None:
        self._kafka = kafka
        self._places = {place.partition: place for place in places}
        with translated(kafka):
            self._client = connect(KafkaConsumer, kafka_settings.reader(kafka))
            self._client.assign(list(places))
            self._client.seek_to_beginning()
            for number, offset in since.items():
                self._client.seek(self._places[number], offset)
        self._next: dict[int, int] = {**dict.fromkeys(self._places, 0), **since}

    def read_to(self, ends: Mapping[int, int]) -> Iterator[Any]:
        """The records from the last call up to the given offsets (by partition), as kafka-python returns them, in order within
        each partition. Raises RetryLater if nothing comes for `timeout_seconds`."""
        heard = time.monotonic()
        while any(self._next[number] < end for number, end in ends.items()):
            with translated(self._kafka):
                answers = self._client.poll(timeout_ms=int(_POLL_SECONDS * 1000))
                self._note_positions()
            for found in answers.values():
                yield from found
            if answers:
                heard = time.monotonic()
            elif time.monotonic() - heard > self._kafka.timeout_seconds:
                raise RetryLater(
                    "kafka-unavailable", f"{self._kafka.bootstrap_servers}: no answer while reading"
                )

    def _note_positions(self) -> None:
        """The position comes from the client, not from the last record, because compaction leaves gaps."""
        for number, place in self._places.items():
            position = self._client.position(place, timeout_ms=int(_POLL_SECONDS * 1000))
            self._next[number] = position if position is not None else self._next[number]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
