"""The section [fetch] of the configuration."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Annotated

import msgspec

from ingest.http.proxies import NONE, parse_proxy
from stream.settings import Count, Fault, NotNegative, Positive

_LANGUAGES = re.compile(
    r"[A-Za-z0-9*-]+(?:;q=[01](?:\.[0-9]{1,3})?)?(?:, ?[A-Za-z0-9*-]+(?:;q=[01](?:\.[0-9]{1,3})?)?)*"
)


class Fetch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings for fetching pages."""

    gap_seconds: NotNegative = 1.0
    """The pause between two requests to one host."""
    timeout_seconds: Positive = 30.0
    """The time limit for one request, redirects included."""
    max_bytes: Count = 10_000_000
    """The largest body that is read, after decompression; of a page at most 5 MB."""
    concurrency: Count = 64
    """How many requests run at once, over all hosts."""
    robots: bool = True
    """Respect robots.txt: skip the pages it forbids and keep its Crawl-delay (up to 30 s)."""
    contact: str = ""
    """A URL or mail address that goes into the User-Agent, so that a site can reach you."""
    languages: str = "*"
    """The languages to ask for, as in the header Accept-Language (`en, fr;q=0.5`); `*`: as the site prefers."""
    proxy: str = ""
    """The URL of a proxy (http, socks5, socks5h); '': as HTTP_PROXY, HTTPS_PROXY and ALL_PROXY say; `none`: no proxy."""
    proxy_resolves: bool = False
    """Whether host names are left to the proxy. Then it alone decides which addresses are reached; else we check each."""
    no_proxy: tuple[str, ...] = ()
    """Hosts, domains and networks that are reached without the proxy, besides those of NO_PROXY."""
    allow_private: tuple[str, ...] = ()
    """Private networks (CIDR) that may be contacted."""
    allow_ports: tuple[Annotated[int, msgspec.Meta(ge=1, le=65_535)], ...] = ()
    """Ports that may be contacted in addition to 80, 443, and those from 1024 up that belong to no other protocol."""
    hosts: dict[str, str] = msgspec.field(default_factory=dict)
    """Addresses by host name, as in /etc/hosts; they take precedence over DNS."""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`."""
        if not _LANGUAGES.fullmatch(self.languages):
            yield Fault("languages", f"expected languages like 'en, fr;q=0.5', got {self.languages!r}")
        if self.proxy not in ("", NONE):
            try:
                parse_proxy(self.proxy)
            except ValueError as error:
                yield Fault("proxy", f"{error}; or '{NONE}'")
        for network in self.allow_private:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                yield Fault("allow_private", f"expected a network like 10.0.0.0/8: {error}")
        for host, address in self.hosts.items():
            try:
                ipaddress.ip_address(address)
            except ValueError:
                yield Fault(f"hosts.{host}", f"expected an IP address, got {address!r}")
