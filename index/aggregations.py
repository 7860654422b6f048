"""Counts as aggregations, in the language that tantivy and Elasticsearch share."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import msgspec

from index.counts import Count, CountBy, Counts, Stretch, Tally
from index.searchable import from_microseconds

_SPARE = 10
"""Each part of an index returns this many times the wanted values, so that none of the most frequent is missed."""


def aggregations(
    count: Count, fields: Mapping[CountBy, str], story: str, time: str, edges: Sequence[int]
) -> dict[str, Any]:
    """The aggregations to request from a store.

    Args:
        count: what to count.
        fields: the store's field for each of ours.
        story: its field that tells stories apart.
        time: its field for an article's place in time.
        edges: the times of `count.edges`, in the unit of that field.
    """
    of_all = {"stories": {"cardinality": {"field": story}}}
    stories = of_all if count.with_stories else {}
    by_field = {f"by_{name}": _terms(fields[name], count.most, stories) for name in count.by}
    asked = {**of_all, **by_field}
    if len(edges) > 1:
        stacked = (
            {"values": _terms(fields[count.stacked_by], count.most, stories)} if count.stacked_by else {}
        )
        between = [{"key": str(at), "from": a, "to": b} for at, (a, b) in enumerate(pairwise(edges))]
        asked["over_time"] = {"range": {"field": time, "ranges": between}, "aggs": {**stories, **stacked}}
    return asked


def answer(count: Count, articles: int, aggregated: Mapping[str, Any]) -> Counts:
    """The counts in a store's answer.

    Args:
        count: what to count.
        articles: how many articles match.
        aggregated: its answer to `aggregations`.
    """
    return Counts(
        articles,
        _stories(aggregated),
        {name: _tallies(aggregated[f"by_{name}"]) for name in count.by},
        tuple(_stretches(count.edges, aggregated["over_time"])) if "over_time" in aggregated else (),
    )


def _terms(field: str, most: int, stories: Mapping[str, Any]) -> dict[str, Any]:
    terms = {"field": field, "size": most, "shard_size": most * _SPARE, "exclude": [""]}
    return {"terms": terms, "aggs": stories}


def _stories(bucket: Mapping[str, Any]) -> int:
    """How many a bucket has; 0 where they were not asked for."""
    stories: float = bucket["stories"]["value"] if "stories" in bucket else 0
    return round(stories)


def _tallies(terms: Mapping[str, Any]) -> tuple[Tally, ...]:
    tallies = (Tally(one["key"], one["doc_count"], _stories(one)) for one in terms["buckets"])
    return tuple(sorted(tallies, key=lambda one: (-one.articles, one.value)))


def _stretches(edges: Sequence[datetime], over_time: Mapping[str, Any]) -> Iterator[Stretch]:
    # tantivy also has buckets outside the edges, and none at all if the index is empty.
    buckets = {bucket["key"]: bucket for bucket in over_time["buckets"]}
    for at, (since, until) in enumerate(pairwise(edges)):
        bucket = buckets.get(str(at))
        if bucket is None:
            yield Stretch(since, until, 0, 0)
            continue
        values = _tallies(bucket["values"]) if "values" in bucket else ()
        yield Stretch(since, until, bucket["doc_count"], _stories(bucket), values)


def of_period(time: str) -> dict[str, Any]:
    """The aggregations that find the first and the last time in a field of microseconds."""
    return {"first": {"min": {"field": time}}, "last": {"max": {"field": time}}}


def period(aggregated: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    """The times in a store's answer to `of_period`; None if there was no article."""
    first, last = aggregated["first"]["value"], aggregated["last"]["value"]
    return None if first is None else (from_microseconds(round(first)), from_microseconds(round(last)))


class Size(msgspec.Struct, frozen=True):
    """The articles of a story that a search finds: how many, from how many outlets, and the place in time of the first."""

    articles: int
    outlets: int
    first: datetime


def of_sizes(story: str, source: str, time: str, stories: int) -> dict[str, Any]:
    """The aggregations that find the sizes of this many stories, by the store's fields."""
    each = {"outlets": {"cardinality": {"field": source}}, "first": {"min": {"field": time}}}
    return {"by_story": {"terms": {"field": story, "size": max(stories, 1)}, "aggs": each}}


def sizes(aggregated: Mapping[str, Any]) -> Mapping[object, Size]:
    """The sizes in a store's answer to `of_sizes`, by the story's value in its field."""
    return {
        one["key"]: Size(
            one["doc_count"],
            round(one["outlets"]["value"]),
            from_microseconds(round(one["first"]["value"])),
        )
        for one in aggregated["by_story"]["buckets"]
    }
