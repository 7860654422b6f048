"""Topics as they are defined, what each tags, and what another definition would."""

from datetime import date
from typing import Any

import msgspec

from results.parts import QueryWarning, Time


class Sample(msgspec.Struct, frozen=True):
    """An article that a topic tags, and the clause that made it match."""

    id: str
    title: str
    source: str
    published: Time | None
    clause: str


class Count(msgspec.Struct, frozen=True):
    """What a topic tags. `archived` counts the tags as stored, `differ` the articles that a replay would change."""

    id: str
    name: str
    parent: str
    version: str
    tagged: int
    archived: int
    differ: int
    samples: list[Sample]
    languages: dict[str, int] = {}
    """How many it tags in each language, the most first."""


class Report(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/topics/1"):
    """What each topic tags of the newest articles, as it is defined now."""

    since: Time
    articles: int
    """How many there are."""
    topics: list[Count]
    languages: dict[str, int] = {}
    """How many there are in each language, the most first."""


class TopicDefinition(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/topic/1"):
    """A topic as it is defined."""

    id: str
    name: str
    query: str
    understood: str
    """The query, fully bracketed."""
    description: str
    colour: str
    """As `#rrggbb`; '' leaves it to whoever shows it."""
    parent: str
    """The id of the topic that it is a part of; '' for none."""
    mention: str
    """`any`, or `salient`: only articles that are about it."""
    keys: dict[str, Any]
    """The topic as topics.toml has it, key by key."""
    version: str
    """A hash of `keys`: who changes the topic names it, so that nobody else's change is overwritten."""


class TopicList(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/topic-list/1"):
    """The topics that articles are tagged with."""

    topics: tuple[TopicDefinition, ...]
    bundled: bool
    """Whether they are the ones that come with wirewatch: the first change copies them into a file of your own."""


class TopicDay(msgspec.Struct, frozen=True):
    """The articles of a day (UTC)."""

    day: date
    kept: int
    """That both definitions tag."""
    gained: int
    """That only the new one does."""
    lost: int
    """That only the present one does."""


class TopicTrial(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/topic-trial/1"
):
    """What a definition of a topic would tag by its own query, against the present one. What a topic has of its parts is left
    out."""

    query: str
    """As it is understood, fully bracketed."""
    since: Time
    until: Time
    kept: int
    gained: int
    lost: int
    days: tuple[TopicDay, ...]
    """Without gaps."""
    gained_samples: tuple[Sample, ...]
    """The newest ones, with the clause of the new definition; the same for `kept_samples`."""
    lost_samples: tuple[Sample, ...]
    """With the clause of the present definition."""
    kept_samples: tuple[Sample, ...]
    warnings: tuple[QueryWarning, ...]
    """Likely mistakes in the query."""
    complete: bool
    """False if there were more articles than are tried: the newest ones are."""
