"""The section [kafka] of the configuration: where the brokers are, and who we are to them."""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from stream.settings import Count, Fault, Positive


class Kafka(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The log in Kafka, instead of the embedded one."""

    bootstrap_servers: str = ""
    """`host:port`, several with commas between; '' leaves the log embedded."""
    prefix: str = "wirewatch."
    """Of the names of all topics and consumer groups."""
    partitions: Count = 8
    """Of each topic: as many members can share a stage."""
    replication: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Copies of each topic that is created; 0 takes the broker's default."""
    retention_days: dict[str, Positive] = msgspec.field(default_factory=dict)
    """By topic: after so long the broker forgets messages, done or not. By default it forgets none by itself: what is done
    goes after `log.keep_days`."""
    compression: Literal["zstd", "lz4", "gzip", "none"] = "zstd"
    max_message_bytes: Count = 20_000_000
    timeout_seconds: Positive = 15.0
    """How long a call waits for an answer."""
    session_seconds: Positive = 10.0
    """A member that was not heard of for so long counts as dead."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str = ""
    password: str = ""
    ca_file: str = ""
    """Certificates (PEM) of who may sign the brokers' certificates; '' takes the system's."""
    cert_file: str = ""
    """Our own certificate (PEM), where the brokers ask for one."""
    key_file: str = ""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`. Nothing is asked of a log that is not used."""
        signed = self.security_protocol.startswith("SASL")
        if self.bootstrap_servers and signed and not (self.username and self.password):
            yield Fault(
                "username",
                f"{self.security_protocol} needs kafka.username and kafka.password (better as WIREWATCH_KAFKA_PASSWORD)",
            )
