"""The section [websub] of the configuration."""

import re
from collections.abc import Iterator

import msgspec

from stream.settings import Fault, Port

_CALLBACK = re.compile(r"https?://[^/?#@\s]+(?:/[^?#@\s]*)?")


class Websub(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Being told of news by hubs (WebSub), beside polling."""

    callback_url: str = ""
    """Where hubs reach us from outside, such as `https://news.example/websub`; '' leaves it at polling."""
    host: str = "127.0.0.1"
    port: Port = 8765
    """Where we listen for what arrives at `callback_url`; 0: any free port."""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`."""
        if self.callback_url and not _CALLBACK.fullmatch(self.callback_url):
            yield Fault(
                "callback_url",
                f"expected a URL like https://news.example/websub, without a query, got {self.callback_url!r}",
            )
