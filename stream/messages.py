"""The messages that travel between the stages, and their encoding.

Each is a frozen struct. Unknown fields are ignored and new fields have defaults, so that a stage can read what an older or
newer one wrote; `v` counts the changes that this does not cover. Times are aware datetimes in UTC. Span offsets count
code points of the field they refer to (Python's `str` indices), end exclusive.
"""

import hashlib
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, TypeVar

import msgspec

from stream.delta import Patch
from stream.errors import Reject

Field = Literal["title", "text"]


class Span(msgspec.Struct, frozen=True):
    """A stretch of an article's title or text."""

    field: Field
    start: int
    end: int


MAX_SPANS = 1_000
"""The most spans kept for one topic or entity in an article: the first ones."""


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """Why a known page is read again, and the validators that its server last sent."""

    why: Literal["feed", "schedule"]
    """Whether the feed has changed the item, or a check is due."""
    article: str = ""
    """The article's id; '' if the request is from the feed's poller, which doesn't know it."""
    etag: str = ""
    last_modified: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a feed, as the poller saw it. `key` is its host, so that each host has one owner."""

    feed: str
    """URL of the feed."""
    site: str = ""
    """The outlet's website, as given in the user's feed list; '' if none. The feed speaks for this site as well as its
    own."""
    source: str
    """Name of the outlet, from the feed list, or else the feed's own title."""
    guid: str
    """The feed's id for the item, else its URL."""
    url: str
    """The page to fetch; for an item that exists only in its feed, its `address`."""
    address: str = ""
    """The article's address if the item itself is the article, not the page it links to: several items on one page, or an
    item without a link. Such an item is not fetched. '' if the article is on its page."""
    title: str = ""
    summary: str = ""
    author: str = ""
    language: str = ""
    """As declared by the feed; '' if undeclared."""
    published: datetime | None = None
    content: str = ""
    """The full text in the feed itself, as HTML; '' if it has none."""
    backfill: bool = False
    """It was not new when found (a feed's first poll, or a feed that changed all its ids): searchable, but never an alert."""
    seen: datetime
    """When the poller first saw it."""
    again: Again | None = None
    """Set if the page was read before and should be compared with the known version; None if the item is new."""
    key: str
    """The host of `url`."""
    v: int = 1


class FurtherPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page, other than the first, of an article that spans several pages."""

    url: str
    content_type: str
    charset: str
    body: bytes


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The server's response for an entry's URL. `key` is `article_id(url)`."""

    entry: Entry
    url: str
    """The last URL, after redirects."""
    content_type: str
    """The media type, lower case, without parameters; '' if the server sent none."""
    charset: str
    """The charset parameter of the Content-Type header; '' if it has none."""
    body: bytes
    """With transfer and content encodings (gzip, br, zstd) decoded; still in its charset."""
    fetched: datetime
    instead_of: str = ""
    """If `body` is the feed's own text, why the page itself was not available: a kind, a colon, and a sentence; '' if `body`
    is the page."""
    quotes: str = ""
    """See `Article.quotes`."""
    further: tuple[FurtherPage, ...] = ()
    """The article's other pages, in order, as far as they could be fetched."""
    etag: str = ""
    last_modified: str = ""
    """The validators that the server sent with it; '' if there are none, or if they are implausibly long."""
    withdrawn: str = ""
    """Why the page no longer exists: a kind, a colon, and a sentence; '' if it does. Only set for a page that was read
    before."""
    key: str
    v: int = 1


PublishedFrom = Literal["json-ld", "meta", "url", "text", "page", "feed", ""]
DoubtFrom = Literal[PublishedFrom, "seen"]
"""Where a contradicting date was found; `seen`: when the poller first saw the article."""
Origin = Literal["json-ld", "meta", "heading", "text", "feed", ""]
"""Where a title or author was found; '' if there is none."""
Precision = Literal["day", "second", "second-zone-assumed", ""]
"""How exact a date is: a day, or a second in a given zone, or in an assumed UTC; '' if there is none."""
ContentStatus = Literal["full", "part", "teaser", "live", "gallery", "video", "consent", "unknown"]
"""The kind of page the text comes from: an article, some of its several pages, the visible part before a paywall, a live blog,
... ('unknown': extracted by an older version)."""


ChangeKind = Literal[
    "headline",
    "correction",
    "number",
    "name",
    "removed",
    "added",
    "text",
    "paywalled",
    "withdrawn",
    "restored",
]
"""What an edit did: changed the headline; added a correction or an editor's note; changed a number or a name; removed or added
a passage; changed other words; put the text behind a paywall; withdrew the page, or brought it back."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an edit changed. Offsets are in code points, ends exclusive; start and end are equal if there is no
    text."""

    kind: ChangeKind
    field: Field
    start: int
    end: int
    """Its place in the later version."""
    old_start: int
    old_end: int
    """Its place in the earlier version."""
    before: str = ""
    after: str = ""
    """The text before and after: the first 300 code points. For a withdrawal, `after` is the reason."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier version of an article, and what the next edit changed."""

    title: str
    text: tuple[Patch, ...] = ()
    """The patches that turn the next version's text into this one's."""
    digest: str
    """Hash of its title and text: see `text_digest`."""
    read: datetime
    """When its page was fetched."""
    modified: datetime | None = None
    """When it was changed, according to the page."""
    found: datetime
    """When the next edit was found."""
    changes: tuple[Change, ...]


