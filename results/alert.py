"""An alert as it is delivered, and the record that one fired."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from results.edits import Change
from results.parts import Coverage, Head, Hit, Time

Severity = Literal["info", "warning", "critical"]


class SourceNews(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a source."""

    name: str
    url: str
    """The URL of its feed."""
    title: str
    """In a few words, such as `Radio went silent`."""
    status: Literal["silent", "failing", "gone", "heard"]
    """`heard`: it recovered."""
    since: Time
    """The time of its last item, or of its first failure; for one that recovered, when it was last heard before."""
    expected: float
    """How many items it usually has in this time."""
    per_day: float
    """Its usual number of items a day."""
    reason: str
    """A sentence."""


class Telling(msgspec.Struct, frozen=True):
    """An earlier alert on an article."""

    alert: str
    at: Time


class EditNews(msgspec.Struct, frozen=True, kw_only=True):
    """What changed in an article after it was first read."""

    article: Head
    version: int
    """The number of its current version: `wirewatch show ID --changes` shows all edits."""
    found: Time
    """When the edit was found."""
    told: tuple[Telling, ...]
    """Earlier alerts on the article, and their times."""
    changes: tuple[Change, ...]
    """The first few."""
    more: int
    """How many further changes there are."""
    no_longer: tuple[str, ...]
    """The alerts on the article whose query it no longer matches."""


class Alert(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/alert/1"):
    """One message to one channel. It reports articles (`hits`), edits (`edits`) or sources (`source_news`)."""

    key: str
    """Always the same for the same alert, story and channel: a message that arrives twice has one key."""
    alert: str
    """The alert's name."""
    severity: Severity
    channel: str
    query: str | None
    """Null for an alert without a query: about sources, or about edits of reported articles."""
    reason: str
    """Why it fired now, in words."""
    hits: tuple[Hit, ...]
    source_news: tuple[SourceNews, ...]
    more: int
    """How many further articles, edits or sources there are."""
    coverage: Coverage | None
    """How many of the listed sources answered when it fired; null if unknown."""
    fired: Time
    kibana: str | UnsetType = UNSET
    """The address in Kibana of what the query finds, from the first of `hits` on; missing if `[kibana] url` is not set."""
    edits: tuple[EditNews, ...] = ()
    """Edits of articles that were reported before, or that match."""


class Firing(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/firing/1"):
    """The record that an alert reported a story or a source, and its deliveries."""

    alert: str
    severity: Severity
    fired: Time
    reason: str
    """Why it fired, in words."""
    story: str
    """What it fires once for: the story, the article, its version, or what happened to a source and since when."""
    hit: Hit | None
    """Null if it reports a source or an edit."""
    source_news: SourceNews | None
    """Null unless it reports a source."""
    also: int
    """How many articles of the story matched later; they are not reported."""
    delivered: dict[str, Time | None]
    """The time of delivery by channel; null: not yet."""
    edit: EditNews | None = None
    """Null unless it reports an edit."""
    held: bool = False
    """Whether it is held back: for a digest, the end of quiet hours or the end of a throttle."""


class History(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/history/1"):
    """The alerts sent so far: what `wirewatch alerts history --json` prints."""

    since: Time
    firings: tuple[Firing, ...]
    """Newest last."""
