"""The marks in an article's text: what the query matched, what the topics go by, who and what is named."""

from collections.abc import Iterator, Sequence

import msgspec

from results.article import Article, Topic
from results.parts import Span
from stream.messages import Span as FoundSpan
from web.marked import Marked

_MOST_WORDS = 8


class Words(msgspec.Struct, frozen=True):
    """Words that a topic goes by, how often they stand in the article, and the anchor of the first of them."""

    text: str
    times: int
    anchor: str


def marks(matched: Sequence[FoundSpan], article: Article, part: str) -> Iterator[Marked]:
    """The marks of the title or the text."""
    for span in matched:
        if span.field == part:
            yield Marked(span.start, span.end, "match")
    for topic in article.topics:
        for place in topic.spans:
            if place.field == part:
                yield Marked(place.start, place.end, "topic", f"{topic.name}: {topic.clause}", _anchor(place))
    for entity in article.entities:
        for place in entity.spans:
            if place.field == part:
                yield Marked(
                    place.start, place.end, entity.type, f"{entity.name} ({entity.type})", _anchor(place)
                )


def words_of(topic: Topic, article: Article) -> tuple[Words, ...]:
    """The words that a topic goes by in an article, in order."""
    found: dict[str, list[Span]] = {}
    spelled: dict[str, str] = {}
    for span in topic.spans:
        text = (article.title if span.field == "title" else article.text)[span.start : span.end]
        spelled.setdefault(text.casefold(), text)
        found.setdefault(text.casefold(), []).append(span)
    return tuple(
        Words(spelled[key], len(spans), _anchor(spans[0])) for key, spans in list(found.items())[:_MOST_WORDS]
    )


def first_place(spans: Sequence[Span]) -> str:
    """The anchor of the first of some places; '' if there is none."""
    return _anchor(spans[0]) if spans else ""


def _anchor(span: Span) -> str:
    return f"{span.field}-{span.start}"
