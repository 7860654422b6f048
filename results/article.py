"""Everything known about an article: what `wirewatch show --json` prints."""

import msgspec
from msgspec import UNSET, UnsetType

from results.alert import Firing
from results.edits import Edit
from results.parts import DoubtFrom, EntityType, Kind, Origin, Precision, PublishedFrom, Span, Time


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A topic that the article is about, and why."""

    id: str
    name: str
    clause: str
    """The part of the topic's query that matched, as a query of its own."""
    spans: tuple[Span, ...]
    """What matched."""
    version: str | None
    """The version of the topic's definition; null if an older wirewatch tagged the article."""


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """A person, organisation or place that the article names."""

    id: str | None
    """A stable id with its scheme, such as `iso3166:SY`; null if none is known."""
    name: str
    type: EntityType
    count: int
    """How often it is named."""
    salient: bool
    """Whether the article is about it: it is in the title or at the beginning of the text, or is repeated."""
    spans: tuple[Span, ...]
    """Its mentions."""


class Extraction(msgspec.Struct, frozen=True, kw_only=True):
    """Where the text comes from."""

    text_is_from: str
    """`page`, or `feed` if the feed's own text replaces the page's."""
    instead_of_kind: str | None
    """Why it is the feed's, as a stable word for counting (`http-403`, `robots`, `teaser`, ...); null if it is the page's."""
    instead_of_reason: str | None
    """The same reason as a sentence."""
    quotes: str | None
    """The page of another site that the feed has published this text as; null if it is its outlet's own."""
    hearsay: bool
    """It was found through the feed of another site; its own outlet's feed replaces it."""
    text_was: int | None
    """The length of the page's text, if only its beginning is kept and searched; null if `text` is complete."""
    entities_within: int | None
    """How many characters of the text were searched for entities; null if all were."""


class Article(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/article/1"):
    """An article: all that is known of it."""

    id: str
    url: str
    canonical: str
    """The canonical URL, which the id is made from."""
    title: str
    title_from: Origin | None
    """Where the title was read."""
    source: str
    """The name of the outlet in the feed list."""
    site_name: str | None
    """The name of the outlet on the page."""
    section: str | None
    """The outlet's section, such as `World`."""
    authors: tuple[str, ...]
    authors_from: Origin | None
    language: str | None
    """The language of the text, ISO 639-1; null if unknown."""
    declared_language: str | None
    """The language that page or feed declares."""
    published: Time | None
    published_from: PublishedFrom | None
    """Where `published` was read."""
    published_precision: Precision | None
    """How exact it is: a day, or a second in a given zone or in assumed UTC."""
    published_doubt: Time | None = None
    """A date that contradicts `published` by days, or one in the future; null if there is no doubt. Queries find both; the
    later possible one counts for `--since` and for sorting."""
    published_doubt_from: DoubtFrom | None = None
    """Where `published_doubt` was read; `seen`: the time when wirewatch first saw the article."""
    modified: Time | None
    modified_from: PublishedFrom | None
    seen: Time
    """When it was first seen in a feed."""
    fetched: Time
    extracted: Time
    enriched: Time
    indexed: Time
    text: str
    """Paragraphs, separated by one line break."""
    summary: str
    word_count: int
    """The number of words in the text; 0 if an older wirewatch read it."""
    image: str | None
    """Its URL."""
    links: tuple[str, ...]
    """The pages that the text links to."""
    topics: tuple[Topic, ...]
    entities: tuple[Entity, ...]
    story: str | None
    """The id of the first article about the same event; null if the article was not compared with others yet."""
    kind: Kind
    """The kind of page that the text was read from."""
    backfill: bool
    """It was not news when found: it can be searched, but no alert reports it."""
    feed: str
    """The URL of the feed that it was found in."""
    extraction: Extraction
    version: int = 0
    """How many edits were found before this version."""
    edited: Time | None = None
    """When the last edit was found; null if there was none."""
    withdrawn: Time | None = None
    """When its page was found to be gone; null if it is not. Title and text are then the last ones that were read."""
    edits: tuple[Edit, ...] = ()
    """The edits, oldest first; `wirewatch show ID --version N` prints a version."""
    alerts: tuple[Firing, ...]
    """The alerts on the article, or on another one of its story."""
    kibana: str | UnsetType = UNSET
    """Its address in Kibana; missing if `[kibana] url` is not set."""
