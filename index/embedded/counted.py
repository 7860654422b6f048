"""The fields of the full-text index that articles are counted by; they hold values in the form for display."""

from collections.abc import Collection, Mapping

from index.counts import CountBy
from index.store import Filter
from stream.messages import Enriched

_MOST_CHARACTERS = 1_000
"""The longest value, as in Elasticsearch: a longer one, which strangers may have written, is not counted."""

COUNTED: Mapping[CountBy, str] = {
    "topic": "topic_id",
    "source": "source_shown",
    "language": "language",
    "person": "person",
    "organisation": "organisation",
    "place": "place",
    "author": "author_shown",
    "section": "section",
    "kind": "kind",
    "story": "story",
}
"""The index field for each."""


def counted(enriched: Enriched) -> Mapping[str, Collection[str]]:
    """The values of an article for the fields of COUNTED, and its story."""
    article = enriched.article
    values: dict[str, set[str]] = {
        "topic_id": {tag.topic for tag in enriched.topics},
        "source_shown": {article.source},
        "language": {enriched.language},
        "author_shown": {article.author},
        "section": {article.section},
        "kind": {article.content_status},
        "story": {enriched.story},
        **{type_: _names(enriched, type_) for type_ in ("person", "organisation", "place")},
    }
    return {name: [one for one in some if 0 < len(one) <= _MOST_CHARACTERS] for name, some in values.items()}


def _names(enriched: Enriched, type_: str) -> set[str]:
    return {entity.name for entity in enriched.entities if entity.type == type_}


def is_met(one: Filter, enriched: Enriched) -> bool:
    """Whether an article meets a filter."""
    found = not set(one.values).isdisjoint(counted(enriched)[COUNTED[one.by]])
    return found is not one.excludes
