"""What goes into a digest."""

from collections.abc import Collection, Iterator
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import msgspec

from index.counts import Count
from index.digest import section
from index.store import Search, Store
from results.digest import Digest, Section
from stream.clock import utc_now
from stream.errors import ConfigError, QueryError
from web.errors import BadRequest
from web.search.asked import read, search_of
from wirewatch.commands.coverage import shown
from wirewatch.commands.desk import desk_of
from wirewatch.commands.screen import complain
from wirewatch.commands.settings import Settings
from wirewatch.composition.stores import open_store
from wirewatch.lists.topics import news_topics


def make_digest(
    settings: Settings,
    person: str,
    since: datetime,
    until: datetime,
    most: int,
    topics: Collection[str] = (),
) -> Digest:
    """What a while brought.

    Args:
        settings: of the installation.
        person: whose saved searches are in it.
        since: from when on.
        until: until when.
        most: stories of a section.
        topics: the ids of its topics; none: all of them.

    Raises ConfigError for an id that no topic has, or where there is no archive yet.
    """
    chosen = [topic for topic in news_topics(settings.paths) if not topics or topic.id in topics]
    if missing := sorted({*topics} - {topic.id for topic in chosen}):
        raise ConfigError(f"digest.topics: there is no topic {missing[0]!r}")
    coverage = shown(settings.config, settings.paths)
    with open_store(settings.config, settings.paths, readonly=True) as store:
        whole = Search(since=since, until=until)
        sections = [
            section(
                store,
                "topic",
                topic.name,
                f'topic:"{topic.id}"',
                msgspec.structs.replace(whole, topics=(topic.id,)),
                most,
            )
            for topic in chosen
        ]
        return Digest(
            person=person,
            since=since,
            until=until,
            articles=store.counts(whole, Count()).articles,
            sections=(*sections, *_searches(settings, store, person, whole, most)),
            coverage=coverage,
        )


def _searches(settings: Settings, store: Store, person: str, whole: Search, most: int) -> Iterator[Section]:
    """The saved searches of a person, of the digest's time. One that can't be read any more is named, and left out."""
    desk, now = desk_of(settings), whole.until or utc_now()
    saved = sorted(desk.listed(["search"], person, limit=1_000), key=lambda mark: mark.name.casefold())
    for mark in saved:
        parts = urlsplit(mark.value)
        if parts.path != "/" or mark.person != person:
            continue
        try:
            asked = read(dict(parse_qsl(parts.query)))
            search = search_of(asked, now, marks=desk.marks_of(person))
        except (BadRequest, QueryError) as error:
            complain(f"The saved search {mark.name!r} is left out: {error}")
            continue
        within = msgspec.structs.replace(whole, query=search.query)
        yield section(store, "search", mark.name, asked.q, within, most)
