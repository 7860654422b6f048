import pickle
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from enrich.enrich import MAX_NAMED, Enricher
from enrich.in_worker import begin_with, enrich
from enrich.names.gazetteer import load_gazetteer
from enrich.topics import Topic, load_topics
from stream.clock import utc_now
from stream.messages import MAX_SPANS, Article, Enriched, decode, encode

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


ARTICLE = Article(
    id="1", url="https://news.example/1", feed="f", source="The News", title="Talks on Syria", author="Ann Writer",
    text="The talks were suspended until Friday, the envoy said.", seen=NOW, fetched=NOW, extracted=NOW,
)  # fmt: skip


def test_article_gets_language_entities_and_topics() -> None:
    enricher = Enricher(load_topics(TOPICS, "t"), load_gazetteer([("n", NAMES)]), lambda: NOW)
    enriched = enricher(ARTICLE)
    assert enriched.article == ARTICLE
    assert (enriched.language, enriched.enriched) == ("en", NOW)
    assert [entity.name for entity in enriched.entities] == ["Syria"]
    assert [tag.topic for tag in enriched.topics] == ["named"]
    assert decode(encode(enriched), Enriched) == enriched
    assert enriched.enriched_to == 0


def test_a_very_long_text_gets_names_from_its_beginning_and_topics_from_all_of_it() -> None:
    names = b"name,type,id,aliases\nSyria,place,iso3166:SY,\nIraq,place,iso3166:IQ,\n"
    topics = b"[[topic]]\nid = 'late'\nname = 'Late'\nquery = 'syria AND iraq'"
    enricher = Enricher(load_topics(topics, "t"), load_gazetteer([("n", names)]), lambda: NOW)
    text = "Syria " * (MAX_NAMED // 6 + 1) + "Iraq"
    enriched = enricher(msgspec.structs.replace(ARTICLE, text=text))
    assert [(entity.name, len(entity.spans)) for entity in enriched.entities] == [("Syria", MAX_SPANS)]
    assert enriched.article.text[enriched.enriched_to - 5 :].startswith("Syria ")
    assert MAX_NAMED - 6 <= enriched.enriched_to <= MAX_NAMED
    assert [(tag.topic, len(tag.spans)) for tag in enriched.topics] == [("late", MAX_SPANS)]


CURRENT = [load_topics(TOPICS, "t")]


def current() -> Sequence[Topic]:
    return CURRENT[-1]


def test_a_worker_takes_up_topics_that_have_changed() -> None:
    pickle.loads(pickle.dumps(begin_with(current, [("own.csv", NAMES)], "gazetteer", utc_now)))()
    before = [tag.topic for tag in enrich(ARTICLE).topics]
    CURRENT.append(load_topics(TOPICS.replace(b"named", b"renamed"), "t"))
    assert [tag.topic for tag in enrich(ARTICLE).topics] == ["renamed"] != before
    CURRENT.pop()


def test_a_worker_tags_with_what_it_began_with() -> None:
    begin = begin_with(current, [("own.csv", NAMES)], "gazetteer", utc_now)
    pickle.loads(pickle.dumps(begin))()
    assert [tag.topic for tag in enrich(ARTICLE).topics] == ["named"]