FUTURE_TOLERANCE = timedelta(days=1)
"""How far in the future a publication date may lie: clocks and time zones differ."""


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """The text extracted from a page. `key` is its id."""

    id: str
    """`article_id(url)`."""
    url: str
    """The canonical URL."""
    feed: str
    source: str
    site_name: str = ""
    title: str = ""
    text: str = ""
    """Paragraphs, separated by one line break."""
    summary: str = ""
    author: str = ""
    image: str = ""
    declared_language: str = ""
    """As declared by the page or feed, ISO 639-1; '' if undeclared."""
    published: datetime | None = None
    published_from: PublishedFrom = ""
    """Where `published` was found; '' if and only if it is None."""
    published_precision: Precision = ""
    published_doubt: datetime | None = None
    """A date that contradicts `published` by days, or one in the future; None if there is no doubt."""
    published_doubt_from: DoubtFrom = ""
    """Where `published_doubt` was found; '' if and only if it is None."""
    modified: datetime | None = None
    modified_from: PublishedFrom = ""
    title_from: Origin = ""
    author_from: Origin = ""
    section: str = ""
    """The outlet's section, such as `World`."""
    word_count: int = 0
    """Words of the text, as query/tokens.py counts them; 0 if read by an older version."""
    cut_from: int = 0
    """The length of the page's text in code points, if it exceeds an article's limit; 0 if `text` is complete."""
    links: tuple[str, ...] = ()
    """The pages that the text links to, absolute, in order, each once."""
    content_status: ContentStatus = "unknown"
    instead_of: str = ""
    """Why `text` is the feed's own: a kind (`http-403`, `robots`, `teaser`, ...), a colon, and a sentence; '' if it comes from
    the page."""
    quotes: str = ""
    """The page on another site that a feed published this text as; the text is attributed to the feed only, and has an address
    in the feed. '' if the text is at its own address."""
    marks: tuple[str, ...] = ()
    """Marks that identify the same article at another address: see `ingest.same_article.marks`. Empty if read by an older
    version."""
    hearsay: bool = False
    """It was found through another site's feed. All its data comes from its own page; an entry from its own outlet's feed
    replaces it, never the other way round."""
    backfill: bool = False
    """See `Entry.backfill`."""
    seen: datetime
    fetched: datetime
    extracted: datetime
    etag: str = ""
    last_modified: str = ""
    """See `Page.etag`."""
    version: int = 0
    """How many edits were found before this version."""
    earlier: tuple[Version, ...] = ()
    """The earlier versions, oldest first; if there are very many, the first and the last ones."""
    withdrawn: datetime | None = None
    """When the page was found to be gone; None if it is not. Title and text are then the last ones that were read."""
    v: int = 1

    @property
    def key(self) -> str:
        """The article's id."""
        return self.id

    @property
    def edited(self) -> datetime | None:
        """When the last edit was found; None if there was none."""
        return self.earlier[-1].found if self.earlier else None

    @property
    def published_any(self) -> tuple[datetime, ...]:
        """When it may have been published: both dates if one contradicts the other; none if that is unknown."""
        latest = self.extracted + FUTURE_TOLERANCE
        doubted = self.published_doubt if self.published_doubt_from != "seen" else None
        possible = doubted if doubted and doubted <= latest else None
        return tuple(date for date in (self.published, possible) if date)

    @property
    def time(self) -> datetime:
        """Its position in time, for sorting, `--since` and `--until`: when it was published, or else when it was first seen. Of
        two dates that contradict each other it is the later one, so that a wrong date hides no fresh article."""
        dates = self.published_any
        is_doubted = not dates or self.published_doubt_from == "seen"
        return max(dates + (self.seen,) * is_doubted)


class TopicTag(msgspec.Struct, frozen=True, kw_only=True):
    """A topic that an article is about, and why."""

    topic: str
    """The topic's id, such as `peace-talks`."""
    name: str
    clause: str
    """The part of the topic's query that matched, as a query."""
    spans: tuple[Span, ...]
    """What made it match; the first MAX_SPANS."""
    version: str = ""
    """Hash of the topic definition it was tagged with; '' if tagged by an older wirewatch."""


