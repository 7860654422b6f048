"""One query, one meaning: live matching, the embedded archive and a real Elasticsearch find the same articles.

The long test asks WIREWATCH_TEST_PARITY generated queries, 2,000 if that is not set.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from integration.parity_corpus import NOON, Queries, demo_world, enriched, reuters
from integration.parity_hard import HARD
from integration.parity_hard import QUERIES as HARD_QUERIES
from integration.parity_scripts import scripted
from servers.elasticsearch import new_prefix

from index.elasticsearch.query import compile_query
from index.elasticsearch.settings import Elasticsearch as Settings
from index.elasticsearch.store import ElasticsearchStore
from index.embedded.store import EmbeddedStore
from index.store import Search
from query.article import prepare_enriched
from query.match import Prepared, matches
from query.parse import parse
from query.tree import Node, show
from stream.errors import QueryError
from stream.messages import Enriched

BATCH = 25
FEW, MANY = 400, int(os.environ.get("WIREWATCH_TEST_PARITY", "2000"))
TEXTS = 300
SPELT, SPELT_QUERIES = scripted(seed=14)

Found = Sequence[frozenset[str]]


@dataclass
class Trio:
    """The same articles in three places: what each finds, as a set of ids per query."""

    live: Callable[[Sequence[Node]], Found]
    embedded: Callable[[Sequence[Node]], Found]
    elasticsearch: Callable[[Sequence[Node]], Found]

    def agreed(self, queries: Sequence[str]) -> Found:
        """What each query finds in all three places; fails with the queries that differ."""
        nodes = list(map(parse, queries))
        found = self.live(nodes)
        stored = zip(queries, found, self.embedded(nodes), self.elasticsearch(nodes), strict=True)
        differences = [
            f"{query}: live only {sorted(live - other)}, stored only {sorted(other - live)}"
            for query, live, *others in stored
            for other in others
            if other != live
        ]
        assert differences == []
        return found


def live(corpus: Mapping[str, Prepared], nodes: Sequence[Node]) -> Found:
    return [frozenset(key for key, one in corpus.items() if matches(node, one)) for node in nodes]


def embedded(store: EmbeddedStore, nodes: Sequence[Node]) -> Found:
    """What the index finds; without the spans, which cost more than all the rest."""
    asked = (Search(query=node, sort="oldest", limit=10_000) for node in nodes)
    documents = store._documents
    found = (store._fulltext.find(search, store._ids, documents.by_number) for search in asked)
    return [frozenset(store._ids([number for _, number in page.hits])) for page in found]


def real(client: Elasticsearch, alias: str, nodes: Sequence[Node]) -> Found:
    searches: list[dict[str, Any]] = []
    for node in nodes:
        searches += [{}, {"query": compile_query(node), "size": 10_000, "_source": False, "sort": "_doc"}]
    answer = client.msearch(index=alias, searches=searches)
    assert not any("error" in one for one in answer["responses"]), answer["responses"]
    return [frozenset(hit["_id"] for hit in one["hits"]["hits"]) for one in answer["responses"]]


@pytest.fixture(scope="module")
def corpus() -> list[Enriched]:
    return [*HARD, *SPELT, *enriched([*demo_world(), *reuters(TEXTS)])]


@pytest.fixture(scope="module")
def trio(
    corpus: list[Enriched], elasticsearch: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Trio]:
    prefix = new_prefix()
    folder = tmp_path_factory.mktemp("parity")
    with (
        EmbeddedStore.open(folder, now=lambda: NOON) as small,
        ElasticsearchStore.open(Settings(hosts=(elasticsearch,), prefix=prefix), now=lambda: NOON) as large,
        Elasticsearch(elasticsearch) as client,
    ):
        for store in (small, large):
            for message in corpus:
                store.add(message)
            assert store.flush() == {}
        prepared = {message.key: prepare_enriched(message) for message in corpus}
        yield Trio(
            lambda nodes: live(prepared, nodes),
            lambda nodes: embedded(small, nodes),
            lambda nodes: real(client, f"{prefix}-articles", nodes),
        )


@pytest.mark.parametrize("number", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_generated_queries_find_the_same_everywhere(trio: Trio, corpus: list[Enriched], number: int) -> None:
    asked = with_hits = 0

    @settings(
        max_examples=-(-number // BATCH),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # a failing batch names its queries: shrinking it would take minutes
    )
    @given(st.lists(Queries(corpus).strategy(), min_size=BATCH, max_size=BATCH))
    def compare(queries: list[str]) -> None:
        nonlocal asked, with_hits
        with_hits += sum(map(bool, trio.agreed(queries)))
        nodes = list(map(parse, queries))
        assert [parse(show(node)) for node in nodes] == nodes
        asked += len(queries)

    started = time.process_time()
    compare()
    print(f"\n{asked} queries, {with_hits} find something, {time.process_time() - started:.0f} s of CPU")  # noqa: T201 - with -s
    assert with_hits > asked / 2


def test_hard_queries_find_what_they_should(trio: Trio) -> None:
    names = {message.key: message.article.url.rpartition("/")[2] for message in HARD}
    assert len(HARD_QUERIES) >= 60
    found = trio.agreed(list(HARD_QUERIES))
    told = {
        query: " ".join(sorted(names.get(key, key) for key in keys))
        for query, keys in zip(HARD_QUERIES, found, strict=True)
    }
    assert told == HARD_QUERIES


def test_each_spelling_of_a_word_finds_all_of_them(trio: Trio) -> None:
    assert len(SPELT_QUERIES) >= 300
    assert sum(map(bool, SPELT_QUERIES.values())) > len(SPELT_QUERIES) / 2
    found = dict(zip(SPELT_QUERIES, trio.agreed(list(SPELT_QUERIES)), strict=True))
    assert found == SPELT_QUERIES


@pytest.mark.parametrize(
    "query", ["oil~1", "/oi.*/", '"peace talk*"', "title:[a TO b]", "_exists_:title", "*", "*:*", "+a OR b"]
)
def test_what_one_store_could_not_honour_is_refused_before_it_reaches_any(query: str) -> None:
    with pytest.raises(QueryError):
        parse(query)
