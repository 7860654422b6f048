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
    """Its base URL, such as `https://kibana.example:5601`; '' leaves Kibana alone."""
    space: str = ""
    """The id of a space; '' is the default one."""
    api_key: str = ""
    """As Kibana shows it (base64)."""
    username: str = ""
    password: str = ""
    ca_file: str = ""
    """Certificates (PEM) of who may sign its certificate; '' takes the system's."""
    timeout_seconds: Positive = 60.0
    """For one request."""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`."""
        if self.url and not _URL.fullmatch(self.url):
            yield Fault(
                "url",
                "expected a URL like https://kibana.example:5601, without a password (kibana.username, kibana.password)",
            )
        if not _SPACE.fullmatch(self.space):
            yield Fault(
                "space", f"expected a space's id (small letters, digits, _ and -), got {self.space!r}"
            )
        yield from login_faults(self.username, self.password, self.api_key, "kibana")
