"""Chooses the proxy of a request from the configuration and the standard environment variables; pure functions."""

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

NONE: Final = "none"
"""In the configuration: no proxy, whatever the environment says."""
EXPECTED: Final = "expected a URL like http://proxy.example:3128, socks5://... or socks5h://..."

_PORTS: Final = {"http": 80, "socks5": 1080, "socks5h": 1080}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class Proxy(msgspec.Struct, frozen=True):
    """A proxy, as its URL names it. It shows itself without user name and password."""

    scheme: str
    """`http`, or `socks5`."""
    host: str
    port: int
    user: str = ""
    password: str = ""
    resolves: bool = False
    """Whether it resolves names itself; otherwise it gets addresses that we have resolved and checked."""

    @property
    def name(self) -> str:
        """Its name in messages."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __repr__(self) -> str:
        return f"Proxy({self.name})"


class Proxies(msgspec.Struct, frozen=True):
    """The proxy for each URL scheme, and the hosts that are reached without one."""

    http: Proxy | None = None
    https: Proxy | None = None
    exempt: tuple[str, ...] = ()
    """As in NO_PROXY: `*`, a host or domain (with all below it), an address, a network; all but the last may have a port."""

    def to(self, scheme: str, host: str, port: int) -> Proxy | None:
        """The proxy for a host; None: connect directly."""
        proxy = self.http if scheme == "http" else self.https
        if proxy is None or any(_covers(one, host.lower().rstrip("."), port) for one in self.exempt):
            return None
        return proxy


NO_PROXIES: Final = Proxies()


def parse_proxy(url: str, *, resolves: bool = False) -> Proxy:
    """A proxy from its URL; without a scheme it is an HTTP proxy. `socks5h` means that the proxy resolves names itself.

    Raises ValueError, whose message does not repeat the URL, since that may hold a password.
    """
    try:
        parts = urlsplit(url.strip() if _SCHEME.match(url.strip()) else f"http://{url.strip()}")
        port = parts.port
    except ValueError:
        raise ValueError(EXPECTED) from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(EXPECTED)
    return Proxy(
        scheme="http" if parts.scheme == "http" else "socks5",
        host=parts.hostname,
        port=_PORTS[parts.scheme] if port is None else port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        resolves=resolves or parts.scheme == "socks5h",
    )


def choose_proxies(
    setting: str, no_proxy: Sequence[str], environment: Mapping[str, str], *, resolves: bool
) -> Proxies:
    """The proxies in use.

    Args:
        setting: from the configuration: the URL of a proxy for everything, `none`, or '' for what the environment names.
        no_proxy: hosts that the configuration exempts, besides NO_PROXY.
        environment: has HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; lower-case names take precedence.
        resolves: whether names are handed to proxies as they are.

    Raises ValueError, which names the variable, if a proxy's URL can't be read.
    """
    if setting == NONE:
        return NO_PROXIES
    exempt = tuple(one for one in (*no_proxy, *_listed(_variable(environment, "no_proxy")[1])) if one)
    if setting:
        proxy = parse_proxy(setting, resolves=resolves)
        return Proxies(proxy, proxy, exempt)
    http, https = (_named(environment, name, resolves=resolves) for name in ("http_proxy", "https_proxy"))
    return Proxies(http, https, exempt)


def _named(environment: Mapping[str, str], name: str, *, resolves: bool) -> Proxy | None:
    """The proxy that the environment names."""
    spelling, url = _variable(environment, name, "all_proxy")
    try:
        return parse_proxy(url, resolves=resolves) if url else None
    except ValueError as error:
        raise ValueError(f"{spelling}: {error}") from None


def _variable(environment: Mapping[str, str], *names: str) -> tuple[str, str]:
    """The first variable that is set, with its spelling, and its value; ('', '') if none is."""
    for name in names:
        for spelling in (name, name.upper()):
            if value := environment.get(spelling, "").strip():
                return spelling, value
    return "", ""


def _listed(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"[,\s]+", text)]


def _covers(exempt: str, host: str, port: int) -> bool:
    """Whether an entry of NO_PROXY covers a host."""
    if exempt == "*":
        return True
    name, wanted = _with_port(exempt.lower())
    if wanted and wanted != port:
        return False
    try:
        return ip_address(host.strip("[]")) in ip_network(name, strict=False)
    except (ValueError, TypeError):  # one of them is a name, or they are of different families
        name = name.removeprefix("*").lstrip(".")
        return host == name or host.endswith(f".{name}")


def _with_port(entry: str) -> tuple[str, int]:
    """An entry of NO_PROXY as host and port; the port is 0 if it has none."""
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(\d+))?", entry)
    if bracketed:
        return bracketed[1], int(bracketed[2] or 0)
    name, colon, port = entry.partition(":")
    return (name, int(port)) if colon and port.isdigit() else (entry, 0)
