"""An article as a document of Elasticsearch, and back. The fields are those of template.json.

There are four kinds of fields:

- The message itself, under the names of its structs: readers get only these. `title` and `text` are also
  indexed by words for the search box of Kibana, as close to query/tokens.py as Elasticsearch's own analysis gets: split at
  everything but letters, digits and marks (so `Russia's` and `l'Ukraine` are two words each), without case and accents of
  Latin. It differs in the possessive `s` (a word there), in kana and Thai (words there, single letters here), and keeps the
  accents of other scripts.
- The fields of the query language for that search box: `lang`, `topic`, `entity` and `source`, compared as a whole and without
  case; `author` and `url`, by words. `topic` and `entity` hold each value as it is and as query/values.py compares it, so
  `Peña`, `pena` and `peace talks` are found, too; `source` is the message's own, which `source_name` shows with its capitals.
- `edited` and `changed`: when the last edit was found, and the kinds of all; `earlier`, the message's own, is not searched.
- Fields for Kibana's charts: `@timestamp` (`Article.time`), `latency` in seconds, `entity_names`, and `people`,
  `organisations`, `places`, `products`, `events` and `laws`, a field for each type, so that type and name match together;
  nested objects would do that too, but Kibana's charts can't aggregate them; `instead_of_kind`, the first word of `instead_of`.
- Fields for wirewatch's own queries: `terms.*`, the fields of the query language as query/tokens.py makes them, joined by
  spaces and split at spaces, so that a token is the same thing here as in live matching; `source_key` and `timeline_us`
  (microseconds since 1970; Elasticsearch's `date` has milliseconds) for the filters.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from index.searchable import microseconds, source_key
from index.store import Document
from query.article import kinds_of, prepare_enriched
from query.match import Prepared
from stream.messages import Enriched

_PLURALS = {
    "person": "people",
    "organisation": "organisations",
    "place": "places",
    "product": "products",
    "event": "events",
    "law": "laws",
}


def to_source(enriched: Enriched, first_indexed: datetime, indexed: datetime) -> dict[str, Any]:
    """The document for Elasticsearch: JSON types only, with datetimes as ISO 8601.

    Args:
        enriched: the article, with the earliest time `seen`.
        first_indexed: when its first version was indexed: latency is measured up to then, so that a replay does not distort it.
        indexed: now.
    """
    prepared = prepare_enriched(enriched)
    message = msgspec.to_builtins(enriched)
    article = message.pop("article")
    del message["regrouped"]
    for group in ("story", "copy_of"):
        if not message[group]:
            del message[group]  # '' would count as a value
    times = {"indexed": indexed, "first_indexed": first_indexed, "@timestamp": enriched.article.time}
    return {
        **article,
        **message,
        **msgspec.to_builtins(times),
        "article_v": article["v"],
        "instead_of_kind": enriched.article.instead_of.partition(":")[0] or None,
        "latency": _latency(enriched, first_indexed),
        **_names_by_type(enriched),
        "entity_names": sorted({entity.name for entity in enriched.entities}),
        "source_name": enriched.article.source,
        "edited": msgspec.to_builtins(enriched.article.edited),
        "changed": kinds_of(enriched.article),
        "topic": _typed((tag.topic for tag in enriched.topics), prepared.values["topic"]),
        "entity": _typed(
            (value for entity in enriched.entities for value in entity.searched_as), prepared.values["entity"]
        ),
        "terms": _terms(prepared),
        "source_key": source_key(enriched.article.source),
        "timeline_us": microseconds(enriched.article.time),
    }


def to_document(source: Mapping[str, Any]) -> Document:
    """The article that `to_source` wrote; raises msgspec.ValidationError for any other document."""
    message = {**source, "article": {**source, "v": source.get("article_v", 1)}}
    return Document(msgspec.convert(message, Enriched), msgspec.convert(source["indexed"], datetime))


def _latency(enriched: Enriched, indexed: datetime) -> dict[str, float]:
    article = enriched.article
    since = {"published_to_indexed": article.published, "seen_to_indexed": article.seen}
    return {name: (indexed - time).total_seconds() for name, time in since.items() if time}


def _names_by_type(enriched: Enriched) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {plural: [] for plural in _PLURALS.values()}
    for entity in enriched.entities:
        names[_PLURALS[entity.type]].append(entity.name)
    return names


def _typed(values: Iterable[str], keys: Iterable[str]) -> list[str]:
    """The forms of a value that a person may type: the value itself, and its key."""
    return sorted({*values, *keys})


def _terms(prepared: Prepared) -> dict[str, Any]:
    words: dict[str, list[str]] = {
        field: [" ".join(words.terms) for words in stretches] for field, stretches in prepared.words.items()
    }
    values: dict[str, list[str]] = {
        field: sorted(values) for field, values in prepared.values.items() if field != "story"
    }
    times = {"published": prepared.published, "edited": prepared.edited}
    return {**words, **values, **{name: [*map(microseconds, found)] for name, found in times.items()}}
