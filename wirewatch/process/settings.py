"""The sections [service] and [traces] of the configuration."""

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from stream.settings import Fault, Port


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Health and metrics of a long-lived process over HTTP."""

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Port = 0
    """The port of /healthz, /readyz and /metrics; 0: none. Each process on a machine needs one of its own."""


class Traces(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The way of articles through the stages, for OpenTelemetry: needs `pip install 'wirewatch[traces]'`."""

    endpoint: str = ""
    """Where spans are sent by OTLP over HTTP, such as `http://collector.example:4318/v1/traces`; empty: nothing is recorded."""
    share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    """The share of articles whose way is recorded, chosen alike by all processes."""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`."""
        parts = urlsplit(self.endpoint)
        if self.endpoint and not (parts.scheme in ("http", "https") and parts.hostname):
            yield Fault(
                "endpoint",
                f"expected a URL like http://collector.example:4318/v1/traces, got {self.endpoint!r}",
            )
