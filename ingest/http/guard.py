"""Decides which addresses may be contacted: pages and feeds are untrusted, and must not lead us into our own network.

The check applies to the exact address that a socket is about to connect to, so redirects, odd spellings of an address and
DNS rebinding can't get around it.

Sources: RFC 6890 and the registries that it set up, as of 2026: IANA IPv4 Special-Purpose Address Registry, IANA IPv6
Special-Purpose Address Registry, IANA IPv6 Global Unicast Address Assignments; RFC 5771 (IPv4 multicast). If rows
overlap, the most specific one applies, as the registries say; a row passes only if its column "Globally Reachable" is True
(not False or N/A). An IPv6 address that embeds an IPv4 address is judged by that one.

An address does not reveal a network's own NAT64 prefix (RFC 6052) that leads to private IPv4 addresses. If there is one, the
router must block it.
"""

from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SPECIAL_V4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # "this network", RFC 791; Linux connects 0.0.0.0 to itself
        "10.0.0.0/8",  # private use, RFC 1918
        "100.64.0.0/10",  # shared address space of carriers, RFC 6598; holds Alibaba's metadata service
        "127.0.0.0/8",  # loopback, RFC 1122
        "168.63.129.16/32",  # Azure's virtual public address of its host agent (Microsoft, "What is IP address 168.63.129.16?")
        "169.254.0.0/16",  # link-local, RFC 3927; the metadata services of most clouds
        "172.16.0.0/12",  # private use, RFC 1918
        "192.0.0.0/24",  # IETF protocol assignments, RFC 6890; holds DS-Lite, NAT64 discovery, Oracle's metadata service
        "192.0.2.0/24",  # documentation, RFC 5737
        "192.88.99.0/24",  # 6to4 relays, withdrawn by RFC 7526; 6a44 relays, RFC 6751
        "192.168.0.0/16",  # private use, RFC 1918
        "198.18.0.0/15",  # benchmarking, RFC 2544
        "198.51.100.0/24",  # documentation, RFC 5737
        "203.0.113.0/24",  # documentation, RFC 5737
        "224.0.0.0/4",  # multicast, RFC 5771
        "240.0.0.0/4",  # reserved, RFC 1112; holds the broadcast address
    )
)

# Rows inside of special blocks that are globally reachable. The AS112 (192.31.196.0/24, 192.175.48.0/24, 2620:4f:8000::/48) and
# AMT rows (192.52.193.0/24) need no entry: they are True, and lie in no special block.
REACHABLE_V4 = (
    IPv4Network("192.0.0.9/32"),  # Port Control Protocol anycast, RFC 7723
    IPv4Network("192.0.0.10/32"),  # TURN anycast, RFC 8155
)

# The only part of IPv6 that IANA gives out as global unicast. What lies outside is refused as a whole: loopback, unspecified,
# IPv4-mapped, -compatible and -translated, local NAT64 (64:ff9b:1::/48, RFC 8215), discard-only (100::/64),
# segment routing (5f00::/16), unique local, link-local, site-local, multicast, and what nobody owns.
GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")

SPECIAL_V6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # IETF protocol assignments, RFC 2928: Teredo (RFC 4380), benchmarking (RFC 5180), ORCHID (RFC 4843)
        "2001:db8::/32",  # documentation, RFC 3849
        "2002::/16",  # 6to4, RFC 3056: carries an IPv4 address; its relays are withdrawn, RFC 7526
        "3fff::/20",  # documentation, RFC 9637
    )
)

REACHABLE_V6 = tuple(
    IPv6Network(block)
    for block in (
        "2001:1::1/128",  # Port Control Protocol anycast, RFC 7723
        "2001:1::2/128",  # TURN anycast, RFC 8155
        "2001:1::3/128",  # DNS-SD service registration anycast, RFC 9665
        "2001:3::/32",  # AMT, RFC 7450
        "2001:4:112::/48",  # AS112, RFC 7535
        "2001:20::/28",  # ORCHIDv2, RFC 7343
        "2001:30::/28",  # entity tags of drones, RFC 9374
    )
)

# The last 32 bits hold an IPv4 address (RFC 6052). On IPv6-only networks with DNS64, all IPv4 hosts look like this.
NAT64 = IPv6Network("64:ff9b::/96")

# ISATAP (RFC 5214, section 6.1): the third quarter of such an address, whatever its prefix; the IPv4 address is the last one.
ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})

WEB_PORTS = frozenset({80, 443})
FIRST_USER_PORT = 1024  # RFC 6335: the system ports end at 1023

# Ports of other protocols that an HTTP request could fool: the "bad ports" of the Fetch standard
# (https://fetch.spec.whatwg.org/#port-blocking) from 1024 on.
BAD_PORTS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679, 6697, 10080}
)

# And ports of databases, caches, remote control and printers, which serve no pages, but may obey what is sent to them.
SERVICE_PORTS = frozenset(
    {
        1433,
        1521,
        2375,
        2376,
        2379,
        3306,
        3389,
        5432,
        5900,
        5984,
        5985,
        6379,
        9100,
        9200,
        9300,
        10250,
        11211,
        27017,
    }
)


class BlockedAddress(OSError):
    """An address that must not be reached. An OSError, so that connecting treats it like any address that fails.

    Its message is the same for all addresses, since aiohappyeyeballs keeps the type of several failures only if they read
    the same. `target` says which address (and port), and why.
    """

    def __init__(self, target: str) -> None:
        super().__init__("blocked address")
        self.target = target


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, as far as the address shows."""
    if isinstance(address, IPv4Address):
        return is_within(address, REACHABLE_V4) or not is_within(address, SPECIAL_V4)
    number = int(address)
    carried = IPv4Address(number & 0xFFFF_FFFF)
    if address in NAT64:
        return is_public(carried)
    if address not in GLOBAL_UNICAST_V6 or (number >> 32 & 0xFFFF_FFFF in ISATAP and not is_public(carried)):
        return False
    return is_within(address, REACHABLE_V6) or not is_within(address, SPECIAL_V6)


def is_within(address: Address, blocks: Sequence[Network]) -> bool:
    """Whether an address is in one of the networks."""
    return any(address in block for block in blocks)


def is_web_port(port: int) -> bool:
    """Whether a web server may be expected at a port: 80, 443, and all from 1024 on except those of other protocols."""
    return port in WEB_PORTS or (port >= FIRST_USER_PORT and port not in BAD_PORTS | SERVICE_PORTS)


def check(address: Address, port: int, allowed: Sequence[Network], ports: Collection[int] = ()) -> None:
    """Raise BlockedAddress unless an address and port may be connected to.

    Args:
        address: the address that the socket is about to connect to.
        port: the TCP port there.
        allowed: networks that the user has named; every address and port in them is allowed. An IPv4 network does not
            cover the IPv6 spellings of its addresses (`::ffff:10.0.0.1`).
        ports: ports that the user has named, besides the usual ones of web servers.
    """
    if is_within(address, allowed):
        return
    if not is_public(address):
        raise BlockedAddress(f"{address}, which is not a public address")
    check_port(address, port, ports)


def check_port(host: object, port: int, ports: Collection[int]) -> None:
    """Raise BlockedAddress unless a port of a host, which may be a name, may be connected to; `ports` as in `check`."""
    if port not in ports and not is_web_port(port):
        raise BlockedAddress(f"port {port} of {host}, which is not a port for web pages")
