"""The section [kibana] of the configuration."""

import re
from collections.abc import Iterator

import msgspec

from stream.settings import Fault, Positive, login_faults

_URL = re.compile(r"https?://[^/?#@\s]+(?:/[^?#@\s]*)?")
_SPACE = re.compile(r"[a-z0-9_-]*")


class Kibana(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where `wirewatch setup` loads the data view, the Discover sessions, the dashboard and the rules."""

    url: str = ""
    """Its base URL, such as `https://kibana.example:5601`; empty: Kibana is left alone."""
    space: str = ""
    """The id of a space; empty: the default space."""
    api_key: str = ""
    """An API key, as Kibana shows it (base64)."""
    username: str = ""
    """The user, in place of an API key."""
    password: str = ""
    """The user's password."""
    ca_file: str = ""
    """The authorities (PEM) that may sign its certificate; empty: the system's."""
    timeout_seconds: Positive = 60.0
    """The limit for one request."""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`."""
        if self.url and not _URL.fullmatch(self.url):
            yield Fault(
                "url",
                "expected a URL like https://kibana.example:5601, without a password (kibana.username, kibana.password)",
            )
        if not _SPACE.fullmatch(self.space):
            yield Fault(
                "space", f"expected a space's id (lower-case letters, digits, _ and -), got {self.space!r}"
            )
        yield from login_faults(self.username, self.password, self.api_key, "kibana")
