"""The pipeline's resources, each opened on first use: client, workers, archive, channels."""

import asyncio
import importlib.metadata
import importlib.resources
import ipaddress
import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from alerts.channels.post import open_post
from alerts.channels.sender import Means, PutDocument
from index.store import Store
from ingest.fetching.settings import Fetch
from ingest.http.client import Client, ClientLimits
from ingest.http.proxies import Proxies, choose_proxies
from ingest.warc.folder import WarcFolder
from stream.clock import utc_now
from stream.errors import ConfigError, RetryLater
from stream.log.base import Log
from stream.meters import Meters
from stream.workers import Workers
from wirewatch.composition.stores import is_lost, open_alert_index, open_store
from wirewatch.composition.workers import parsing_workers, tagging_workers
from wirewatch.config import Config, Paths
from wirewatch.lists.alerts import AlertFile

PRODUCT = "wirewatch"
"""Who we are, in the User-Agent and for robots.txt."""


class Resources:
    """What stages are made of: opened when it is first asked for, kept, and closed with `stack`.

    Args:
        config: the configuration.
        paths: where things are.
        log: the log, open.
        meters: where it is counted what they do.
        stack: closes what is opened here.
        tags: whether articles are tagged in this process: its workers then have what that needs.
        indexes: whether this process writes the archive.
    """

    def __init__(
        self,
        config: Config,
        paths: Paths,
        log: Log,
        meters: Meters,
        stack: AsyncExitStack,
        *,
        tags: bool = False,
        indexes: bool = True,
    ) -> None:
        self.config = config
        self.paths = paths
        self.log = log
        self.meters = meters
        self._stack = stack
        self._tags = tags
        self._indexes = indexes
        self._alerts: AlertFile | None = None
        self._client: Client | None = None
        self._workers: Workers | None = None
        self._means: Means | None = None
        self._store: Store | None = None
        self._reader: Store | None = None

    async def client(self) -> Client:
        """The one HTTP client of the process."""
        if self._client is None:
            self._client = await self._stack.enter_async_context(open_client(self.config))
        return self._client

    def warc(self) -> WarcFolder | None:
        """Where pages are kept as they were fetched; None if they are not. Asked for once."""
        settings = self.config.warc
        if not settings.folder:
            return None
        folder = WarcFolder(self.paths.data / settings.folder, settings, user_agent(self.config), utc_now)
        self._stack.callback(folder.close)
        return folder

    async def workers(self) -> Workers:
        """The worker processes that feeds and pages are parsed in, and articles tagged."""
        if self._workers is None:
            self._workers = await asyncio.to_thread(self._make_workers)
            self._stack.push_async_callback(asyncio.to_thread, self._workers.close)
        return self._workers

    def _make_workers(self) -> Workers:
        ended = partial(self.meters.tally, "worker")
        return (
            tagging_workers(self.config, self.paths, ended)
            if self._tags
            else parsing_workers(self.config, ended)
        )

    def alerts(self) -> AlertFile:
        """The current alerts."""
        if self._alerts is None:
            paths = self.paths
            shared = paths.shared_alerts if paths.shared else paths.alerts
            self._alerts = AlertFile(shared, paths.alerts)
        return self._alerts

    async def means(self) -> Means:
        """What alerts are delivered with."""
        if self._means is None:
            post = await self._stack.enter_async_context(open_post(user_agent(self.config)))
            put = self._stack.enter_context(open_alert_index(self.config))
            self._means = Means(self.paths.data, post, in_thread(put) if put else None)
        return self._means

    def archive(self) -> Store:
        """The archive, to look articles up; raises RetryLater while another process has not made it yet."""
        if self._indexes:
            return self.store()
        if self._reader is None:
            try:
                self._reader = self._stack.enter_context(open_store(self.config, self.paths, readonly=True))
            except ConfigError as error:
                raise RetryLater("no-archive", str(error)) from error
        return self._reader

    def store(self) -> Store:
        """The archive, for writing."""
        if self._store is None:
            if is_lost(self.config, self.paths, self.log):
                raise ConfigError(
                    f"{self.paths.index}: the archive is gone, although the log shows that it had articles: put it back from"
                    " a backup, or start over with what the log still holds: wirewatch check --repair"
                )
            self._store = self._stack.enter_context(open_store(self.config, self.paths, readonly=False))
        return self._store


def open_client(config: Config) -> Client:
    """The HTTP client, as configured; an async context manager."""
    return Client(
        user_agent=user_agent(config),
        languages=config.fetch.languages,
        limits=ClientLimits(
            max_bytes=config.fetch.max_bytes,
            total_timeout=config.fetch.timeout_seconds,
            connections=config.fetch.concurrency + config.poll.concurrency,
        ),
        allowed=[ipaddress.ip_network(network) for network in config.fetch.allow_private],
        ports=config.fetch.allow_ports,
        hosts=config.fetch.hosts,
        proxies=proxies(config.fetch, os.environ),
    )


def proxies(settings: Fetch, environment: Mapping[str, str]) -> Proxies:
    """The proxies that pages and feeds are fetched through. Raises ConfigError if a variable names something else."""
    try:
        return choose_proxies(
            settings.proxy, settings.no_proxy, environment, resolves=settings.proxy_resolves
        )
    except ValueError as error:
        raise ConfigError(f"{error} (or set [fetch] proxy, which takes precedence)") from None


def user_agent(config: Config) -> str:
    """The User-Agent that servers see."""
    contact = f"; +{config.fetch.contact}" if config.fetch.contact else ""
    return f"{PRODUCT}/{importlib.metadata.version('wirewatch')} (news monitor{contact})"


def in_thread(put: Callable[[str, Mapping[str, Any]], None]) -> PutDocument:
    """The same, awaited."""

    async def put_document(key: str, document: Mapping[str, Any]) -> None:
        await asyncio.to_thread(put, key, document)

    return put_document
