"""The section [service] of the configuration."""

import msgspec

from stream.settings import Port


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The health endpoint of a long-lived process."""

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Port = 0
    """The port of /healthz and /readyz; 0: none."""
