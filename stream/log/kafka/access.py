"""The section [kafka] of the configuration: broker addresses and credentials."""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from stream.settings import Count, Fault, Positive


class Kafka(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The log in Kafka, instead of the embedded one."""

    bootstrap_servers: str = ""
    """`host:port`, several separated by commas; empty: use the embedded log."""
    prefix: str = "wirewatch."
    """The prefix of all topic and consumer group names."""
    partitions: Count = 8
    """Partitions per topic: the most processes that can share a stage."""
    replication: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Replicas of each new topic; 0: the broker's default."""
    retention_days: dict[str, Positive] = msgspec.field(default_factory=dict)
    """By topic: after how many days the broker deletes messages, processed or not. By default the broker deletes none;
    wirewatch deletes processed messages after `log.keep_days`."""
    compression: Literal["zstd", "lz4", "gzip", "none"] = "zstd"
    """How messages are compressed."""
    max_message_bytes: Count = 20_000_000
    """The largest message; at least a megabyte above `fetch.max_bytes`."""
    timeout_seconds: Positive = 15.0
    """How long a call waits for a response."""
    session_seconds: Positive = 10.0
    """How long a group member may be silent before it counts as dead."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How to connect: with or without TLS, with or without a login."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    """The SASL login mechanism, if the protocol uses SASL."""
    username: str = ""
    """The user name, if the protocol uses SASL."""
    password: str = ""
    """The user's password."""
    ca_file: str = ""
    """The authorities (PEM) that may sign the brokers' certificates; empty: the system's."""
    cert_file: str = ""
    """The client certificate (PEM), if the brokers ask for one."""
    key_file: str = ""
    """The private key of `cert_file`, if it is in another file."""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`. Nothing is checked if Kafka is not used."""
        signed = self.security_protocol.startswith("SASL")
        if self.bootstrap_servers and signed and not (self.username and self.password):
            yield Fault(
                "username",
                f"{self.security_protocol} needs kafka.username and kafka.password (better as WIREWATCH_KAFKA_PASSWORD)",
            )
