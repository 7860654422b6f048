"""What the page of alerts is made over: alerts.toml, as the command line edits it, and the log."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import msgspec
from tomlkit import TOMLDocument

from alerts.channels.post import open_post
from alerts.channels.sender import Means, sender
from alerts.definitions import Definitions, definition_of
from alerts.message import Alert, Mention
from alerts.results import firing_document
from index.periods import latest
from index.store import Search, Store
from results.alert import Firing
from results.alerts import Alerts, Tested
from stream.clock import utc_now
from stream.errors import ConfigError, RetryLater
from web.alerts.services import Table
from wirewatch.commands.alerts.backtest import tried
from wirewatch.commands.alerts.history import delivered_at, read_past
from wirewatch.commands.alerts.manage import taken_out_lines
from wirewatch.commands.alerts.status import listed
from wirewatch.commands.settings import Settings
from wirewatch.composition.lists import open_alert_list
from wirewatch.composition.resources import in_thread, user_agent
from wirewatch.composition.stores import open_alert_index
from wirewatch.lists import alerts as alertlist
from wirewatch.lists.alerts import AlertList

_PERIODS = (timedelta(days=30), timedelta(days=7), timedelta(days=1))
"""A trial takes the longest of them that has not too many articles."""
_QUICK = 2_000
"""Articles that are tried while a person waits."""
_TEST = "This is a test of a channel of wirewatch"


class AlertEditor:
    """See `web.alerts.services.AlertServices`.

    Args:
        settings: of the installation.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def listed(self) -> Alerts:
        """The alerts and channels as they are now."""
        with open_alert_list(self._settings.config, self._settings.paths, begins=False) as alerts:
            definitions, written = alerts.load(), alerts.tables()
        return listed(definitions, read_past(self._settings), written)

    def _open(self) -> AbstractContextManager[AlertList]:
        return open_alert_list(self._settings.config, self._settings.paths)

    def history(self, name: str) -> Sequence[Firing]:
        """What an alert has sent and holds back, the newest first."""
        past = read_past(self._settings)
        ours = [one for one in past.fired if one.alert == name]
        return [firing_document(one, delivered_at(one, past.deliveries)) for one in reversed(ours)]

    def tried(self, store: Store, table: Table) -> Tested:
        """What an alert would have sent."""
        return _tried(store, table, self._settings)

    def add(self, table: Table, urls: Sequence[str]) -> None:
        """Make an alert."""
        with self._open() as alerts:
            alerts.edit(lambda document: alertlist.add_to(document, table, urls, alerts.place))

    def put(self, name: str, table: Table, version: str) -> None:
        """Give an alert other keys."""
        with self._open() as alerts:
            alerts.edit(lambda document: alertlist.put_into(document, name, table, version, alerts.place))

    def remove(self, name: str, version: str) -> Sequence[str]:
        """Remove an alert."""
        said: list[str] = []
        with self._open() as alerts:

            def change(document: TOMLDocument) -> None:
                found = alertlist.take_out(document, name, alerts.place, version)
                said[:] = taken_out_lines(found, name)

            alerts.edit(change)
        return said

    def mute(self, name: str, until: datetime | None) -> None:
        """Mute an alert."""
        with self._open() as alerts:
            alerts.edit(lambda document: alertlist.silence(document, name, until, alerts.place))

    def unmute(self, name: str) -> None:
        """Unmute an alert."""
        with self._open() as alerts:

            def change(document: TOMLDocument) -> None:
                alertlist.unmute(document, name, alerts.place)

            alerts.edit(change)

    async def test_channel(self, name: str) -> None:
        """Send a test message."""
        await send_test(name, self._settings)


def _tried(store: Store, table: Table, settings: Settings) -> Tested:
    """What an alert would have sent of late: while a person types, so of a shorter time where much matches.

    The time ends now, or with the newest article of an archive that gets none any more.
    """
    definition = definition_of({"name": "trial", **table}, "the alert")
    if definition.about == "edits":
        raise ConfigError("Alerts about edits are not tried on the past.")
    if definition.tree is None:
        raise ConfigError(
            "The past of sources is not kept, so nothing can be tried: Sources shows which are dark now."
        )
    end = latest(store, utc_now(), _PERIODS[0])
    asked = Search(query=definition.tree, until=end, limit=1)
    period = next((one for one in _PERIODS if _matching(store, asked, end - one) <= _QUICK), _PERIODS[-1])
    return tried(store, definition, end - period, end, settings, _QUICK)


def _matching(store: Store, search: Search, since: datetime) -> int:
    return store.search(msgspec.structs.replace(search, since=since)).total


async def send_test(name: str, settings: Settings) -> None:
    """Send a message to a channel that says that it is a test.

    Raises ConfigError if there is no such channel, RetryLater or Reject if it can't be reached.
    """
    place, definitions = await asyncio.to_thread(_definitions, settings)
    if name in definitions.broken:
        raise RetryLater("channel-broken", definitions.broken[name])
    channel = definitions.channels.get(name)
    if channel is None:
        raise ConfigError(f"{place}: there is no channel {name!r}")
    async with open_post(user_agent(settings.config)) as post:
        with open_alert_index(settings.config) as put:
            means = Means(settings.paths.data, post, in_thread(put) if put else None)
            await sender(channel, means)(_test_message(name))


def _definitions(settings: Settings) -> tuple[str, Definitions]:
    with open_alert_list(settings.config, settings.paths, begins=False) as alerts:
        return alerts.place, alerts.load()


def _test_message(channel: str) -> Alert:
    now = utc_now()
    mention = Mention(
        article="",
        story=f"test {now:%Y%m%dT%H%M%S}",
        title=_TEST,
        source="wirewatch",
        url="",
        language="en",
        published=now,
        seen=now,
        sentence="",
        marks=(),
        clause="",
        places=(),
    )
    return Alert(
        key=f"test|{now.isoformat()}|{channel}",
        alert="Test",
        severity="info",
        channel=channel,
        query="",
        reason="someone asked for a test message",
        mentions=(mention,),
        fired=now,
    )
