"""What is known of an article beyond its page: language, topics, entities."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from enrich.entities import find_entities
from enrich.gazetteer import Gazetteer
from enrich.language import detect
from enrich.topics import Topic, tag
from query.match import prepare
from query.tokens import terms
from query.values import value_key
from wirewatch.messages import Article, Enriched


class Enricher:
    """Enriches articles, one at a time; holds no state but what it was made with.

    Args:
        topics: what to hold articles against.
        gazetteer: the names to find.
        now: the clock.
    """

    def __init__(self, topics: Sequence[Topic], gazetteer: Gazetteer, now: Callable[[], datetime]) -> None:
        self._topics = tuple(topics)
        self._gazetteer = gazetteer
        self._now = now

    def __call__(self, article: Article) -> Enriched:
        """The article with its language, topics and entities. Topics may ask for all fields but `topic`."""
        language = detect(f"{article.title}\n{article.text}", article.declared_language)
        values = {
            "author": [article.author],
            "url": [article.url],
            "source": [article.source],
            "lang": [language],
        }
        prepared = prepare(article.title, article.text, values, article.published)
        entities = find_entities(prepared, self._gazetteer, language)
        names = frozenset(value_key(terms(entity.name)) for entity in entities)
        prepared = replace(prepared, values={**prepared.values, "entity": names})
        return Enriched(
            article=article,
            language=language,
            topics=tag(self._topics, prepared),
            entities=entities,
            enriched=self._now(),
        )
