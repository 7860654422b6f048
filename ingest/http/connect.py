"""From host name to connection: the host table, DNS, and sockets that connect only where the guard allows."""

import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from ingest.http.guard import BlockedAddress, Network, check, check_port


class HostTable(AbstractResolver):
    """Resolves host names by a static table, or else by another resolver.

    Forbidden addresses are left out if a host has others; the guard itself is in the socket factory.
    """

    def __init__(
        self,
        hosts: Mapping[str, str],
        others: AbstractResolver,
        allowed: Sequence[Network],
        ports: Collection[int] = (),
    ) -> None:
        self._hosts = hosts
        self._others = others
        self._allowed = allowed
        self._ports = ports

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host; raises OSError if it has none."""
        known = self._hosts.get(host.rstrip("."))
        found = [fixed(host, known, port)] if known else await self._others.resolve(host, port, family)
        if not found:
            raise OSError(f"{host} has no address")
        return [one for one in found if reachable(one, self._allowed, self._ports)] or found

    async def close(self) -> None:
        """Release the other resolver."""
        await self._others.close()


def fixed(host: str, address: str, port: int) -> ResolveResult:
    """A row of the host table, in aiohttp's form."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
    )


def reachable(found: ResolveResult, allowed: Sequence[Network], ports: Collection[int]) -> bool:
    """Whether the guard would allow an address, or a name, of which only the port can be judged."""
    try:
        judge(found["host"], found["port"], allowed, ports)
    except BlockedAddress:
        return False
    return True


def judge(host: str, port: int, allowed: Sequence[Network], ports: Collection[int]) -> None:
    """Raise BlockedAddress for an address that must not be reached; for a name, which a proxy looks up, only the port is
    judged."""
    try:
        address = ip_address(host)
    except ValueError:
        check_port(host, port, ports)
    else:
        check(address, port, allowed, ports)


def guarded_sockets(
    allowed: Sequence[Network], ports: Collection[int]
) -> Callable[[tuple[Any, ...]], socket.socket]:
    """A maker of sockets that raises BlockedAddress for an address that must not be reached.

    It is called with the exact address (as in `socket.getaddrinfo`) that is connected to next.
    """

    def make(found: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, target = found
        check(ip_address(target[0]), target[1], allowed, ports)
        return socket.socket(family, kind, protocol)

    return make
