"""The settings of the page and the API."""

import msgspec

from stream.settings import Port

DEFAULT_PORT = 8770


class Web(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The page and the API, which `wirewatch run`, `demo` and `serve` answer with on this machine."""

    port: Port = DEFAULT_PORT
    """The port on 127.0.0.1; 0: none, but for `serve`."""
    names: tuple[str, ...] = ()
    """Further names that a browser may call it by, such as that of a proxy on this machine: `desk.example:8443`."""
