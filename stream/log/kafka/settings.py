"""Turns the section [kafka] of the configuration into keyword arguments for kafka-python's clients."""

from pathlib import Path
from typing import Any

from kafka.codec import has_lz4
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor

from stream.errors import ConfigError
from stream.log.kafka.access import Kafka

FETCH_BYTES = 8 * 2**20  # one broker response: bounds what a reader holds in addition to its own buffer
PARTITION_FETCH_BYTES = 2**20
FETCH_WAIT_MS = 2_000
"""How long a broker holds back an answer that has nothing in it. Each answer costs both sides, which adds up in an idle
system; but a member that gains partitions while it waits for one reads them only after it."""
_BATCH_BYTES = 256 * 2**10


def connection(kafka: Kafka) -> dict[str, Any]:
    """The settings of every client: addresses, credentials, timeouts. Raises ConfigError if a certificate file is
    missing."""
    for key in ("ca_file", "cert_file", "key_file"):
        file = getattr(kafka, key)
        if file and not Path(file).is_file():
            raise ConfigError(f"kafka.{key}: {file}: no such file")
    wait = int(kafka.timeout_seconds * 1000)
    secured = kafka.security_protocol in ("SSL", "SASL_SSL")
    signed = kafka.security_protocol in ("SASL_PLAINTEXT", "SASL_SSL")
    return {
        "bootstrap_servers": [server.strip() for server in kafka.bootstrap_servers.split(",")],
        "client_id": "wirewatch",
        "bootstrap_timeout_ms": wait,
        "request_timeout_ms": wait,
        "reconnect_backoff_max_ms": 1_000,
        "security_protocol": kafka.security_protocol,
        **({"ssl_cafile": kafka.ca_file or None} if secured else {}),
        **(
            {"ssl_certfile": kafka.cert_file or None, "ssl_keyfile": kafka.key_file or None}
            if secured
            else {}
        ),
        **({"sasl_mechanism": kafka.sasl_mechanism} if signed else {}),
        **({"sasl_plain_username": kafka.username, "sasl_plain_password": kafka.password} if signed else {}),
    }


def producer(kafka: Kafka) -> dict[str, Any]:
    """A producer that counts a message as sent only when all in-sync replicas have it.

    It is not idempotent: once a batch of an idempotent producer has expired, kafka-python 3.0.12 never sends again (it drops
    its producer id and does not request another). Sending one request at a time still keeps the order; a retry after an
    outage may duplicate messages, which at-least-once delivery allows. Raises ConfigError if the compression is not available.
    """
    if kafka.compression == "lz4" and not has_lz4():
        raise ConfigError(
            "kafka.compression: lz4 needs the package lz4 (pip install lz4); zstd works without"
        )
    wait = int(kafka.timeout_seconds * 1000)
    return {
        **connection(kafka),
        "acks": "all",
        "enable_idempotence": False,
        "max_in_flight_requests_per_connection": 1,
        "allow_auto_create_topics": False,
        "compression_type": None if kafka.compression == "none" else kafka.compression,
        "batch_size": _BATCH_BYTES,
        "max_request_size": kafka.max_message_bytes,
        "max_block_ms": wait,
        "delivery_timeout_ms": 2 * wait,
    }


def reader(kafka: Kafka) -> dict[str, Any]:
    """A consumer of whole partitions, outside any group."""
    return {
        **connection(kafka),
        "allow_auto_create_topics": False,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "fetch_max_bytes": FETCH_BYTES,
        "fetch_max_wait_ms": FETCH_WAIT_MS,
        "max_partition_fetch_bytes": PARTITION_FETCH_BYTES,
        "receive_message_max_bytes": FETCH_BYTES + PARTITION_FETCH_BYTES + 2 * kafka.max_message_bytes,
    }


def member(kafka: Kafka, group_id: str) -> dict[str, Any]:
    """A consumer that is a member of a group. It counts as dead after `session_seconds` without a heartbeat."""
    return {
        **reader(kafka),
        "group_id": group_id,
        "partition_assignment_strategy": [StickyPartitionAssignor],
        "session_timeout_ms": int(kafka.session_seconds * 1000),
        "heartbeat_interval_ms": int(kafka.session_seconds * 100),
    }
