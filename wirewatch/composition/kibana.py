"""Where the archive is in Kibana: links to a search, an article, and what an alert reports."""

from collections.abc import Callable, Sequence

import msgspec
from msgspec import UNSET

from alerts.message import Alert, Mention
from index.elasticsearch.settings import alias_of
from index.store import Search
from kibana.links import Discover, discover
from kibana.names import Names
from query.marks import asks_for_marks
from query.parse import parse
from query.tree import And, Node, Or
from results.parts import Hit
from results.search import Search as Page
from stream.errors import QueryError
from wirewatch.config import Config


def kibana_names(config: Config) -> Names:
    """What indices and objects are called."""
    prefix = config.elasticsearch.prefix
    return Names(articles=alias_of(prefix), prefix=prefix)


def archive_in_kibana(config: Config) -> Discover | None:
    """Discover over the archive; None where `[kibana] url` is not set, or the archive is not in Elasticsearch."""
    return discover(config.kibana, kibana_names(config)) if config.elasticsearch.hosts else None


def linking(config: Config) -> Callable[[Alert], Alert]:
    """Returns what adds to an alert where its articles, and all that its query finds, are in Kibana."""
    archive = archive_in_kibana(config)
    if archive is None:
        return lambda alert: alert
    return lambda alert: _linked(alert, archive)


def _linked(alert: Alert, archive: Discover) -> Alert:
    mentions = tuple(_with_story(one, archive) for one in alert.mentions)
    if not alert.query:
        return msgspec.structs.replace(alert, mentions=mentions)
    since = min(one.published or one.seen for one in alert.mentions)
    address = archive.query(parse(alert.query), since=since)
    return msgspec.structs.replace(alert, mentions=mentions, kibana=address)


def _with_story(mention: Mention, archive: Discover) -> Mention:
    if mention.source_news is not None or mention.edit:
        return mention
    return msgspec.structs.replace(mention, kibana=archive.story(mention.story))


def search_in_kibana(search: Search, archive: Discover) -> str:
    """The address of what a search finds, with its filters; '' if a filter has no word that could be searched for, or it asks
    for what people marked."""
    try:
        filters = [
            *_one_of("topic", search.topics),
            *_one_of("source", search.sources),
            *_one_of("lang", search.languages),
        ]
    except QueryError:
        return ""
    if search.query and asks_for_marks(search.query):
        return ""  # too long an address, and soon out of date
    parts = [*([search.query] if search.query else []), *filters]
    if not parts:
        return archive.everything(search.since, search.until)
    query = parts[0] if len(parts) == 1 else And(tuple(parts))
    return archive.query(query, search.since, search.until)


def hit_in_kibana(hit: Hit, archive: Discover | None) -> Hit:
    """A hit with its address in Kibana, if there is one."""
    if archive is None:
        return hit
    head = hit.article
    address = archive.article(head.id, head.published or head.seen)
    return msgspec.structs.replace(hit, article=msgspec.structs.replace(head, kibana=address))


def page_in_kibana(page: Page, search: Search, archive: Discover | None) -> Page:
    """A page of hits with the addresses in Kibana of the search and of each hit, if there are any."""
    if archive is None:
        return page
    hits = tuple(hit_in_kibana(hit, archive) for hit in page.hits)
    return msgspec.structs.replace(page, hits=hits, kibana=search_in_kibana(search, archive) or UNSET)


def _one_of(field: str, values: Sequence[str]) -> list[Node]:
    """A condition that any of some values meets; none if there are no values."""
    found = tuple(parse(f'{field}:"{_without_quotes(value)}"') for value in values)
    return [Or(found)] if len(found) > 1 else list(found)


def _without_quotes(value: str) -> str:
    """Quotes and backslashes separate words, as spaces do."""
    return value.replace('"', " ").replace("\\", " ")
