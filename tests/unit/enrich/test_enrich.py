from datetime import UTC, datetime

from enrich.enrich import Enricher
from enrich.names.gazetteer import load_gazetteer
from enrich.topics import load_topics
from stream.messages import Article, Enriched, decode, encode

NOW = datetime(2016, 3, 15, tzinfo=UTC)
TOPICS = b"""
[[topic]]
id = "named"
name = "Named"
query = 'entity:syria AND source:"the news" AND lang:en AND author:writer'
[[topic]]
id = "other"
name = "Other"
query = "entity:iraq"
"""
NAMES = b"name,type,id,aliases\nSyria,place,iso3166:SY,\n"


def test_article_gets_language_entities_and_topics() -> None:
    article = Article(
        id="1", url="https://news.example/1", feed="f", source="The News", title="Talks on Syria", author="Ann Writer",
        text="The talks were suspended until Friday, the envoy said.", seen=NOW, fetched=NOW, extracted=NOW,
    )  # fmt: skip
    enricher = Enricher(load_topics(TOPICS, "t"), load_gazetteer([("n", NAMES)]), lambda: NOW)
    enriched = enricher(article)
    assert enriched.article == article
    assert (enriched.language, enriched.enriched) == ("en", NOW)
    assert [entity.name for entity in enriched.entities] == ["Syria"]
    assert [tag.topic for tag in enriched.topics] == ["named"]
    assert decode(encode(enriched), Enriched) == enriched
