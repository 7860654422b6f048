"""Alerts in the API."""

import asyncio
from datetime import UTC, timedelta
from typing import Any

from aiohttp import web

from query.moments import moment
from results.alert import History
from results.alerts import Alerts, AlertStatus, Tested
from stream.errors import Reject, RetryLater
from web.access.gate import ABOUT
from web.alerts.form import check_addresses, fields_from, table_of
from web.api.answer import answer
from web.api.changes import done, no_such_keys, version_of
from web.api.operations import operation
from web.archive import Archive
from web.errors import BadRequest, problem
from web.forms import json_object
from web.services import Services

_KEPT = timedelta(days=30)
"""How long history is kept."""
_ALERTS, _ONE = "/api/v1/alerts", "/api/v1/alerts/{name}"
_HISTORY, _MUTE = f"{_ONE}/history", f"{_ONE}/mute"
_TRIAL, _CHANNEL = "/api/v1/alert-test", "/api/v1/channels/{name}/test"
_KEYS = "The alert's keys, as alerts.toml has them (docs/alerts.md)"


class AlertsApi:
    """The handlers.

    Args:
        services: what the API is made over.
        archive: the store.
    """

    def __init__(self, services: Services, archive: Archive) -> None:
        self._alerts = services.alerts
        self._now = services.now
        self._archive = archive

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [
            web.get(_ALERTS, self.listed),
            web.post(_ALERTS, self.add),
            web.get(_ONE, self.one),
            web.put(_ONE, self.put),
            web.delete(_ONE, self.remove),
            web.get(_HISTORY, self.history),
            web.put(_MUTE, self.mute),
            web.delete(_MUTE, self.unmute),
            web.get(_TRIAL, self.trial),
            web.post(_CHANNEL, self.test_channel),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """All alerts and channels: `wirewatch/alerts`."""
        return answer(request, await asyncio.to_thread(self._alerts.listed))

    async def one(self, request: web.Request) -> web.Response:
        """An alert: `wirewatch/alert-definition`."""
        return answer(request, await self._named(request.match_info["name"]))

    async def add(self, request: web.Request) -> web.Response:
        """Make an alert."""
        table = await json_object(request)
        urls = _urls(table.pop("to", []))
        request[ABOUT] = {"alert": str(table.get("name", ""))[:60]}
        check_addresses(urls)
        with no_such_keys():
            await asyncio.to_thread(self._alerts.add, table, urls)
        return answer(request, await self._named(table["name"]))

    async def put(self, request: web.Request) -> web.Response:
        """Change an alert."""
        name, table = request.match_info["name"], await json_object(request)
        version = version_of(request)
        with no_such_keys():
            await asyncio.to_thread(self._alerts.put, name, table, version)
        return answer(request, await self._named(name))

    async def remove(self, request: web.Request) -> web.Response:
        """Remove an alert."""
        await asyncio.to_thread(self._alerts.remove, request.match_info["name"], version_of(request))
        return done()

    async def history(self, request: web.Request) -> web.Response:
        """What an alert has sent: `wirewatch/history`."""
        name = request.match_info["name"]
        told = await asyncio.to_thread(self._alerts.history, name)
        if not told:
            await self._named(name)
        since = (self._now() - _KEPT).astimezone(UTC)
        return answer(request, History(since=since, firings=tuple(reversed(told))))

    async def mute(self, request: web.Request) -> web.Response:
        """Mute an alert."""
        name, length = request.match_info["name"], (await json_object(request)).get("for", "")
        now = self._now()
        try:
            until = now + (now - moment(str(length), now)) if length else None
        except ValueError as error:
            raise BadRequest("for", f"for: {error}") from None
        if until and until <= now:
            raise BadRequest("for", "for: expected a duration such as 30m, 2h or 7d")
        await self._named(name)
        await asyncio.to_thread(self._alerts.mute, name, until)
        return answer(request, await self._named(name))

    async def unmute(self, request: web.Request) -> web.Response:
        """Unmute an alert."""
        name = request.match_info["name"]
        await self._named(name)
        await asyncio.to_thread(self._alerts.unmute, name)
        return answer(request, await self._named(name))

    async def trial(self, request: web.Request) -> web.Response:
        """What an alert would have sent: `wirewatch/alert-test`."""
        table = table_of(fields_from(request.query))
        return answer(request, await self._archive.read(lambda store: self._alerts.tried(store, table)))

    async def test_channel(self, request: web.Request) -> web.Response:
        """Send a test message to a channel."""
        name = request.match_info["name"]
        known = await asyncio.to_thread(self._alerts.listed)
        if name not in {channel.name for channel in known.channels}:
            raise web.HTTPNotFound
        try:
            await self._alerts.test_channel(name)
        except (Reject, RetryLater) as error:
            body = problem(502, error.reason)
            return web.Response(status=502, body=body, content_type="application/problem+json")
        return done()

    async def _named(self, name: str) -> AlertStatus:
        found = await asyncio.to_thread(self._alerts.listed)
        for alert in found.alerts:
            if alert.name == name:
                return alert
        raise web.HTTPNotFound


def _urls(given: object) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(url, str) for url in given):
        raise BadRequest("to", "to: expected a list of URLs")
    return list(given)


def paths() -> dict[str, Any]:
    """The part of the OpenAPI document."""
    text = {"type": "string"}
    return {
        _ALERTS: {
            "get": operation(_ALERTS, "The alerts and channels", Alerts),
            "post": operation(
                _ALERTS, "Make an alert", AlertStatus, body=f"{_KEYS}; `to` may list URLs that it is sent to"
            ),
        },
        _ONE: {
            "get": operation(_ONE, "An alert", AlertStatus),
            "put": operation(_ONE, "Change an alert", AlertStatus, body=_KEYS, if_match=True),
            "delete": operation(_ONE, "Remove an alert", None, if_match=True),
        },
        _HISTORY: {"get": operation(_HISTORY, "What it sent and holds back in 30 days", History)},
        _MUTE: {
            "put": operation(_MUTE, "Mute an alert", AlertStatus, body="`for`: 2h, 7d; without it, for good"),
            "delete": operation(_MUTE, "Unmute an alert", AlertStatus),
        },
        _TRIAL: {
            "get": operation(
                _TRIAL,
                "What an alert would have sent",
                Tested,
                ("query", "Its query; the other keys of an alert may be given, too.", text),
                ("at_least", "As the key of alerts.toml.", text),
                ("throttle", "As the key of alerts.toml.", text),
                ("digest", "As the key of alerts.toml.", text),
            )
        },
        _CHANNEL: {"post": operation(_CHANNEL, "Send a test message to a channel", None)},
    }
