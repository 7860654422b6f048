"""Why an article matches an alert's query: the words and, for topics and entities in the query, the words that they were found
by."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import msgspec

from query.explain import because
from query.match import Prepared, match, matches, prepare
from query.tree import And, Node, Or, Phrase, Prefix, Term, Wildcard, show
from stream.messages import Enriched, Span, TopicTag


class TopicClause(msgspec.Struct, frozen=True):
    """Why an article has a topic that an alert's query names."""

    topic: str
    """The topic's id."""
    name: str
    clause: str
    """The part of the topic's own query that matched."""


class Why(msgspec.Struct, frozen=True):
    """Why an article matches a query."""

    clause: str
    """The part of the query that matched, as a query."""
    topics: tuple[TopicClause, ...]
    """The reasons for the topics in it."""
    spans: tuple[Span, ...]
    """The words in title and text that made it match: the query's own; if it has none, those of its topics and entities."""


def why(tree: Node, enriched: Enriched, prepared: Prepared) -> Why:
    """Why an article matches a query; it must match."""
    met = because(tree, prepared)
    topics = _topics(met, enriched)
    own = match(tree, prepared) or ()
    return Why(
        clause=show(met),
        topics=tuple(TopicClause(one.topic, one.name, _clause(one, enriched)) for one in topics),
        spans=own or _borrowed(met, topics, enriched),
    )


def _topics(met: Node, enriched: Enriched) -> list[TopicTag]:
    """The article's topics that a query names."""
    leaves = _leaves(met, "topic")
    return [tag for tag in enriched.topics if any(_names(leaf, "topic", [tag.topic]) for leaf in leaves)]


def _clause(tag: TopicTag, enriched: Enriched) -> str:
    """The words of a topic; if a part of it matched, its clause is `topic:PART`."""
    tags, met = {f"topic:{one.topic}": one for one in enriched.topics}, {tag.topic}
    while tag.clause in tags and tags[tag.clause].topic not in met:
        tag = tags[tag.clause]
        met.add(tag.topic)
    return tag.clause


def _borrowed(met: Node, topics: Sequence[TopicTag], enriched: Enriched) -> tuple[Span, ...]:
    leaves = _leaves(met, "entity")
    entities = [
        one for one in enriched.entities if any(_names(leaf, "entity", one.searched_as) for leaf in leaves)
    ]
    return _merged(chain.from_iterable([*(one.spans for one in topics), *(one.spans for one in entities)]))


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in the article's order, title first, with overlapping ones merged."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.field != "title", span.start, span.end)):
        last = merged[-1] if merged else None
        if last and last.field == span.field and span.start < last.end:
            merged[-1] = Span(last.field, last.start, max(last.end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def _leaves(node: Node, field: str) -> list[Node]:
    """The leaves of a field that made a tree match: none of those under NOT."""
    return [leaf for leaf in _positive(node) if getattr(leaf, "field", None) == field]


def _positive(node: Node) -> Iterator[Node]:
    match node:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _positive(part)
        case Term() | Phrase() | Prefix() | Wildcard():
            yield node


def _names(leaf: Node, field: str, values: Sequence[str]) -> bool:
    """Whether a leaf matches one of a field's values."""
    return matches(leaf, prepare("", "", {field: values}))
