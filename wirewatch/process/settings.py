"""The section [service] of the configuration."""

import msgspec

from stream.settings import Port


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Health and metrics of a long-lived process over HTTP."""

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Port = 0
    """The port of /healthz, /readyz and /metrics; 0: none. Each process on a machine needs one of its own."""
