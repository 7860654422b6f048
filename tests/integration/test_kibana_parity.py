"""The same words in Kibana: compares its search box on a real Elasticsearch with wirewatch.

WIREWATCH_TEST_PARITY sets the number of generated queries. With -s the figures are printed.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import msgspec
import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from integration.parity_corpus import NOON, Queries, article, demo_world, enriched, reuters
from integration.parity_hard import HARD
from servers.elasticsearch import new_prefix

from bench.material.kibana_search import kql_search, lucene_search
from index.elasticsearch.settings import Elasticsearch as Settings
from index.elasticsearch.store import ElasticsearchStore
from kibana.language import to_kql, to_lucene
from query.article import prepare_enriched
from query.match import matches
from query.parse import parse
from query.tree import And, Near, Node, Not, Or
from stream.messages import Enriched

QUERIES = int(os.environ.get("WIREWATCH_TEST_PARITY", "300"))
BATCH = 25
TEXTS = 200

Find = Callable[[Sequence[dict[str, object]]], list[frozenset[str]]]


@pytest.fixture(scope="module")
def corpus() -> list[Enriched]:
    return [*HARD, *other_scripts(), *enriched([*demo_world(), *reuters(TEXTS)])]


@pytest.fixture(scope="module")
def find(corpus: list[Enriched], elasticsearch: str) -> Iterator[Find]:
    """Asks the server, as Kibana does, for the ids of the articles that queries find."""
    prefix = new_prefix()
    with (
        ElasticsearchStore.open(Settings(hosts=(elasticsearch,), prefix=prefix), now=lambda: NOON) as store,
        Elasticsearch(elasticsearch) as client,
    ):
        for message in corpus:
            store.add(message)
        assert store.flush() == {}

        def found(queries: Sequence[dict[str, object]]) -> list[frozenset[str]]:
            searches: list[dict[str, object]] = []
            for query in queries:
                searches += [{}, {"query": query, "size": 10_000, "_source": False}]
            answers = client.msearch(index=f"{prefix}-articles", searches=searches)["responses"]
            assert not [one for one in answers if "error" in one], answers
            return [frozenset(hit["_id"] for hit in one["hits"]["hits"]) for one in answers]

        yield found


def ours(corpus: Sequence[Enriched], node: Node) -> frozenset[str]:
    return frozenset(one.key for one in corpus if matches(node, prepare_enriched(one)))


TYPED = [
    "syria",
    '"peace talks"',
    "title:syria",
    "text:talks",
    "talk*",
    "lang:en",
    "lang:EN",
    "topic:syria",
    "topic:peace-talks",
    'topic:"Peace-Talks"',
    "topic:(syria OR russia)",
    'entity:"Vladimir Putin"',
    'entity:"vladimir putin"',
    "entity:SY",
    "entity:sy",
    "entity:Q7747",
    'source:"harbour courier"',
    'source:"HARBOUR COURIER"',
    "author:ferrant",
    "syria AND talks",
    "syria OR sanctions",
    "(lang:fr OR lang:de) AND NOT published:2016-03-14",
    "syria AND NOT talks",
    "published:[2016-01-01 TO 2016-12-31]",
    "published:>=2016-01-01",
    "published:2016-03-14",
    'topic:syria AND lang:en AND "peace talks"',
]
"""What an analyst types, word for word the same in wirewatch and in Kibana with Lucene."""

TYPED_IN_KQL = {
    "syria": "syria",
    '"peace talks"': '"peace talks"',
    "lang:en": "lang:en",
    "topic:peace-talks": "topic:peace-talks",
    'entity:"Vladimir Putin"': 'entity:"Vladimir Putin"',
    'source:"harbour courier"': 'source:"harbour courier"',
    "title:syria AND NOT text:talks": "title:syria and not text:talks",
    "published:>=2016-01-01": 'published >= "2016-01-01"',
    "talk*": "talk*",
}


@pytest.mark.parametrize("typed", TYPED)
def test_what_is_typed_finds_the_same_in_lucene(find: Find, corpus: list[Enriched], typed: str) -> None:
    assert find([lucene_search(typed)]) == [ours(corpus, parse(typed))]


@pytest.mark.parametrize(("typed", "kql"), TYPED_IN_KQL.items())
def test_what_is_typed_finds_the_same_in_kql(
    find: Find, corpus: list[Enriched], typed: str, kql: str
) -> None:
    assert find([kql_search(kql)]) == [ours(corpus, parse(typed))]


def other_scripts() -> list[Enriched]:
    """Words in several spellings, each as a newspaper writes it, and a date that another contradicts."""
    texts = (
        *("Конец войны и мира", "الأمم المتحدة في سوريا عام ٢٠١٦", "叙利亚和平谈判", "敘利亞的和談"),
        *("เจรจาสันติภาพ", "シリア和平協議"),
    )
    found = enriched(
        [article(f"https://scripts.example/{number}", text, text) for number, text in enumerate(texts)]
    )
    doubted = msgspec.structs.replace(
        found[0].article, published=NOON, published_doubt=NOON - timedelta(days=400)
    )
    return [msgspec.structs.replace(found[0], article=doubted), *found[1:]]


@pytest.mark.parametrize(
    "query",
    [
        *(
            "войны",
            "мир*",
            "NOT войны",
            '"конец войны"',
            "title:война OR text:войны",
            "سوريا",
            "الامم",
            "سوري*",
        ),
        *(
            "叙利亚",
            "和平 谈判",
            "สันติภาพ",
            "シリア",
            "w?yny",
            f"published:{(NOON - timedelta(days=400)).date()}",
        ),
    ],
)
def test_other_scripts_and_doubted_dates(find: Find, corpus: list[Enriched], query: str) -> None:
    node = parse(query)
    expected = ours(corpus, node)
    assert find([lucene_search(to_lucene(node).text)]) == [expected]
    if (kql := to_kql(node)) is not None:
        assert find([kql_search(kql)]) == [expected]


def test_most_of_what_is_typed_finds_something(corpus: list[Enriched]) -> None:
    empty = [typed for typed in TYPED if not ours(corpus, parse(typed))]
    assert empty == []


def leaves(node: Node) -> Iterator[Node]:
    match node:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from leaves(part)
        case Not(part=part):
            yield from leaves(part)
        case _:
            yield node


def test_generated_queries_find_the_same(find: Find, corpus: list[Enriched]) -> None:
    """Each in both languages, where they can say it; what differs must have a cause that docs/queries.md names."""
    tried: Counter[str] = Counter()
    same: Counter[str] = Counter()
    causes: dict[str, Counter[str]] = defaultdict(Counter)
    unexplained: list[str] = []

    def compare(language: str, asked: Sequence[tuple[Node, str]]) -> None:
        search = kql_search if language == "KQL" else lucene_search
        for (node, text), found in zip(asked, find([search(text) for _, text in asked]), strict=True):
            expected = ours(corpus, node)
            tried[language] += 1
            if found == expected:
                same[language] += 1
            elif why := cause(node, corpus, found ^ expected):
                causes[language][why] += 1
            else:
                unexplained.append(
                    f"{language} {text}: {len(found - expected)} more, {len(expected - found)} fewer"
                )

    @settings(
        max_examples=-(-QUERIES // BATCH),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(st.lists(Queries(corpus).strategy(), min_size=BATCH, max_size=BATCH))
    def run(queries: list[str]) -> None:
        nodes = list(map(parse, queries))
        compare("Lucene", [(node, to_lucene(node).text) for node in nodes])
        compare("KQL", [(node, kql) for node in nodes if (kql := to_kql(node)) is not None])

    run()
    for language, number in tried.items():
        figures = f"tried {number}, same {same[language]}, different {dict(causes[language])}"
        print(f"\n{language}: {figures}")  # noqa: T201 - with -s
    assert unexplained == []
    assert same["KQL"] > 0.9 * tried["KQL"]


def cause(node: Node, corpus: Sequence[Enriched], differing: frozenset[str]) -> str:
    """Why Kibana may find other articles; '' if it should not."""
    if any(isinstance(leaf, Near) for leaf in leaves(node)):
        return "proximity"
    texts = [f"{one.article.title} {one.article.text}" for one in corpus if one.key in differing]
    if all(re.search(r"['’]s\b", text) for text in texts):
        return "possessive s"
    other_digits = all(any(char.isdecimal() and not char.isascii() for char in text) for text in texts)
    return "digits in other letters than Latin" if other_digits else ""
