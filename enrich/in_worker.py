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

Topics = Callable[[], Sequence[Topic]]
"""Gives the topics of the moment, which can be pickled: the same object for as long as nothing changed."""
_ready: list["_Renewed"] = []
"""The enricher of this process, once created."""


def begin_with(
    topics: Topics,
    own_names: Sequence[Source],
    model: str,
    now: Callable[[], datetime],
    corrections: Sequence[Correction] = (),
) -> Callable[[], None]:
    """The function that a worker process calls before its first article; it can be pickled.

    Args:
        topics: gives the topics to match articles against.
        own_names: the user's gazetteers.
        model: see names/recognisers.py.
        now: the clock.
        corrections: the user's corrections of names.
    """
    return functools.partial(_begin, topics, tuple(own_names), model, now, tuple(corrections))


def enrich(article: Article) -> Enriched:
    """See Enricher."""
    (enricher,) = _ready
    return enricher(article)


class _Renewed:
    """An enricher that takes up the topics of the moment."""

    def __init__(self, topics: Topics, make: Callable[[Sequence[Topic]], Enricher]) -> None:
        self._topics = topics
        self._make = make
        self._known = topics()
        self._enricher = make(self._known)

    def __call__(self, article: Article) -> Enriched:
        current = self._topics()
        if current is not self._known:
            self._known, self._enricher = current, self._make(current)
        return self._enricher(article)


def _begin(
    topics: Topics,
    own_names: Sequence[Source],
    model: str,
    now: Callable[[], datetime],
    corrections: Sequence[Correction] = (),
) -> None:
    gazetteer, recognise = default_gazetteer(own_names), recogniser(model)
    make = functools.partial(
        Enricher, gazetteer=gazetteer, now=now, recognise=recognise, corrections=corrections
    )
    _ready[:] = [_Renewed(topics, make)]
