"""The fields of the query language, filled with an article: the same for searches and for alerts."""

from query.match import Prepared, prepare
from stream.messages import Enriched


def prepare_enriched(enriched: Enriched) -> Prepared:
    """An enriched article, ready to be matched or indexed."""
    article = enriched.article
    return prepare(
        article.title,
        article.text,
        {
            "author": [article.author],
            "url": [article.url],
            "source": [article.source],
            "lang": [enriched.language],
            "topic": [tag.topic for tag in enriched.topics],
            "entity": [value for entity in enriched.entities for value in entity.searched_as],
        },
        article.published_any,
    )
