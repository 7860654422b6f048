"""A proxy before us: whom it names, and for whom it asks."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import msgspec

from web.access.person import Scope

Network = IPv4Network | IPv6Network


class Proxy(msgspec.Struct, frozen=True):
    """A trusted proxy.

    Attributes:
        networks: its addresses.
        header: in which it names who asks; '' if it names nobody.
        scope: what a person may do whom it names, and who is not among the accounts.
    """

    networks: tuple[Network, ...]
    header: str = ""
    scope: Scope = "desk"

    def is_at(self, address: str) -> bool:
        """Whether an address is the proxy's."""
        try:
            known = ip_address(address)
        except ValueError:
            return False
        return any(known in network for network in self.networks)


def networks_of(texts: Sequence[str]) -> tuple[Network, ...]:
    """Addresses and networks; raises ValueError for what is neither."""
    return tuple(ip_network(text) for text in texts)


def caller(peer: str, forwarded: str, proxy: Proxy | None) -> str:
    """The address that a request came from.

    Args:
        peer: who is connected to us.
        forwarded: the header X-Forwarded-For; of it only what the proxy itself has added is believed.
        proxy: None if there is none.
    """
    for address in reversed([*(one.strip() for one in forwarded.split(",")), peer]):
        if not address:
            break
        if proxy is None or not proxy.is_at(address):
            return address
    return peer
