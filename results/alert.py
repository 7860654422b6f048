"""An alert as it is delivered, and the record that one fired."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from results.edits import Change
from results.parts import Coverage, Head, Hit, Time

Severity = Literal["info", "warning", "critical"]


class SourceNews(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a source."""

    name: str
    url: str
    """Of its feed."""
    title: str
    """In a few words, such as `Radio went silent`."""
    status: Literal["silent", "failing", "gone", "heard"]
    """`heard`: it is heard again."""
    since: Time
    """Its last item, or its first failure; of one that is heard again, when it was last heard before."""
    expected: float
    """How many items it usually has in that time."""
    per_day: float
    """Its usual number of items a day."""
    reason: str
    """A sentence."""


class Telling(msgspec.Struct, frozen=True):
    """That an alert told of an article."""

    alert: str
    at: Time


class EditNews(msgspec.Struct, frozen=True, kw_only=True):
    """What was changed in an article after it was first read."""

    article: Head
    version: int
    """The number of the version that it has now: `wirewatch show ID --changes` shows all edits."""
    found: Time
    """When the edit was found."""
    told: tuple[Telling, ...]
    """The alerts that told of the article before, and when."""
    changes: tuple[Change, ...]
    """The first few."""
    more: int
    """How many changes there are besides."""
    no_longer: tuple[str, ...]
    """The alerts that told of the article and whose query it no longer matches."""


class Alert(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/alert/1"):
    """One message to one channel. It tells of articles (`hits`), of edits (`edits`) or of sources (`source_news`)."""

    key: str
    """The same for the same alert, story and channel, always: what arrives twice has one key."""
    alert: str
    """The alert's name."""
    severity: Severity
    channel: str
    query: str | None
    """Null for an alert without one: about sources, or about edits of what was told."""
    reason: str
    """What made it fire now, in words."""
    hits: tuple[Hit, ...]
    source_news: tuple[SourceNews, ...]
    more: int
    """How many articles, edits or sources there are besides."""
    coverage: Coverage | None
    """How much of the feed list was heard when it fired; null if that could not be told."""
    fired: Time
    kibana: str | UnsetType = UNSET
    """The address in Kibana of what the query finds, from the first of `hits` on; missing if `[kibana] url` is not set."""
    edits: tuple[EditNews, ...] = ()
    """Of articles that were changed after they were told of, or that match."""


class Firing(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/firing/1"):
    """That an alert told of a story or a source, and where that was delivered."""

    alert: str
    severity: Severity
    fired: Time
    reason: str
    """What made it fire, in words."""
    story: str
    """What it is told once for: the story, the article, its version, or what became of a source and since when."""
    hit: Hit | None
    """Null if it tells of a source or an edit."""
    source_news: SourceNews | None
    """Null unless it tells of a source."""
    also: int
    """How many articles of the story matched later; they are not told of."""
    delivered: dict[str, Time | None]
    """When, by channel; null: not yet."""
    edit: EditNews | None = None
    """Null unless it tells of an edit."""
    held: bool = False
    """Whether it is held back: for a digest, the end of quiet hours or the end of a throttle."""


class History(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/history/1"):
    """What alerts have told: what `wirewatch alerts history --json` prints."""

    since: Time
    firings: tuple[Firing, ...]
    """The newest last."""
