"""Enrichment within a worker process: what it needs is made once, when the process begins."""

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
"""The enricher of this process, once it is made."""


def begin_with(
    topics: Sequence[Topic],
    own_names: Sequence[Source],
    model: str,
    now: Callable[[], datetime],
    corrections: Sequence[Correction] = (),
) -> Callable[[], None]:
    """What a worker process has to call before its first article; it can be pickled.

    Args:
        topics: what to hold articles against.
        own_names: the user's gazetteers.
        model: see names/recognisers.py.
        now: the clock.
        corrections: what the user says of names.
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
