"""Who may use the page of this installation, and under which address."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import structlog

from stream.clock import utc_now
from stream.errors import ConfigError
from web.access.accounts import Accounts
from web.access.audit import Audit
from web.access.files import access_file
from web.access.person import ROLES
from web.access.proxy import Proxy, networks_of
from web.access.services import Access, LogIn
from web.access.sessions import Sessions
from web.access.shares import Shares
from web.access.tokens import Tokens
from web.settings import Web, is_loopback
from wirewatch.commands.settings import Settings, hint
from wirewatch.process.private import make_folder

log_line = structlog.get_logger("wirewatch.commands.page")

_WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - what they mean is told apart here


def access_of(settings: Settings, host: str) -> Access:
    """Who may use a page that listens on `host`.

    On this machine alone, nobody logs in until people are added. Elsewhere it raises ConfigError where nobody is named.
    """
    config = settings.config.web
    database = access_file(settings.paths.data)
    accounts = Accounts(database, utc_now)
    if not is_loopback(host) and not accounts.all() and not config.user_header:
        raise ConfigError(
            f"web.host: other machines can reach {host}, and nobody is named who may use the page: add a person"
            f" ({hint(settings, 'users add NAME --role admin')}), or name the header of a proxy that knows them"
            " ([web] user_header and proxies)"
        )
    make_folder(settings.paths.data)
    login = LogIn(
        accounts,
        Sessions(database, utc_now),
        Tokens(database, utc_now),
        per_minute=config.requests_per_minute,
        shares=Shares(database, utc_now) if config.share_days else None,
        share_days=config.share_days,
    )
    asks = not is_loopback(host) or bool(accounts.all()) or bool(config.user_header)
    if asks and not is_loopback(host) and not config.is_encrypted:
        log_line.warning(
            "passwords cross the network unencrypted: set [web] tls_cert, or url where a proxy has TLS"
        )
    proxy = Proxy(networks_of(config.proxies), config.user_header, ROLES[config.user_role])
    return Access(
        login=login if asks else None,
        proxy=proxy if config.proxies else None,
        audit=Audit(settings.paths.data, utc_now),
        encrypted=config.is_encrypted,
    )


def address_of(config: Web, host: str, port: int) -> str:
    """The address of the page, for people."""
    if config.url:
        return f"{config.url.rstrip('/')}/"
    scheme = "https" if config.tls_cert else "http"
    shown = socket.gethostname() if host in _WILDCARDS else host
    return f"{scheme}://{f'[{shown}]' if ':' in shown else shown}:{port}/"


def names_of(config: Web, host: str, port: int) -> Iterator[str]:
    """The values of the Host header by which the page is called, beside those of this machine itself."""
    if config.url:
        yield urlsplit(config.url).netloc
    if host not in _WILDCARDS:
        yield f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return
    own = socket.gethostname()
    yield f"{own}:{port}"
    try:
        found = socket.getaddrinfo(own, None, type=socket.SOCK_STREAM)
    except OSError:
        return
    for *_, address in found:
        shown = str(address[0]).partition("%")[0]
        yield f"[{shown}]:{port}" if ":" in shown else f"{shown}:{port}"
