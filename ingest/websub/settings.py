"""The section [websub] of the configuration."""

import re
from collections.abc import Iterator

import msgspec

from stream.settings import Fault, Port

_CALLBACK = re.compile(r"https?://[^/?#@\s]+(?:/[^?#@\s]*)?")


class Websub(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """News pushed by WebSub hubs, beside polling."""

    callback_url: str = ""
    """The public URL at which hubs reach wirewatch, such as `https://news.example/websub`; empty: polling only."""
    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Port = 8765
    """The port to listen on for what arrives at `callback_url`; 0: any free port."""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`."""
        if self.callback_url and not _CALLBACK.fullmatch(self.callback_url):
            yield Fault(
                "callback_url",
                f"expected a URL like https://news.example/websub, without a query, got {self.callback_url!r}",
            )
