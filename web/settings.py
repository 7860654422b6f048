"""The settings of the page and the API."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from stream.settings import Fault, Port
from web.access.proxy import networks_of

DEFAULT_PORT = 8770
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")


class Web(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The page and the API, which `wirewatch run`, `demo` and `serve` answer with on this machine."""

    host: str = "127.0.0.1"
    """The address to listen on. Where other machines can reach it, people must log in: see `wirewatch users`."""
    port: Port = DEFAULT_PORT
    """The port to listen on; 0: none, but for `serve`."""
    names: tuple[str, ...] = ()
    """Further names that a browser may call it by, such as that of a proxy on this machine: `desk.example:8443`."""
    url: str = ""
    """The address that people open it at, such as `https://desk.example`: its name is answered to, and with https its cookies
    are sent over https only. Empty: that of host and port."""
    tls_cert: str = ""
    """The file with its certificate and those above it (PEM); empty: no TLS."""
    tls_key: str = ""
    """The file with the certificate's key (PEM)."""
    proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies before it, such as `10.0.0.2`: their X-Forwarded-For is believed, and `user_header`."""
    user_header: str = ""
    """The header in which these proxies name who asks, such as `Remote-User`; they must set or remove it in each request."""
    user_role: Literal["reader", "analyst", "admin"] = "analyst"
    """The role of a person whom a proxy names and `wirewatch users` doesn't."""
    requests_per_minute: Annotated[int, msgspec.Meta(ge=0)] = 600
    """How many requests a person or token may make, where people log in; 0: any number."""

    share_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 90
    """How many days a link to a single view, for people without log-in, may be good; 0: nobody shares any."""
    images: bool = False
    """Whether articles are shown with their pictures: this machine fetches them when they are first looked at, makes them small
    and keeps them, so readers' browsers ask no outlet for anything. Needs Pillow: `pip install 'wirewatch[images]'`."""
    images_bytes: Annotated[int, msgspec.Meta(ge=1_000_000)] = 500_000_000
    """How much of the disk they may take: some 25,000 pictures. Those that nobody looked at for longest go first."""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`."""
        if bool(self.tls_cert) != bool(self.tls_key):
            yield Fault("tls_key", "web.tls_cert and web.tls_key belong together")
        if self.url and not _is_site(self.url):
            yield Fault(
                "url", f"expected an address like https://desk.example, without a path, got {self.url!r}"
            )
        if self.user_header and not _HEADER.fullmatch(self.user_header):
            yield Fault(
                "user_header", f"expected a header's name, such as Remote-User, got {self.user_header!r}"
            )
        if self.user_header and not self.proxies:
            yield Fault("proxies", "web.user_header is believed of these alone: name the proxy's address")
        try:
            networks_of(self.proxies)
        except ValueError as error:
            yield Fault("proxies", f"expected addresses or networks: {error}")

    @property
    def is_encrypted(self) -> bool:
        """Whether browsers reach it by https alone: its own, or that of a proxy."""
        return bool(self.tls_cert) or self.url.startswith("https:")


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_site(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and not parts.path.strip("/")
            and not parts.query
        )
    except ValueError:
        return False
