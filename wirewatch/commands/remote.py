"""Asking another wirewatch over its API, in place of the data on this machine."""

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from ipaddress import ip_address
from typing import Any, TypeVar

import click
import msgspec

from stream.errors import ConfigError, QueryError, RetryLater

F = TypeVar("F", bound=Callable[..., Any])
M = TypeVar("M", bound=msgspec.Struct)

SECONDS = 60.0
"""Without a byte."""
_CHUNK = 65_536


class _Problem(msgspec.Struct):
    """A fault as the API tells it (RFC 9457)."""

    detail: str = ""
    parameter: str | None = None
    position: int | None = None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A token must not be led to another server."""

    def redirect_request(self, *_: Any) -> None:
        """None means that it is an error."""


@dataclass(frozen=True)
class Remote:
    """Another wirewatch.

    Attributes:
        server: the address of its page.
        token: what it knows us by; '' if it asks for none.
    """

    server: str
    token: str

    def document(self, path: str, kind: type[M], **parameters: object) -> M:
        """A document of the API.

        Raises QueryError, ConfigError if it is refused, or RetryLater if it can't be had now.
        """
        with self._answer(path, parameters) as answer:
            try:
                return msgspec.json.decode(answer.read(), type=kind)
            except msgspec.DecodeError as error:
                raise ConfigError(
                    f"--server {self.server}: this is no answer of a wirewatch that this one understands: {error}"
                ) from error

    def parts(self, path: str, **parameters: object) -> Iterator[bytes]:
        """What is at an address, as it comes."""
        with self._answer(path, parameters) as answer:
            while part := answer.read1(_CHUNK):
                yield part

    @contextmanager
    def _answer(self, path: str, parameters: dict[str, object]) -> Iterator[HTTPResponse]:
        given = {name: str(value) for name, value in parameters.items() if value not in (None, "")}
        address = f"{self.server.rstrip('/')}{path}?{urllib.parse.urlencode(given)}"
        request = urllib.request.Request(  # noqa: S310 - http or https: `_remote` has checked it
            address, headers={"Accept": "application/json"}
        )
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            opened = urllib.request.build_opener(_NoRedirects).open(request, timeout=SECONDS)
            with opened as answer:
                yield answer
        except urllib.error.HTTPError as error:
            raise self._refused(error, given.get("q", "")) from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise RetryLater("unreachable", f"--server {self.server} can't be asked now: {reason}") from error

    def _refused(self, error: urllib.error.HTTPError, query: str) -> Exception:
        with error:
            try:
                problem = msgspec.json.decode(error.read(_CHUNK), type=_Problem)
            except msgspec.DecodeError:
                problem = _Problem(detail=f"HTTP {error.code} {error.reason}")
        if problem.parameter == "q" and problem.position is not None:
            return QueryError(problem.detail, query, problem.position)
        if error.code >= 500 or error.code == 429:
            return RetryLater(f"http-{error.code}", f"--server {self.server}: {problem.detail}")
        hint = " (--token, or WIREWATCH_TOKEN)" if error.code == 401 else ""
        return ConfigError(f"--server {self.server}: {problem.detail}{hint}")


def with_server(command: F) -> F:
    """Add --server and --token to a command, which gets `server`: a Remote, or None for this machine's own data."""
    command = click.option(
        "--token", envvar="WIREWATCH_TOKEN", default="", expose_value=False, is_eager=True, callback=_keep_token,
        help="What the server knows you by (`wirewatch tokens add`, there). Better in WIREWATCH_TOKEN.",
    )(command)  # fmt: skip
    return click.option(
        "--server", envvar="WIREWATCH_SERVER", default="", callback=_remote, metavar="URL",
        help="Ask the wirewatch whose page is at this address, such as https://desk.example. Also WIREWATCH_SERVER.",
    )(command)  # fmt: skip


_TOKEN = "wirewatch.token"  # noqa: S105 - a name


def _keep_token(context: click.Context, _: click.Parameter, token: str) -> None:
    context.meta[_TOKEN] = token.strip()


def _remote(context: click.Context, _: click.Parameter, server: str) -> Remote | None:
    if not server:
        return None
    token = context.meta.get(_TOKEN, "")
    try:
        parts = urllib.parse.urlsplit(server)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https") or parts.username or parts.query or parts.fragment:
        raise click.BadParameter(f"expected an address such as https://desk.example, not {server!r}")
    if token and parts.scheme == "http" and not _is_here(host):
        raise click.BadParameter(f"{server}: a token goes to another machine by https only")
    return Remote(server, token)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
