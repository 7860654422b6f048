"""Enriches an article: language, topics, entities."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from enrich.language import detect
from enrich.names.corrections import Correction
from enrich.names.entities import Recogniser, find_entities
from enrich.names.gazetteer import Gazetteer
from enrich.names.rules import by_rules
from enrich.topics import Topic, tag
from query.article import where_named
from query.match import prepare
from query.tokens import shortened
from stream.messages import Article, Enriched

MAX_NAMED = 200_000
"""Code points of a text searched for names, some 30,000 words: several times the longest newspaper reports."""


class Enricher:
    """Enriches articles, one at a time; stateless apart from its arguments.

    Args:
        topics: the topics to match articles against.
        gazetteer: the names to find.
        now: the clock.
        recognise: finds names that are not in the gazetteer: see names/recognisers.py.
        corrections: the user's corrections of names, which override everything else.
    """

    def __init__(
        self,
        topics: Sequence[Topic],
        gazetteer: Gazetteer,
        now: Callable[[], datetime],
        recognise: Recogniser = by_rules,
        corrections: Sequence[Correction] = (),
    ) -> None:
        self._topics = tuple(topics)
        self._gazetteer = gazetteer
        self._now = now
        self._recognise = recognise
        self._corrections = tuple(corrections)

    def __call__(self, article: Article) -> Enriched:
        """The article with its language, topics and entities. Topics may use all fields except `topic`.

        Entities are found in the first `MAX_NAMED` code points of the text. Topics are matched against all of it, like searches
        and alerts, so that a query means the same everywhere.
        """
        language = detect(f"{article.title}\n{article.text}", article.declared_language)
        values = {
            "author": [article.author],
            "url": [article.url],
            "source": [article.source],
            "lang": [language],
        }
        prepared = prepare(article.title, article.text, values, article.published_any)
        beginning = shortened(article.text, MAX_NAMED)
        is_whole = len(beginning) == len(article.text)
        entities = find_entities(
            prepared if is_whole else prepare(article.title, beginning, {}),
            self._gazetteer,
            language,
            self._recognise,
            self._corrections,
            article.source,
        )
        named = where_named(entities)
        values_with_names = {**prepared.values, "entity": frozenset(named)}
        prepared = replace(prepared, values=values_with_names, named=named)
        return Enriched(
            article=article,
            language=language,
            topics=tag(self._topics, prepared),
            entities=entities,
            enriched=self._now(),
            enriched_to=0 if is_whole else len(beginning),
        )
