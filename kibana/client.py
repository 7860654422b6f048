"""The few requests that wirewatch sends to Kibana's HTTP API, and its errors in our words."""

import base64
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import msgspec

from kibana.settings import Kibana as Settings
from stream.errors import ConfigError

OLDEST = (9, 5)
"""The first Kibana whose Dashboards API is generally available."""

_MOST_BYTES = 10_000_000
"""Of an answer."""

_REASON_LENGTH = 500

_GRANTS = {
    "/api/saved_objects": "the Kibana privileges `all` for Discover, Data Views and Saved Objects Management",
    "/api/dashboards": "the Kibana privilege `all` for Dashboard",
    "/api/actions/connector": "the Kibana privilege `all` for Actions and Connectors",
    "/api/alerting/rule": "the Kibana privilege `all` for Stack Rules, and `read` on the indices that the rule searches",
    "/api/spaces": "the Kibana privilege `all` in all spaces (role kibana_admin)",
    "/api/security/role": "the Elasticsearch cluster privilege manage_security",
}
"""What a user or key needs for the requests to a path."""


class Answer(msgspec.Struct, frozen=True):
    """What Kibana said: an HTTP status and a JSON object."""

    status: int
    body: dict[str, Any]


class Lines(msgspec.Struct, frozen=True):
    """What Kibana said: an HTTP status, and JSON objects, one a line."""

    status: int
    lines: tuple[dict[str, Any], ...]


class Kibana:
    """A connection to one space of Kibana; an async context manager.

    Every method raises ConfigError if Kibana can't be reached, will not let us, or answers what Kibana does not.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.space = settings.space
        space = f"/s/{quote(settings.space, safe='')}" if settings.space else ""
        self._base = settings.url.rstrip("/") + space
        self._tls = _tls(settings)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers=_headers(self._settings),
            timeout=aiohttp.ClientTimeout(total=self._settings.timeout_seconds),
            connector=aiohttp.TCPConnector(ssl=self._tls),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def version(self) -> str:
        """Kibana's version, such as `9.5.3`; raises ConfigError if it is too old or not ready."""
        answer = await self.request("GET", "/api/status", expected=(200, 503))
        level = _at(answer.body, "status", "overall", "level")
        if answer.status == 503 or level not in ("available", "degraded"):
            raise ConfigError(
                f"Kibana at {self._settings.url} is not ready yet ({level or answer.status}): try again"
            )
        number = _at(answer.body, "version", "number")
        if not isinstance(number, str):
            raise ConfigError(
                f"Kibana at {self._settings.url} does not tell its version to us: check kibana.api_key, or kibana.username and"
                " kibana.password"
            )
        if _parsed(number) < OLDEST:
            raise ConfigError(
                f"Kibana at {self._settings.url} has version {number}: wirewatch's objects need"
                f" {'.'.join(map(str, OLDEST))} or newer; `wirewatch setup --export DIR` writes them to files"
            )
        return number

    async def request(
        self, method: str, path: str, body: object = None, *, expected: tuple[int, ...] = (200,)
    ) -> Answer:
        """Send JSON, and return the answer if its status is an expected one."""
        return await self._answer(method, path, {} if body is None else {"json": body}, expected)

    async def download(self, path: str, body: object, *, expected: tuple[int, ...] = (200,)) -> Lines:
        """Send JSON, and return the answer's lines."""
        status, raw = await self._send("POST", path, {"json": body}, expected)
        lines = [_decoded(line) for line in raw.splitlines() if line.strip()]
        if len(raw) > _MOST_BYTES or None in lines:
            raise ConfigError(_no_kibana(self._settings.url, "POST", path))
        return Lines(status, tuple(line for line in lines if line is not None))

    async def upload(self, path: str, name: str, content: bytes) -> Answer:
        """Send a file, as a form does."""
        form = aiohttp.FormData()
        form.add_field("file", content, filename=name, content_type="application/ndjson")
        return await self._answer("POST", path, {"data": form}, (200,))

    async def _answer(
        self, method: str, path: str, content: Mapping[str, Any], expected: tuple[int, ...]
    ) -> Answer:
        status, raw = await self._send(method, path, content, expected)
        body = _decoded(raw)
        if body is None:
            raise ConfigError(_no_kibana(self._settings.url, method, path))
        return Answer(status, body)

    async def _send(
        self, method: str, path: str, content: Mapping[str, Any], expected: tuple[int, ...]
    ) -> tuple[int, bytes]:
        url = self._base + path
        try:
            async with self._session.request(method, url, allow_redirects=False, **content) as response:
                raw = await response.content.read(_MOST_BYTES + 1)
                while len(raw) <= _MOST_BYTES and (more := await response.content.read(_MOST_BYTES)):
                    raw += more
        except (aiohttp.ClientError, OSError) as error:
            raise ConfigError(_unreachable(self._settings.url, error)) from error
        if response.status not in expected:
            raise ConfigError(_refusal(self._settings.url, method, path, response.status, _decoded(raw)))
        return response.status, raw


def _headers(settings: Settings) -> dict[str, str]:
    headers = {"kbn-xsrf": "true"}
    if settings.api_key:
        headers["Authorization"] = f"ApiKey {settings.api_key}"
    if settings.username:
        credentials = base64.b64encode(f"{settings.username}:{settings.password}".encode()).decode()
        headers["Authorization"] = f"Basic {credentials}"
    return headers


def _tls(settings: Settings) -> ssl.SSLContext | bool:
    if not settings.ca_file:
        return True
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"kibana.ca_file: {settings.ca_file}: expected certificates (PEM): {error}"
        ) from error


def _decoded(raw: bytes) -> dict[str, Any] | None:
    """The JSON object; None if it is not one, or too large."""
    if len(raw) > _MOST_BYTES:
        return None
    try:
        return msgspec.json.decode(raw or b"{}", type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _unreachable(url: str, error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return f"TLS with Kibana at {url} failed: {error}: check kibana.ca_file and https:// in kibana.url"
    reason = str(error) or type(error).__name__
    return f"Kibana at {url} can't be reached: {reason}: does it run, and is kibana.url right?"


def _no_kibana(url: str, method: str, path: str) -> str:
    return f"the server at {url} is not Kibana ({method} {path}): check kibana.url"


def _grant(path: str) -> str:
    return next((grant for start, grant in _GRANTS.items() if path.startswith(start)), "more rights")


def _refusal(url: str, method: str, path: str, status: int, body: dict[str, Any] | None) -> str:
    reason = str((body or {}).get("message", "no reason given"))[:_REASON_LENGTH]
    said = f"Kibana at {url} answered {status} to {method} {path}: {reason}"
    if status == 401:
        return f"{said}: check kibana.api_key, or kibana.username and kibana.password"
    if status == 403:
        return f"{said}: the user or key needs {_grant(path)}; docs/kibana.md lists all"
    if 300 <= status < 400:
        return f"{said}: expected no redirect; check kibana.url (base path, https://)"
    if status == 404:
        return f"{said}: check kibana.url and kibana.space"
    return said


def _at(value: Any, *keys: str) -> Any:
    """The value at a path of keys; None if a key is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _parsed(number: str) -> tuple[int, ...]:
    """`9.5.3-SNAPSHOT` -> (9, 5, 3); () for what is not a version, which sorts before all versions."""
    parts = number.partition("-")[0].split(".")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() for part in parts) else ()
