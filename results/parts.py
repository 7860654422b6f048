"""The parts that several documents share."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

Time = Annotated[datetime, msgspec.Meta(tz=True, extra_json_schema={"pattern": "Z$"})]
"""A moment in UTC."""

PublishedFrom = Literal["json-ld", "meta", "url", "text", "page", "feed"]
DoubtFrom = Literal[PublishedFrom, "seen"]
Origin = Literal["json-ld", "meta", "heading", "text", "feed"]
Precision = Literal["day", "second", "second-zone-assumed"]
Kind = Literal["full", "part", "teaser", "live", "gallery", "video", "consent", "unknown"]
EntityType = Literal["person", "organisation", "place", "product", "event", "law"]


class Mark(msgspec.Struct, frozen=True):
    """A span of a text: offsets in code points, end exclusive."""

    start: int
    end: int


class Span(msgspec.Struct, frozen=True):
    """A span of an article's title or text: offsets in code points, end exclusive."""

    field: Literal["title", "text"]
    start: int
    end: int


class TopicName(msgspec.Struct, frozen=True):
    """A topic that an article is about."""

    id: str
    name: str


class EntityName(msgspec.Struct, frozen=True):
    """A person, organisation or place that an article names."""

    id: str | None
    """A stable id with its scheme, such as `iso3166:SY`; null if none is known."""
    name: str
    type: EntityType
    count: int
    """How often it is named."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """An article as lists show it. `wirewatch show ID --json` has the rest, under the same names.

    The fields that may be missing are those that an alert does not carry.
    """

    id: str
    url: str
    title: str
    """In an alert, the first 400 characters."""
    source: str
    """The name of the outlet."""
    language: str | None
    """ISO 639-1; null if unknown."""
    published: Time | None
    seen: Time
    """When wirewatch first saw it in a feed."""
    story: str | None
    """The id of the first article about the same event; null if the article was not compared with others yet."""
    authors: tuple[str, ...] | UnsetType = UNSET
    published_from: PublishedFrom | UnsetType | None = UNSET
    """Where `published` was read."""
    published_doubt: Time | UnsetType | None = UNSET
    """A date that contradicts `published` by days, or one in the future; null if there is no doubt. Queries find both; the
    later possible one counts for `--since` and for sorting."""
    published_doubt_from: DoubtFrom | UnsetType | None = UNSET
    """Where `published_doubt` was read; `seen`: the time when wirewatch first saw the article."""
    kind: Kind | UnsetType = UNSET
    """The kind of page that the text was read from."""
    edited: Time | UnsetType | None = UNSET
    """When the last edit was found; null if there was none."""
    withdrawn: Time | UnsetType | None = UNSET
    """When its page was found to be gone; null if it is not."""
    topics: tuple[TopicName, ...] | UnsetType = UNSET
    entities: tuple[EntityName, ...] | UnsetType = UNSET
    kibana: str | UnsetType = UNSET
    """Its address in Kibana; in an alert, that of its story; missing if `[kibana] url` is not set."""


class Snippet(msgspec.Struct, frozen=True):
    """The words around a match."""

    field: Literal["title", "text"]
    """The part of the article that they are from."""
    text: str
    marks: tuple[Mark, ...]
    """The matches, as offsets into this `text`."""


class EarlierVersion(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier version that matches the search although the current one does not."""

    version: int
    """Its number: `wirewatch show ID --version N` prints it."""
    until: Time | None
    """When the next edit was found."""
    snippet: Snippet | None
    """The words around the match; null if no single version matches the whole query."""


class Hit(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/hit/1"):
    """An article that a query found, and why."""

    article: Head
    title_marks: tuple[Mark, ...]
    """The matches in the title, as offsets into `article.title`."""
    snippet: Snippet | None
    """Null if an alert's query matched no words (`source:...`)."""
    clause: str | None
    """The part of the query that made the article match, as a query of its own; null if there was no query."""
    earlier: EarlierVersion | None = None
    """If only an earlier version matches (`in:any-version`), that version; null if the current one does."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A source that was not heard, or is unusually silent."""

    name: str
    status: Literal["failing", "gone", "overdue", "unpolled", "silent", "paused"] | None
    """`overdue`: wirewatch has not polled it lately; `unpolled`: never; `paused`: someone paused it. Null in an alert, which
    carries only the name."""
    since: Time | None
    """When that began, if known."""
    reason: str | None
    """A sentence."""


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the listed sources answered: the silence of the others proves nothing."""

    sources: int
    """How many sources there are."""
    heard: int
    """How many answered their last poll, in the last hour or when they were due."""
    dark: tuple[Source, ...]
    """The sources that did not answer; if there are many, the first of them."""
    dark_more: int
    """How many further sources did not answer."""
    silent: tuple[Source, ...] | UnsetType = UNSET
    """The sources that answer, but have had nothing new for unusually long. Missing in an alert."""


class QueryWarning(msgspec.Struct, frozen=True):
    """A likely mistake in a valid query."""

    kind: str
    """A stable word for counting."""
    position: int
    """Where in the query, in code points."""
    message: str
