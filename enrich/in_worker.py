"""Enrichment in a worker process: what it needs is created once, when the process starts."""

import functools
from collections.abc import Callable, Sequence
from datetime import datetime

from enrich.enrich import Enricher
from enrich.names.corrections import Correction
from enrich.names.gazetteer import Source, default_gazetteer
from enrich.names.recognisers import recogniser
from enrich.topics import Topic
from stream.messages import Article, Enriched

_ready: list[Enricher] = []
"""The enricher of this process, once created."""


def begin_with(
    topics: Sequence[Topic],
    own_names: Sequence[Source],
    model: str,
    now: Callable[[], datetime],
    corrections: Sequence[Correction] = (),
) -> Callable[[], None]:
    """The function that a worker process calls before its first article; it can be pickled.

    Args:
        topics: the topics to match articles against.
        own_names: the user's gazetteers.
        model: see names/recognisers.py.
        now: the clock.
        corrections: the user's corrections of names.
    """
    return functools.partial(_begin, tuple(topics), tuple(own_names), model, now, tuple(corrections))


def enrich(article: Article) -> Enriched:
    """See Enricher."""
    (enricher,) = _ready
    return enricher(article)


def _begin(
    topics: Sequence[Topic],
    own_names: Sequence[Source],
    model: str,
    now: Callable[[], datetime],
    corrections: Sequence[Correction] = (),
) -> None:
    _ready[:] = [Enricher(topics, default_gazetteer(own_names), now, recogniser(model), corrections)]
