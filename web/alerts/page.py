"""The pages of alerts."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from aiohttp import web

from results.alerts import Alerts, AlertStatus, Tested
from stream.errors import ConfigError, EditConflict, FieldError, Reject, RetryLater
from web.access.gate import ABOUT
from web.alerts.form import CHANGES, CHOICES, Fields, check_addresses, fields_from, fields_of, table_of
from web.alerts.services import AlertServices
from web.archive import Archive
from web.bars import Bars, bars
from web.errors import BadRequest
from web.forms import key_of, posted
from web.search.asked import Asked, number
from web.search.page import marked_hit
from web.services import Services
from web.templating import Templates
from web.trial import Trial, Trials

AREA = "/alerts"
PER_PAGE = 200
_MOST_PAGES = 1_000
_MUTES = {"1": "an hour", "8": "8 hours", "24": "a day", "168": "a week", "": "until someone ends it"}
"""For how many hours an alert can be muted on the page, with their names."""


class AlertPages:
    """The handlers.

    Args:
        services: what the page is made over.
        archive: the store.
        templates: what it is written with.
    """

    def __init__(self, services: Services, archive: Archive, templates: Templates) -> None:
        self._alerts: AlertServices = services.alerts
        self._now = services.now
        self._templates = templates
        self._trials = Trials(archive)

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [
            web.get("/alerts", self.listed),
            web.post("/alerts", self.add),
            web.get("/new/alert", self.new),
            web.get("/new/alert/trial", self.trial),
            web.get("/alerts/{name}", self.one),
            web.post("/alerts/{name}", self.put),
            web.get("/alerts/{name}/edit", self.edit),
            web.post("/alerts/{name}/mute", self.mute),
            web.post("/alerts/{name}/unmute", self.unmute),
            web.post("/alerts/{name}/remove", self.remove),
            web.post("/channels/{name}/test", self.test_channel),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """All alerts and channels."""
        page = number("page", request.query.get("page", "1"), _MOST_PAGES)
        return await self._list(said=_said(request), page=page)

    async def _list(self, code: int = 200, said: str = "", fault: str = "", page: int = 1) -> web.Response:
        try:
            found, broken = await asyncio.to_thread(self._alerts.listed), ""
        except ConfigError as error:  # a file that someone is just editing by hand
            found, broken = None, str(error)
        alerts = found.alerts if found else ()
        end = page * PER_PAGE
        return self._shown(
            "alerts.html",
            code,
            found=found,
            alerts=alerts[end - PER_PAGE : end],
            before=f"{AREA}?page={page - 1}" if page > 1 else "",
            after=f"{AREA}?page={page + 1}" if len(alerts) > end else "",
            said=said,
            fault=fault or broken,
        )

    async def one(self, request: web.Request) -> web.Response:
        """An alert, and what it has sent."""
        name = request.match_info["name"]
        alert = _named(await self._all(), name)
        history = await asyncio.to_thread(self._alerts.history, name)
        if alert is None and not history:
            raise web.HTTPNotFound
        return self._shown(
            "alert.html",
            name=name,
            alert=alert,
            history=history,
            said=_said(request),
            mutes=tuple(_MUTES.items()),
            marked=marked_hit,
        )

    async def new(self, request: web.Request) -> web.Response:
        """The form of a new alert; what the address has is filled in, and tried."""
        fields, found = fields_from(request.query), await self._all()
        return self._form(found, fields, trial=await self._tried(fields))

    async def edit(self, request: web.Request) -> web.Response:
        """The form of an alert: as it is, or as it was filled in to be tried."""
        found = await self._all()
        alert = _named(found, request.match_info["name"])
        if alert is None:
            raise web.HTTPNotFound
        if "version" in request.query:
            fields, version = fields_from(request.query), request.query["version"]
        else:
            fields, version = fields_of(alert.keys), alert.version
        return self._form(found, fields, alert, version=version, trial=await self._tried(fields))

    async def trial(self, request: web.Request) -> web.Response:
        """What an alert would have sent, as a piece of a page."""
        trial = await self._tried(fields_from(request.query))
        return self._templates.page("_trial.html", trial=trial, marked=marked_hit)

    async def add(self, request: web.Request) -> web.Response:
        """Make an alert."""
        fields = fields_from(await posted(request))
        try:
            table = {"name": fields.texts["name"], **table_of(fields)}
            request[ABOUT] = {"alert": fields.texts["name"][:60]}
            urls = [fields.to] if fields.to else []
            check_addresses(urls)
            await asyncio.to_thread(self._alerts.add, table, urls)
        except ConfigError as error:
            return self._form(await self._all(), fields, error=error, code=422)
        raise web.HTTPSeeOther(f"{_address(fields.texts['name'])}?said=saved")

    async def put(self, request: web.Request) -> web.Response:
        """Change an alert, unless someone else did so meanwhile."""
        name, sent = request.match_info["name"], await posted(request)
        fields, version = fields_from(sent), sent.get("version", "")
        try:
            await asyncio.to_thread(self._alerts.put, name, table_of(fields), version)
        except EditConflict as error:
            return await self._conflicting(name, fields, error)
        except ConfigError as error:
            found = await self._all()
            if (alert := _named(found, name)) is None:
                raise web.HTTPNotFound from None
            return self._form(found, fields, alert, version, error=error, code=422)
        raise web.HTTPSeeOther(f"{_address(name)}?said=saved")

    async def _conflicting(self, name: str, fields: Fields, error: EditConflict) -> web.Response:
        """The form as it was filled in, beside the alert as it is by now. Who saves again has seen both."""
        found = await self._all()
        alert = _named(found, name)
        version = alert.version if alert else ""
        return self._form(found, fields, alert, version, error=error, theirs=alert, code=409)

    async def mute(self, request: web.Request) -> web.Response:
        """Mute an alert."""
        name, length = request.match_info["name"], (await posted(request)).get("for", "")
        if length not in _MUTES:
            raise BadRequest(
                "for", f"for: expected one of {', '.join(filter(None, _MUTES))} hours, or nothing"
            )
        until = self._now() + timedelta(hours=int(length)) if length else None
        await self._change(name, lambda: self._alerts.mute(name, until))
        raise web.HTTPSeeOther(f"{_address(name)}?said=muted")

    async def unmute(self, request: web.Request) -> web.Response:
        """Unmute an alert."""
        name = request.match_info["name"]
        await self._change(name, lambda: self._alerts.unmute(name))
        raise web.HTTPSeeOther(f"{_address(name)}?said=unmuted")

    async def remove(self, request: web.Request) -> web.Response:
        """Remove an alert, unless it was changed since its page was read."""
        name, sent = request.match_info["name"], await posted(request)
        try:
            lines = await asyncio.to_thread(self._alerts.remove, name, sent.get("version", ""))
        except EditConflict as error:
            return await self._list(409, fault=str(error))
        return await self._list(said=" ".join(lines))

    async def _change(self, name: str, change: Callable[[], None]) -> None:
        if _named(await self._all(), name) is None:
            raise web.HTTPNotFound
        await asyncio.to_thread(change)

    async def test_channel(self, request: web.Request) -> web.Response:
        """Send a test message."""
        name = request.match_info["name"]
        try:
            await self._alerts.test_channel(name)
        except (Reject, RetryLater) as error:
            return await self._list(502, fault=f"{name}: {error.reason}")
        except ConfigError as error:
            return await self._list(404, fault=str(error))
        raise web.HTTPSeeOther("/alerts?said=sent")

    async def _all(self) -> Alerts:
        return await asyncio.to_thread(self._alerts.listed)

    async def _tried(self, fields: Fields) -> Trial[Tested]:
        """The back-test of a form."""
        if not fields.texts["query"]:
            return Trial()
        try:
            table = {key: value for key, value in table_of(fields).items() if key != "name"}
        except FieldError as error:
            return Trial(fault=error)
        return await self._trials.make(lambda store: self._alerts.tried(store, table), _chart)

    def _form(
        self,
        found: Alerts,
        fields: Fields,
        alert: AlertStatus | None = None,
        version: str = "",
        *,
        trial: Trial[Tested] | None = None,
        error: ConfigError | None = None,
        theirs: AlertStatus | None = None,
        code: int = 200,
    ) -> web.Response:
        return self._shown(
            "alert_form.html",
            code,
            fields=fields,
            alert=alert,
            version=version,
            trial=trial or Trial(),
            error=error,
            key=key_of(error),
            theirs=_shown_keys(theirs) if theirs else (),
            channels=found.channels,
            choices=CHOICES,
            kinds=CHANGES,
            marked=marked_hit,
        )

    def _shown(self, template: str, code: int = 200, **variables: Any) -> web.Response:
        return self._templates.page(template, code, asked=Asked(), area=AREA, **variables)


def _chart(tested: Tested) -> Bars:
    return bars(
        [
            (f"{day.day:%a %d %b %Y}: {day.messages:,} of {day.articles:,}", (day.messages,))
            for day in tested.days
        ]
    )


def _named(found: Alerts, name: str) -> AlertStatus | None:
    return next((alert for alert in found.alerts if alert.name == name), None)


def _shown_keys(alert: AlertStatus) -> Sequence[tuple[str, str]]:
    return [(key, str(value)) for key, value in alert.keys.items() if key != "name"]


def _address(name: str) -> str:
    return f"{AREA}/{quote(name, safe='')}"


_SAID = {
    "saved": "Saved. A running wirewatch takes it up by itself.",
    "muted": "Muted. What it misses in the meantime is not sent later.",
    "unmuted": "It is no longer muted.",
    "sent": "A test message was sent.",
}


def _said(request: web.Request) -> str:
    """What a page says of what was just done."""
    return _SAID.get(request.query.get("said", ""), "")
