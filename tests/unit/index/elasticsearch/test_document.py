import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.elasticsearch.document import to_document, to_source
from index.elasticsearch.settings import Elasticsearch as Settings
from index.elasticsearch.setup import template_of
from index.store import Document
from stream.messages import Article, Enriched, Entity, Span, TopicTag

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
times = st.datetimes(timezones=st.just(UTC))
spans = st.lists(st.builds(Span, st.sampled_from(["title", "text"]), st.integers(0), st.integers(0))).map(
    tuple
)
ARTICLES = st.builds(
    Article,
    **dict.fromkeys(("id", "url", "feed", "source", "title", "text", "author", "image"), texts),
    published=st.none() | times,
    published_from=st.sampled_from(["meta", ""]),
    **dict.fromkeys(("seen", "fetched", "extracted"), times),
    v=st.integers(1, 9),
)
ENRICHED = st.builds(
    Enriched,
    article=ARTICLES,
    language=texts,
    topics=st.lists(st.builds(TopicTag, topic=texts, name=texts, clause=texts, spans=spans)).map(tuple),
    entities=st.lists(
        st.builds(Entity, name=texts, type=st.sampled_from(["person", "place"]), id=texts, spans=spans)
    ).map(tuple),
    enriched=times,
    v=st.integers(1, 9),
)


@given(enriched=ENRICHED)
def test_a_document_comes_back_as_it_was(enriched: Enriched) -> None:
    source = json.loads(msgspec.json.encode(to_source(enriched, NOON, NOON + timedelta(days=1))))
    assert to_document(source) == Document(enriched, NOON + timedelta(days=1))


def fields_of(properties: dict[str, Any], path: str = "") -> dict[str, Any]:
    """The mapping's fields by their full names; objects that aren't indexed count as one field."""
    found = {}
    for name, field in properties.items():
        inner = field.get("properties")
        found |= fields_of(inner, f"{path}{name}.") if inner else {f"{path}{name}": field}
    return found


def names_in(source: dict[str, Any], known: dict[str, Any], path: str = "") -> set[str]:
    names = set()
    for name, value in source.items():
        full = f"{path}{name}"
        inner = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
        looked_into = inner and full not in known
        names |= set().union(*(names_in(one, known, f"{full}.") for one in inner)) if looked_into else {full}
    return names


@given(enriched=ENRICHED)
def test_the_strict_mapping_knows_every_field(enriched: Enriched) -> None:
    mapping = template_of(Settings(prefix="x"))["template"]["mappings"]
    known = fields_of(mapping["properties"])
    assert mapping["dynamic"] == "strict"
    empty = {"topics", "entities"}  # an empty list has no fields
    assert names_in(to_source(enriched, NOON, NOON), known) <= known.keys() | empty


def sample(**changes: Any) -> Enriched:
    article = Article(
        id="x", url="u", feed="f", source="BBC News", title="Peace-talks", text="Été", seen=NOON, fetched=NOON,
        extracted=NOON, **changes,
    )  # fmt: skip
    entities = (
        Entity(name="Sergei Lavrov", type="person", spans=()),
        Entity(name="Syria", type="place", spans=()),
        Entity(name="NATO", type="organisation", spans=()),
    )
    return Enriched(article=article, language="en", entities=entities, enriched=NOON)


def test_what_is_searched_and_charted() -> None:
    source = to_source(sample(published=NOON - timedelta(minutes=1)), NOON + timedelta(seconds=5), NOON)
    assert source["terms"]["title"] == ["peace talks"]
    assert source["terms"]["text"] == ["ete"]
    assert source["terms"]["source"] == ["bbc news"]
    assert source["terms"]["entity"] == ["nato", "sergei lavrov", "syria"]
    assert (source["people"], source["organisations"], source["places"]) == (
        ["Sergei Lavrov"],
        ["NATO"],
        ["Syria"],
    )
    assert source["@timestamp"] == source["published"] == "2026-03-01T11:59:00Z"
    assert source["latency"] == {"published_to_indexed": 65.0, "seen_to_indexed": 5.0}


def test_why_the_text_is_the_feeds_can_be_counted_by_its_kind() -> None:
    told = sample(instead_of="http-403: https://a.example/b denies access (HTTP 403 Forbidden)")
    assert to_source(told, NOON, NOON)["instead_of_kind"] == "http-403"
    assert to_source(sample(), NOON, NOON)["instead_of_kind"] is None


def test_without_a_time_published_the_time_seen_counts() -> None:
    source = to_source(sample(), NOON, NOON)
    assert source["@timestamp"] == source["seen"]
    assert source["latency"] == {"seen_to_indexed": 0.0}


def test_other_documents_are_distinguished_from_articles() -> None:
    with pytest.raises((msgspec.ValidationError, KeyError)):
        to_document({"title": "x"})
