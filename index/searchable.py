"""What of an article can be searched: the fields of the query language, filled."""

from datetime import UTC, datetime, timedelta

from query.match import Prepared, prepare
from wirewatch.messages import Article, Enriched

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


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
            "entity": [entity.name for entity in enriched.entities],
        },
        article.published,
    )


def source_key(source: str) -> str:
    """The name of an outlet as filters compare it; cut at 1,000 characters, since strangers may have written it."""
    return source.casefold()[:1000]


def timeline(article: Article) -> datetime:
    """Where an article stands in time: when it was published, else when it was first seen."""
    return article.published or article.seen


def microseconds(time: datetime) -> int:
    """Microseconds since 1970 (UTC) of an aware time; raises TypeError for a naive one."""
    return (time - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """The time that `microseconds` counted."""
    return _EPOCH + count * _MICROSECOND
