"""The section [service] of the configuration."""

import msgspec

from stream.settings import Port


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a long-lived process shows of itself over HTTP."""

    host: str = "127.0.0.1"
    port: Port = 0
    """Where /healthz and /readyz answer; 0: nowhere."""