EntityType = Literal["person", "organisation", "place", "product", "event", "law"]
"""The last three come only from a model that the user installs."""


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """A person, organisation or place that an article names. It has a span for each mention; the first MAX_SPANS are kept."""

    name: str
    """The canonical name."""
    type: EntityType
    id: str = ""
    """A stable id (ISO 3166 code, Wikidata QID, ...) with its scheme, such as `iso3166:SY`; '' if none is known."""
    spans: tuple[Span, ...]

    @property
    def searched_as(self) -> tuple[str, ...]:
        """The values that `entity:` matches: its name, its id, and the id without the scheme."""
        return (self.name, self.id, self.id.partition(":")[2]) if self.id else (self.name,)


class Regrouping(msgspec.Struct, frozen=True, kw_only=True):
    """Articles that went from one story to another: two stories were merged, or one was split."""

    was: str
    """The story that they belonged to."""
    story: str
    """The story that they belong to now."""
    articles: tuple[str, ...] = ()
    """Their ids; empty: all of the story."""

    def moves(self, article: str, story: str) -> bool:
        """Whether an article of a story is among them."""
        return story == self.was != self.story and (not self.articles or article in self.articles)


class Enriched(msgspec.Struct, frozen=True, kw_only=True):
    """An article with its enrichment: what the index stores. `key` is the article's id."""

    article: Article
    language: str
    """The language of the text, ISO 639-1; `unknown` rather than a guess."""
    topics: tuple[TopicTag, ...] = ()
    entities: tuple[Entity, ...] = ()
    story: str = ""
    """The id of the first article about the same event; '' before stage `relate`, or from an older wirewatch."""
    copy_of: str = ""
    """The id of the first article with nearly the same text, which may be its own; '' as for `story`."""
    regrouped: tuple[Regrouping, ...] = ()
    """The stories that were merged or split when this article came, in this order. The archive follows them, and doesn't keep
    them."""
    enriched: datetime
    enriched_to: int = 0
    """The code points of the text that were searched for entities, if it is longer; 0 if all were. Topics, searches and alerts
    cover the whole text."""
    v: int = 1

    @property
    def key(self) -> str:
        """The article's id."""
        return self.article.id


class Watch(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An article that may be read again, with what the schedule needs to know about it. `key` is its id."""

    id: str
    url: str
    feed: str
    source: str
    hearsay: bool = False
    since: datetime
    """When it was first seen; for a feed's backlog, when it was published."""
    etag: str = ""
    last_modified: str = ""
    version: int = 0
    """How many edits were found so far."""
    wanted: Literal["", "topic", "alert"] = ""
    """Who is interested: an alert reported it, or it has a topic."""
    v: int = 1

    @property
    def key(self) -> str:
        """The article's id."""
        return self.id


class Dead(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a stage could not handle: in the quarantine, or waiting there for its next try."""

    id: str
    """Stable for one message: a second failure replaces the first."""
    stage: str
    topic: str
    """The topic that it was read from, and returns to on a retry."""
    key: str
    value: bytes
    """The message as it was, encoded."""
    kind: str
    reason: str
    attempts: int
    """How many times it was tried."""
    failed: datetime
    retry_at: datetime | None
    """When it is retried automatically; None: never, it waits for a person."""
    place: str = ""
    """Partition and offset of the record that failed; '' if written by an older version. A message that was put back and fails
    again has a new one."""
    trace: str = ""
    """The trace context of the message (stream/trace.py); '' if it had none."""
    omitted: int = 0
    """The size of the message in bytes, if it was too large to keep: then `value` is empty, and it can't be put back."""
    v: int = 1


Message = Entry | Page | Article | Enriched | Dead

_encoder = msgspec.msgpack.Encoder()

M = TypeVar("M", bound=msgspec.Struct)


def encode(message: msgspec.Struct) -> bytes:
    """A struct as MessagePack."""
    return _encoder.encode(message)


def decode(data: bytes, kind: type[M]) -> M:
    """The struct that `encode` wrote. Raises msgspec.DecodeError (or its subclass ValidationError) if it can't be decoded, and
    Reject `newer-version` if it was written by a newer wirewatch that this one does not understand."""
    message = msgspec.msgpack.decode(data, type=kind)
    version = getattr(message, "v", 0)
    if version and version > (known := _known_version(type(message))):
        raise Reject(
            "newer-version",
            f"a newer wirewatch wrote this {type(message).__name__} (version {version}; this one knows {known}): upgrade this"
            " process, then run: wirewatch quarantine retry --kind newer-version",
        )
    return message


@lru_cache
def _known_version(kind: type[Any]) -> int:
    """The format version that this code writes for a struct; 0 if it has none."""
    versions = [field.default for field in msgspec.structs.fields(kind) if field.name == "v"]
    return int(versions[0]) if versions else 0


def article_id(url: str) -> str:
    """The id of the article at a canonical URL: 32 hex digits of its BLAKE2b hash (RFC 7693)."""
    return hashlib.blake2b(url.encode(), digest_size=16).hexdigest()


def text_digest(title: str, text: str) -> str:
    """Identifies a version of an article: 16 hex digits of a BLAKE2b hash of title and text."""
    return hashlib.blake2b(f"{title}\n{text}".encode("utf-8", "replace"), digest_size=8).hexdigest()
