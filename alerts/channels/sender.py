"""Makes the delivery function for a channel's definition."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alerts.channels.definitions import Apprise, Channel, Elasticsearch, Feed, File, Stdout, Webhook
from alerts.channels.elasticsearch import elasticsearch
from alerts.channels.feed import feed
from alerts.channels.file import file
from alerts.channels.stdout import stdout
from alerts.channels.webhook import Post, webhook
from alerts.deliver import Send
from stream.errors import Reject

PutDocument = Callable[[str, Mapping[str, Any]], Awaitable[None]]
"""Stores a document under an id."""


@dataclass(frozen=True)
class Means:
    """What delivery needs beyond the channel's definition.

    Attributes:
        folder: the base of relative paths.
        post: sends a body to a URL.
        put_document: writes to the index of alerts; None without Elasticsearch.
    """

    folder: Path
    post: Post
    put_document: PutDocument | None


def sender(channel: Channel, means: Means) -> Send:
    """The function that delivers to a channel; raises Reject if this process never can."""
    match channel:
        case Apprise(url=url):
            from alerts.channels.apprise import apprise  # noqa: PLC0415 - Apprise takes its time to be imported

            return apprise(url)
        case Webhook(url=url, secret=secret):
            return webhook(url, secret, means.post)
        case Elasticsearch():
            if means.put_document is None:
                raise Reject(
                    "no-elasticsearch",
                    "the channel writes to Elasticsearch, but elasticsearch.hosts is not set",
                )
            return elasticsearch(means.put_document)
        case File(path=path):
            return file(means.folder / path)
        case Feed(path=path, title=title, entries=entries):
            return feed(means.folder / path, title, entries)
        case Stdout(format=format_):
            return stdout(format_)
