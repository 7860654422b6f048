"""The contract of the store: see index/store.py. Add new implementations to STORES and READERS."""

import hashlib
import html
import itertools
import os
import random
import re
import subprocess
import sys
import tarfile
import textwrap
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples.places import DATA, ROOT
from servers.elasticsearch import run_prefix
from waiting import PATIENCE

from index.counts import Count, Counts, Stretch, Tally
from index.elasticsearch.settings import Elasticsearch
from index.elasticsearch.store import ElasticsearchStore
from index.embedded.store import EmbeddedStore
from index.store import Document, Filter, Hits, Search, Sort, Store
from index.suggest import suggest
from query.article import prepare_enriched
from query.marks import MOST_ARTICLES
from query.match import match
from query.parse import parse
from query.tree import And, Near, Node, Not, Or, Phrase, Prefix, Range, Term, Wildcard, WordLeaf
from stream.messages import (
    Article,
    Change,
    ChangeKind,
    DoubtFrom,
    Enriched,
    Entity,
    Regrouping,
    Span,
    TopicTag,
    article_id,
)
from stream.versions import superseded

Open = Callable[[], Store]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REUTERS = DATA / "reuters21578.tar.xz"

STORES: dict[str, Callable[[Path], Store]] = {
    "embedded": lambda folder: EmbeddedStore.open(folder, now=lambda: NOON),
    "elasticsearch": lambda folder: ElasticsearchStore.open(real_server(folder), now=lambda: NOON),
}
READERS: dict[str, Callable[[Path], Store]] = {
    "embedded": lambda folder: EmbeddedStore.open(folder, readonly=True),
    "elasticsearch": lambda folder: ElasticsearchStore.open(real_server(folder), readonly=True),
}
"""Opened beside a writer in another process."""


def real_server(folder: Path) -> Elasticsearch:
    """The server that the fixture `elasticsearch` provides."""
    return Elasticsearch(hosts=(os.environ["WIREWATCH_TEST_ELASTICSEARCH"],), prefix=prefix_of(folder))


def prefix_of(folder: Path) -> str:
    """A prefix for the indices of a test, like a folder for the others."""
    return f"{run_prefix()}-{hashlib.blake2b(bytes(folder), digest_size=8).hexdigest()}"


@pytest.fixture(params=sorted(STORES), scope="module")
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "elasticsearch":
        request.getfixturevalue("elasticsearch")
    return str(request.param)


@pytest.fixture
def open_store(kind: str, tmp_path: Path) -> Open:
    """Opens the same archive each time; it is empty at first."""
    return lambda: STORES[kind](tmp_path)


@pytest.fixture
def store(open_store: Open) -> Iterator[Store]:
    with open_store() as opened:
        yield opened


def enriched(
    name: str,
    title: str = "",
    text: str = "",
    *,
    source: str = "BBC News",
    language: str = "en",
    topics: Sequence[str] = (),
    entities: Sequence[str] = (),
    author: str = "",
    published: datetime | None = None,
    doubt: datetime | None = None,
    doubt_from: DoubtFrom = "feed",
    seen: datetime = NOON,
    at: datetime = NOON,
    hearsay: bool = False,
) -> Enriched:
    article = Article(
        id=article_id(name),
        url=name,
        feed="",
        source=source,
        title=title,
        text=text,
        author=author,
        published=published,
        published_from="meta" if published else "",
        published_doubt=doubt,
        published_doubt_from=doubt_from if doubt else "",
        seen=seen,
        fetched=NOON,
        extracted=NOON,
        hearsay=hearsay,
    )
    return Enriched(
        article=article,
        language=language,
        topics=tuple(TopicTag(topic=topic, name=topic, clause=topic, spans=()) for topic in topics),
        entities=tuple(Entity(name=entity, type="person", spans=()) for entity in entities),
        enriched=at,
    )


def fill(store: Store, *messages: Enriched) -> None:
    for message in messages:
        store.add(message)
    store.flush()


def found(store: Store, query: str) -> list[str]:
    """The names of the articles that a query finds, sorted."""
    return sorted(names(store.search(Search(query=parse(query), limit=1000))))


def names(hits: Hits) -> list[str]:
    return [hit.document.enriched.article.url for hit in hits.hits]


def test_an_empty_store(store: Store) -> None:
    assert store.search(Search()) == Hits(0, ())
    assert store.search(Search(query=parse("a"), sort="newest")) == Hits(0, ())
    assert (store.count(), list(store.scan()), store.get("x"), store.find_ids("")) == (0, [], None, [])
    assert dict(store.facet("topic")) == {}
    store.flush()


def test_what_was_flushed_is_found_and_stays_after_reopening(open_store: Open) -> None:
    message = enriched("a", "Peace talks", "In Geneva.", topics=["peace"], entities=["Ann"], published=NOON)
    with open_store() as store:
        store.add(message)
        assert store.count() == 0
        store.flush()
        (hit,) = store.search(Search(query=parse("geneva"))).hits
        assert hit.document.enriched == message
        assert hit.document.indexed == NOON
        assert hit.score > 0
    with open_store() as store:
        document = store.get(message.key)
        assert document is not None
        assert document.enriched == message
        assert found(store, "geneva") == ["a"]
        assert store.count() == 1


def test_the_reason_for_a_feeds_own_text_is_kept_even_if_long(store: Store) -> None:
    told = enriched("a", "Peace talks")
    why = f"robots: https://a.example/{'x' * 9_000} is closed to robots by"
    message = msgspec.structs.replace(told, article=msgspec.structs.replace(told.article, instead_of=why))
    fill(store, message, enriched("b", "Peace talks"))
    kept = {one.enriched.article.url: one.enriched.article.instead_of for one in store.scan()}
    assert kept == {"a": why, "b": ""}


def test_a_repeat_replaces_and_keeps_the_earliest_time_seen(store: Store) -> None:
    early, late = NOON - timedelta(hours=2), NOON + timedelta(hours=2)
    fill(store, enriched("a", "old", topics=["x", "y"], source="Old", seen=NOON))
    fill(store, enriched("a", "new", topics=["y"], source="New", seen=late))
    assert (found(store, "old"), found(store, "new"), store.count()) == ([], ["a"], 1)
    assert (store.facet("topic"), store.facet("source")) == ({"y": 1}, {"New": 1})
    (document,) = store.scan()
    assert document.enriched == enriched("a", "new", topics=["y"], source="New", seen=NOON)
    fill(store, enriched("a", "newer", seen=early), enriched("a", "newest", seen=late))
    assert (found(store, "newer"), found(store, "newest")) == ([], ["a"])
    assert store.search(Search(until=NOON)).total == 1
    (document,) = store.scan()
    assert document.enriched.article.seen == early


def test_an_older_version_that_comes_late_changes_nothing(open_store: Open) -> None:
    later = NOON + timedelta(microseconds=1)
    newest = enriched("a", "new", topics=["y"], source="New", entities=["Ann"], at=later)
    with open_store() as store:
        fill(store, newest)
        fill(
            store,
            enriched("a", "old", topics=["x"], source="Old", entities=["Bob"], at=NOON),
            enriched("b", "old"),
        )
        assert (found(store, "new"), found(store, "old"), store.count()) == (["a"], ["b"], 2)
        assert dict(store.facet("topic")) == {"y": 1}
        fill(store, enriched("c", "new", at=later), enriched("c", "old", at=NOON))
        assert found(store, "new") == ["a", "c"]
    with open_store() as store:
        document = store.get(newest.key)
        assert document is not None
        assert document.enriched == newest
        fill(store, enriched("a", "again", at=later))
        assert found(store, "again") == ["a"], "a repeat of the newest version is taken"
        fill(store, enriched("b", "older", at=NOON - timedelta(seconds=1)))
        assert (found(store, "old"), found(store, "older"), store.count()) == (["b"], [], 3)


def test_hearsay_never_replaces_what_the_outlets_own_feed_brought(open_store: Open) -> None:
    later = NOON + timedelta(hours=1)
    with open_store() as store:
        fill(store, enriched("a", "own", source="Victim"), enriched("b", "heard", hearsay=True))
        fill(store, enriched("a", "heard", source="Evil", hearsay=True, at=later))
        fill(store, enriched("b", "again", hearsay=True, at=later))
        assert (found(store, "own"), found(store, "heard"), found(store, "again")) == (["a"], [], ["b"])
        fill(store, enriched("b", "own", at=NOON - timedelta(hours=1)))
        assert found(store, "own") == ["a", "b"], "its outlet's word counts, also if it is older"
        fill(store, enriched("c", "heard", hearsay=True, at=later), enriched("c", "own"))
        assert found(store, "heard") == []


def test_filters(store: Store) -> None:
    fill(
        store,
        enriched("a", "word", source="BBC News", language="en", topics=["peace", "war"], published=NOON),
        enriched(
            "b", "word", source="bbc news", language="de", topics=["war"], seen=NOON + timedelta(days=1)
        ),
        enriched("c", "word", source="BBC", language="en", published=NOON - timedelta(days=1)),
        enriched("d", "other", source="Straße", language="fr", topics=["war-crimes"], published=NOON),
    )

    def names_of(search: Search) -> list[str]:
        hits = store.search(search)
        assert hits.total == len(hits.hits)
        return sorted(names(hits))

    word = parse("word")
    assert names_of(Search()) == ["a", "b", "c", "d"]
    assert names_of(Search(topics=("war",))) == ["a", "b"]
    assert names_of(Search(topics=("peace", "war-crimes"))) == ["a", "d"]
    assert names_of(Search(sources=("BBC NEWS",))) == ["a", "b"]
    assert names_of(Search(sources=("STRASSE", "bbc"))) == ["c", "d"]
    assert names_of(Search(languages=("en", "fr"), query=word)) == ["a", "c"]
    assert names_of(Search(since=NOON)) == ["a", "b", "d"]
    assert names_of(Search(until=NOON)) == ["c"]
    assert names_of(Search(since=NOON, until=NOON + timedelta(microseconds=1))) == ["a", "d"]
    assert names_of(Search(query=word, topics=("war",), languages=("de",), since=NOON)) == ["b"]
    assert names_of(Search(query=parse("NOT word"), sources=("bbc",))) == []


def test_a_wrong_date_hides_no_fresh_article(store: Store) -> None:
    old, ahead, day = NOON - timedelta(days=2000), NOON + timedelta(days=30), timedelta(days=1)
    fill(
        store,
        enriched("page wrong", published=old, doubt=NOON),
        enriched("feed wrong", published=NOON, doubt=old),
        enriched("no feed date", published=old, doubt=NOON, doubt_from="seen"),
        enriched("old", published=old),
        enriched("ahead", doubt=ahead),
        enriched("ahead and old", published=old, doubt=ahead),
    )

    def names_of(**asked: object) -> list[str]:
        return sorted(names(store.search(Search(**asked))))  # type: ignore[arg-type]

    fresh = ["ahead", "feed wrong", "no feed date", "page wrong"]
    assert names_of(since=NOON - day) == fresh
    assert names_of(until=NOON - day) == ["ahead and old", "old"]
    assert names_of(since=NOON + day) == []
    assert {*names(store.search(Search(sort="newest")))[-2:]} == {"ahead and old", "old"}
    assert names_of(query=parse("published:2026")) == ["feed wrong", "page wrong"]
    assert len(names_of(query=parse("published:<2026"))) == 5
    assert names_of(query=parse("NOT published:*")) == ["ahead"]


def test_sorting_by_time_breaks_ties_by_id(store: Store) -> None:
    messages = [
        enriched(f"n{number}", "word", published=NOON + timedelta(minutes=number % 4)) for number in range(24)
    ]
    for message in messages:
        fill(store, message)
    by_id = sorted(messages, key=lambda message: message.key)
    oldest = [message.article.url for message in sorted(by_id, key=lambda m: m.article.published or NOON)]
    newest = [
        message.article.url for message in sorted(by_id, key=lambda m: NOON - (m.article.published or NOON))
    ]
    word = parse("word")
    assert names(store.search(Search(query=word, sort="oldest", limit=100))) == oldest
    assert names(store.search(Search(query=word, sort="newest", limit=100))) == newest
    assert names(store.search(Search(sort="newest", limit=5, offset=3))) == newest[3:8]
    assert names(store.search(Search(limit=100))) == [message.article.url for message in by_id]


def test_relevance(store: Store) -> None:
    fill(
        store,
        enriched("title", "Geneva", "Talks of many things went on for a while."),
        enriched("text", "Talks", "Many things in Geneva went on for a while."),
        enriched("neither", "Talks", "Nothing."),
    )
    hits = store.search(Search(query=parse("geneva")))
    assert names(hits) == ["title", "text"]
    assert hits.hits[0].score > hits.hits[1].score > 0


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("query", [None, "word", "wor*", "NOT missing", "word OR twice"])
def test_pages_do_not_overlap_and_leave_nothing_out(store: Store, sort: str, query: str | None) -> None:
    for number in range(30):
        text = "word twice" if number % 3 else "word"
        store.add(enriched(f"n{number}", text=text, published=NOON + timedelta(days=number % 2)))
        if number % 7 == 0:
            store.flush()
    store.flush()
    node = parse(query) if query else None
    pages = [
        store.search(Search(query=node, sort=sort, limit=4, offset=offset))  # type: ignore[arg-type]  # a Sort
        for offset in range(0, 36, 4)
    ]
    assert {page.total for page in pages} == {30}
    assert [len(page.hits) for page in pages] == [4] * 7 + [2, 0]
    ids = [hit.document.enriched.key for page in pages for hit in page.hits]
    whole = store.search(Search(query=node, sort=sort, limit=100))  # type: ignore[arg-type]  # a Sort
    assert ids == [hit.document.enriched.key for hit in whole.hits]
    assert len(set(ids)) == 30
    keys = [(-hit.score, hit.document.enriched.key) for hit in whole.hits]
    assert sort != "relevance" or keys == sorted(keys)


def test_a_limit_of_none_counts_only(store: Store) -> None:
    fill(store, enriched("a", "word"))
    assert store.search(Search(query=parse("word"), limit=0)) == Hits(1, ())


def test_few_hits_get_suggestions_of_other_forms(store: Store) -> None:
    fill(
        store,
        *(enriched(f"s{number}", "Sanctions", "lifted") for number in range(4)),
        enriched("embargo", "A sanctioned ship", "the oil and gas embargo", language="de"),
        enriched("fuel", "أسعار الوقود", "بالوقود"),
    )

    def suggested(query: str, **filters: Any) -> list[tuple[str, int]]:
        search = Search(query=parse(query), **filters)
        return [(one.query, one.total) for one in suggest(store, search, store.search(search).total)]

    assert suggested("sanction") == [("sanction*", 5), ("sanctio*", 5)]
    assert suggested("sanction", languages=("de",)) == [("sanction*", 1), ("sanctio*", 1)]
    assert suggested('"oil embargo"') == [('"oil embargo"~5', 1)]
    assert suggested("وقود") == [("*وقود", 1)]
    assert suggested("sanctions") == []
    assert suggested("xylophone OR source:bbc") == []


def test_spans_are_those_of_live_matching(store: Store) -> None:
    fill(store, enriched("a", "Russia’s talks", "L’été: peace-talks on Syria; Syria."))
    (hit,) = store.search(Search(query=parse('russia "peace talks" OR syria'))).hits
    title, text = hit.document.enriched.article.title, hit.document.enriched.article.text
    assert [(title if span.field == "title" else text)[span.start : span.end] for span in hit.spans] == [
        "Russia",
        "peace-talks",
        "Syria",
        "Syria",
    ]
    assert hit.spans[0] == Span("title", 0, 6)
    assert store.search(Search()).hits[0].spans == ()


def test_what_people_marked_is_found_by_id(store: Store) -> None:
    fill(store, *(enriched(name, title=f"Peace talks {name}", text="Geneva") for name in "abcd"))
    marked = {"urgent": "ab", "odd": "c", "gone": ("x", "y"), "nothing": ""}

    def marks(leaf: WordLeaf) -> list[str]:
        assert isinstance(leaf, Term)
        return [article_id(name) for name in marked[leaf.term]]

    def by(query: str, **more: Any) -> Hits:
        return store.search(Search(query=parse(query, marks), limit=10, **more))

    for query, expected in {
        "tag:urgent": "ab",
        "NOT tag:urgent": "cd",
        "talks AND tag:(urgent OR odd)": "abc",
        "tag:gone": "",
        "tag:nothing": "",
        "geneva AND NOT tag:nothing": "abcd",
        "tag:urgent AND tag:odd": "",
    }.items():
        assert "".join(sorted(names(by(query)))) == expected, query
        assert by(query).total == len(expected)
    assert store.counts(Search(query=parse("tag:urgent", marks)), Count(by=("source",))).articles == 2
    assert all(hit.score == 0 for hit in by("tag:urgent").hits)
    alone, beside = by("talks"), by("talks AND tag:(urgent OR odd OR gone)")
    scores = {name: hit.score for name, hit in zip(names(alone), alone.hits, strict=True)}
    assert {name: hit.score for name, hit in zip(names(beside), beside.hits, strict=True)} == {
        name: scores[name] for name in "abc"
    }
    assert {span.field for hit in beside.hits for span in hit.spans} == {"title"}


def test_as_many_marked_articles_as_a_search_takes(store: Store) -> None:
    fill(store, enriched("a"), enriched("b"))
    ids = [article_id(str(number)) for number in range(MOST_ARTICLES - 1)]
    query = parse("starred:true", lambda _: [*ids, article_id("b")])
    assert names(store.search(Search(query=query))) == ["b"]


def test_ids_by_prefix(store: Store) -> None:
    messages = [enriched(f"n{number}") for number in range(40)]
    fill(store, *messages)
    ids = sorted(message.key for message in messages)
    assert store.find_ids(ids[3]) == [ids[3]]
    assert store.find_ids("", limit=7) == ids[:7]
    assert store.find_ids(ids[0][:1], limit=100) == [one for one in ids if one[0] == ids[0][0]]
    assert store.find_ids("%") == []


def test_facets(store: Store) -> None:
    fill(
        store,
        enriched("a", source="A", language="en", topics=["x", "y", "x"], entities=["NATO", "Syria", "Syria"]),
        enriched("b", source="B", language="en", topics=["x"], entities=["Syria"]),
        enriched("c", source="A", language="de"),
    )
    assert store.facet("topic") == {"x": 2, "y": 1}
    assert store.facet("source") == {"A": 2, "B": 1}
    assert store.facet("language") == {"en": 2, "de": 1}
    assert list(store.facet("entity").items()) == [("Syria", 2), ("NATO", 1)]
    fill(store, enriched("a", source="A", entities=["Oslo"]))
    assert list(store.facet("entity").items()) == [("Oslo", 1), ("Syria", 1)]


def test_entities_are_found_by_name_and_id(store: Store) -> None:
    named = Entity(name="Vladimir Putin", type="person", id="wikidata:Q7747", spans=())
    message = msgspec.structs.replace(enriched("a"), entities=(named,))
    fill(store, message, enriched("b", entities=["Vladimir Makei"]))
    for query in ('entity:"vladimir putin"', "entity:Q7747", 'entity:"wikidata:q7747"'):
        assert found(store, query) == ["a"], query
    assert found(store, "entity:putin") == []


def test_a_scan_returns_each_article_once_even_during_writes(store: Store) -> None:
    fill(store, *(enriched(f"n{number}") for number in range(20)))
    scan = store.scan()
    first = [document.enriched.article.url for document in itertools.islice(scan, 5)]
    fill(store, enriched("n0"), enriched("n19"), enriched("new"))
    rest = [document.enriched.article.url for document in scan]
    assert [*first, *rest] == [f"n{number}" for number in range(20)]
    again = [document.enriched.article.url for document in store.scan()]
    assert again == [*(f"n{number}" for number in range(1, 19)), "n0", "n19", "new"]


def test_searches_run_beside_the_writing(store: Store) -> None:
    done = threading.Event()

    def search() -> int:
        searches = 0
        while not done.is_set():
            hits = store.search(Search(query=parse("word"), limit=500))
            assert hits.total == len(hits.hits)
            searches += 1
        return searches

    with ThreadPoolExecutor(2) as pool:
        searching = [pool.submit(search) for _ in range(2)]
        for number in range(40):
            fill(store, enriched(f"n{number % 15}", f"word {number}"))
        done.set()
        assert all(one.result(PATIENCE) > 0 for one in searching)
    assert store.search(Search(query=parse("word"))).total == 15


READER = """
    import sys
    from pathlib import Path
    sys.path.insert(0, "tests")
    from contracts.test_store import READERS, Search, parse

    with READERS[sys.argv[1]](Path(sys.argv[2])) as store:
        for line in sys.stdin:
            print(store.search(Search(query=parse(line))).total, store.count(), flush=True)
"""


def test_a_reader_in_another_process_sees_each_flush(kind: str, tmp_path: Path) -> None:
    with STORES[kind](tmp_path) as store:
        fill(store, enriched("n0", "word"))
        command = [sys.executable, "-c", textwrap.dedent(READER), kind, str(tmp_path)]
        with subprocess.Popen(command, stdin=-1, stdout=-1, text=True, cwd=ROOT / "tests") as reader:
            assert reader.stdin
            assert reader.stdout
            for number in range(1, 8):
                fill(store, enriched(f"n{number}", "word"))
                print("word", file=reader.stdin, flush=True)
                assert reader.stdout.readline() == f"{number + 1} {number + 1}\n"
            reader.stdin.close()
            assert reader.wait(PATIENCE) == 0


WRITER = """
    import itertools, sys
    from pathlib import Path
    sys.path.insert(0, "tests")
    from contracts.test_store import STORES, enriched, fill

    with STORES[sys.argv[1]](Path(sys.argv[2])) as store:
        for number in itertools.count():
            fill(store, enriched(f"n{number % 50}", f"word {number}"))
            print(number, flush=True)
"""


def test_what_was_flushed_survives_a_kill(kind: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(WRITER), kind, str(tmp_path)]
    chance = random.Random(7)
    for _ in range(3):
        with subprocess.Popen(command, stdout=-1, text=True, cwd=ROOT / "tests") as writer:
            assert writer.stdout
            lines = [writer.stdout.readline() for _ in range(chance.randrange(5, 20))]
            writer.kill()
            lines += writer.stdout.readlines()
        flushed = int(lines[-1])
        with STORES[kind](tmp_path) as store:
            assert store.search(Search(query=parse("word"))).total == store.count() >= min(flushed + 1, 50)
            assert len(found(store, f"word AND {flushed}")) == 1


def test_an_edit_is_not_undone_by_a_replay_of_the_first_reading(store: Store) -> None:
    first = enriched("a", "Ferry", "It resumes on Monday.", at=NOON)
    later = edited(enriched("a", "Ferry", "It was postponed.", at=NOON), ("Ferry", "It resumes on Monday."))
    fill(store, first, later, msgspec.structs.replace(first, enriched=NOON + timedelta(days=9)))
    document = store.get(first.key)
    assert document
    assert document.enriched.article == later.article


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("monday", []),
        ("monday in:any-version", ["edited"]),
        ('"resumes on monday" AND ferry in:any-version', ["edited"]),
        ("postponed in:any-version", ["edited"]),
        ("ferry NOT monday in:any-version", ["other"]),
        ("earlier:monday", ["edited"]),
        ("changed:any", ["edited"]),
        ("changed:correction", ["edited"]),
        ("changed:headline", []),
        ("changed:>=2026-03-01", ["edited"]),
        ("changed:[2026-03-02 TO *]", []),
        ("edited:*", ["edited"]),
        ("NOT changed:any", ["other"]),
    ],
)
def test_edits_can_be_searched(store: Store, query: str, finds: list[str]) -> None:
    current = enriched("edited", "Ferry", "It was postponed.")
    fill(
        store,
        enriched("other", "Ferry", "It sails."),
        edited(current, ("Ferry", "It resumes on Monday."), kind="correction"),
    )
    assert [
        hit.document.enriched.article.url for hit in store.search(Search(query=parse(query))).hits
    ] == finds


# One query, one meaning: a store finds exactly what live matching matches.

VOCABULARY = [
    "peace",
    "talks",
    "Peace-talks",
    "U.S.",
    "us",
    "Russia’s",
    "russia",
    "été",
    "ete",
    "中国",
    "国",
    "हिन्दी",
    "x",
]
SMALL_WORLD = [
    enriched(
        f"n{number}",
        " ".join(random.Random(number).choices(VOCABULARY, k=number % 4)),
        " ".join(random.Random(-number - 1).choices(VOCABULARY, k=number % 9)),
        source=("BBC", "BBC News", "Été 1", "…")[number % 4],
        language=("en", "ru", "unknown")[number % 3],
        topics=(["peace-talks"], ["peace"], [], ["us", "russia"])[number % 4],
        entities=(["Peace Talks"], [], ["Russia", "U.S."])[number % 3],
        author=("Ann Peace", "", "Talks, Bob")[number % 3],
        published=(None, NOON, NOON + timedelta(hours=1), NOON - timedelta(microseconds=1))[number % 4],
        doubt=(None, None, NOON - timedelta(hours=2), NOON + timedelta(days=9), NOON + timedelta(hours=2))[
            number % 5
        ],
        doubt_from="seen" if number % 7 == 0 else "feed",
    )
    for number in range(60)
]


def edited(
    message: Enriched, *written: tuple[str, str], kind: ChangeKind = "text", hour: int = 1
) -> Enriched:
    """An article that had other titles and texts before."""
    change = Change(kind=kind, field="text", start=0, end=0, old_start=0, old_end=0)
    article = msgspec.structs.replace(message.article, title=written[0][0], text=written[0][1])
    for title, text in [*written[1:], (message.article.title, message.article.text)]:
        found = NOON + timedelta(hours=hour)
        after = msgspec.structs.replace(article, title=title, text=text, fetched=found)
        earlier = superseded(article, after, (change,))
        article = msgspec.structs.replace(after, version=article.version + 1, earlier=earlier)
    return msgspec.structs.replace(message, article=article)


SMALL_WORLD += [
    edited(
        enriched(f"e{number}", "peace", " ".join(random.Random(number).choices(VOCABULARY, k=number % 7))),
        *(
            (f"talks {number % 2}", "\n".join(random.Random(number + part).choices(VOCABULARY, k=number % 5)))
            for part in range(1 + number % 3)
        ),
        kind=("headline", "text", "withdrawn")[number % 3],
        hour=number % 4,
    )
    for number in range(30)
]


@pytest.fixture(scope="module")
def small_world(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with STORES[kind](tmp_path_factory.mktemp("small")) as store:
        fill(store, *SMALL_WORLD)
        yield store


TERMS = [
    "any",
    "headline",
    "peace",
    "talks",
    "u",
    "s",
    "us",
    "russia",
    "ete",
    "中",
    "国",
    "हिन्दी",
    "x",
    "bbc",
    "news",
    "en",
    "ann",
    "nothing",
]
term = st.sampled_from(TERMS)
words_field = st.sampled_from([None, None, None, "title", "text", "author", "url", "earlier"])
moments = st.sampled_from([None, *(NOON + timedelta(hours=hours) for hours in (-1, 0, 1, 24))])
field = st.sampled_from(
    [None, None, None, "title", "text", "author", "source", "lang", "topic", "entity", "earlier", "changed"]
)
leaves: st.SearchStrategy[Node] = st.one_of(
    st.builds(Term, field, term),
    st.builds(Prefix, field, term.flatmap(lambda whole: st.sampled_from([whole, whole[0]]))),
    st.builds(Phrase, field, st.lists(term, min_size=2, max_size=3).map(tuple)),
    st.builds(
        Near, words_field, st.lists(term, min_size=2, max_size=4).map(tuple), st.sampled_from([1, 2, 3, 99])
    ),
    st.builds(Wildcard, field, st.sampled_from(["?eace", "*ssia", "t*k?", "??a*", "n?", "*s *", "n1*"])),
    st.builds(Range, st.sampled_from(["published", "edited"]), moments, moments),
)


def branches(part: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts = st.lists(part, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(And, parts), st.builds(Or, parts), st.builds(Not, part))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(node=st.recursive(leaves, branches, max_leaves=8))
def test_parity_with_live_matching(small_world: Store, node: Node) -> None:
    assert_parity(small_world, SMALL_WORLD, [node])


def assert_parity(store: Store, messages: Sequence[Enriched], nodes: Sequence[Node]) -> None:
    prepared = {message.key: prepare_enriched(message) for message in messages}
    for node in nodes:
        hits = store.search(Search(query=node, limit=len(messages))).hits
        stored = {hit.document.enriched.key: hit.spans for hit in hits}
        live = {key: match(node, article) for key, article in prepared.items()}
        assert stored == {key: spans for key, spans in live.items() if spans is not None}, node


def reuters(count: int) -> list[Enriched]:
    """The first texts of Reuters-21578."""
    with tarfile.open(REUTERS) as archive:
        file = archive.extractfile("reuters/reut2-000.sgm")
        assert file
        stories = re.findall(r"<REUTERS.*?</REUTERS>", file.read().decode("latin-1"), re.DOTALL)
    parts = (re.search(r"<TITLE>(.*?)</TITLE>.*?<BODY>(.*?)</BODY>", story, re.DOTALL) for story in stories)
    texts = [(html.unescape(part[1]), html.unescape(part[2])) for part in parts if part]
    return [enriched(f"r{number}", *text) for number, text in enumerate(texts[:count])]


def made_query(chance: random.Random, messages: Sequence[Enriched]) -> str:
    """A query of words and phrases from the texts, combined as an analyst might."""
    joints = chance.choices([" AND ", " OR ", " NOT ", " "], k=chance.randrange(4))
    return made_leaf(chance, messages) + "".join(f"{joint}{made_leaf(chance, messages)}" for joint in joints)


def made_leaf(chance: random.Random, messages: Sequence[Enriched]) -> str:
    article = chance.choice(messages).article
    words = re.findall(r"[^\s\"*]*\w[^\s\"*]*", chance.choice([article.title, article.text]))
    start = chance.randrange(len(words))
    prefix = re.match("[A-Za-z]{3,5}", words[start])
    if prefix and chance.random() < 0.15:
        return f"{prefix[0]}*"
    size = chance.choice([1, 1, 1, 2, 3])
    return chance.choice(["", "", "", "title:"]) + '"' + " ".join(words[start : start + size]) + '"'


@pytest.mark.skipif(not REUTERS.exists(), reason="shared/data/reuters21578.tar.xz is absent")
def test_parity_over_news_texts(store: Store) -> None:
    messages = reuters(500)
    fill(store, *messages)
    chance = random.Random(21578)
    nodes = [parse(made_query(chance, messages)) for _ in range(200)]
    assert_parity(store, messages, nodes)
    totals = [store.search(Search(query=node, limit=0)).total for node in nodes]
    assert sum(total > 0 for total in totals) > 100


def fill_for_counts(store: Store) -> None:
    told = [
        enriched("a", "Talks in Geneva", topics=["syria", "peace"], entities=["Ann"], author="Jo Bloggs"),
        enriched("b", "Talks fail", topics=["syria"], entities=["Ann", "Bob"], source="Radio"),
        enriched("c", "Talks resume", language="de", published=NOON - timedelta(days=2)),
        enriched("d", "Football", topics=["sport"], source="radio"),
    ]
    stories = {"a": "s1", "b": "s1", "c": "s2", "d": ""}
    fill(store, *(msgspec.structs.replace(one, story=stories[one.article.url]) for one in told))


def test_counts_of_a_search_by_field(store: Store) -> None:
    fill_for_counts(store)
    by = ("topic", "source", "language", "person", "place", "author", "section", "kind")
    counts = store.counts(Search(query=parse("talks")), Count(by=by))
    assert (counts.articles, counts.stories, counts.stretches) == (3, 2, ())
    assert counts.by == {
        "topic": (Tally("syria", 2, 1), Tally("peace", 1, 1)),
        "source": (Tally("BBC News", 2, 2), Tally("Radio", 1, 1)),
        "language": (Tally("en", 2, 1), Tally("de", 1, 1)),
        "person": (Tally("Ann", 2, 1), Tally("Bob", 1, 1)),
        "place": (),
        "author": (Tally("Jo Bloggs", 1, 1),),
        "section": (),
        "kind": (Tally("unknown", 3, 2),),
    }


def test_counts_over_time_and_stacked(store: Store) -> None:
    fill_for_counts(store)
    edges = tuple(NOON - timedelta(days=days) for days in (3, 2, 1, 0, -1))
    counts = store.counts(Search(), Count(edges=edges, stacked_by="language"))
    assert counts.articles == 4
    assert counts.stretches == (
        Stretch(edges[0], edges[1], 0, 0),
        Stretch(edges[1], edges[2], 1, 1, (Tally("de", 1, 1),)),
        Stretch(edges[2], edges[3], 0, 0),
        Stretch(edges[3], edges[4], 3, 1, (Tally("en", 3, 1),)),
    )


def test_counts_use_the_filters_of_a_search_and_name_the_most_frequent(store: Store) -> None:
    fill_for_counts(store)
    search = Search(sources=("RADIO",), since=NOON, limit=1, offset=3)
    assert store.counts(search, Count(by=("source",))).by == {
        "source": (Tally("Radio", 1, 1), Tally("radio", 1, 0))
    }
    counts = store.counts(
        Search(query=parse('"talks geneva"~2 OR syria OR topic:syria')), Count(by=("topic",), most=1)
    )
    assert (counts.articles, counts.by) == (2, {"topic": (Tally("syria", 2, 1),)})


def test_stories_of_each_value_are_counted_only_where_they_are_asked_for(store: Store) -> None:
    fill_for_counts(store)
    edges = (datetime(2016, 1, 1, tzinfo=UTC), datetime(2017, 1, 1, tzinfo=UTC))
    count = Count(by=("language",), edges=edges, stacked_by="language", with_stories=False)
    counts = store.counts(Search(), count)
    with_them = store.counts(Search(), msgspec.structs.replace(count, with_stories=True))
    assert counts.stories == with_them.stories > 0
    assert counts.by["language"] == tuple(
        msgspec.structs.replace(one, stories=0) for one in with_them.by["language"]
    )
    assert [one.articles for one in counts.stretches] == [one.articles for one in with_them.stretches]
    assert all(one.stories == 0 for one in counts.stretches)


def test_counts_are_those_of_now(store: Store) -> None:
    fill_for_counts(store)
    asked = Search(query=parse("talks")), Count(by=("source",))
    first = store.counts(*asked)
    assert store.counts(msgspec.structs.replace(asked[0], sort="newest", limit=1), asked[1]) == first
    fill(store, enriched("e", "Talks end", source="Radio"))
    assert (first.articles, store.counts(*asked).articles) == (3, 4)


def test_an_empty_archive_has_no_stories_and_no_period(store: Store) -> None:
    assert (store.period(Search()), list(store.folds(Search()))) == (None, [])


def test_the_period_of_a_search(store: Store) -> None:
    fill_for_counts(store)
    assert store.period(Search(query=parse("talks"))) == (NOON - timedelta(days=2), NOON)
    assert store.period(Search(query=parse("football"))) == (NOON, NOON)
    assert store.period(Search(query=parse("chess"))) is None


@pytest.mark.parametrize("sort", ["newest", "oldest", "relevance"])
def test_all_hits_come_in_the_order_of_their_pages(
    store: Store, monkeypatch: pytest.MonkeyPatch, sort: Sort
) -> None:
    monkeypatch.setattr("index.embedded.store._CHUNK", 3)
    monkeypatch.setattr("index.elasticsearch.store._PAGE", 3)
    hours = [0, 1, 1, 1, 1, 1, 1, 1, 2, 3, 3, 4]  # more of one time than a page holds
    talks = [
        enriched(f"t{at}", "Talks", published=NOON - timedelta(hours=hour)) for at, hour in enumerate(hours)
    ]
    fill(store, *talks, enriched("x", "Chess", published=NOON))
    search = Search(query=parse("talks"), since=NOON - timedelta(hours=3), sort=sort)
    expected = store.search(msgspec.structs.replace(search, limit=100)).hits
    assert len(expected) == 11
    assert list(store.each(search)) == list(expected)
    assert list(store.each(msgspec.structs.replace(search, query=parse("xylophonist")))) == []


def test_arrivals_are_reported_once_and_in_order(kind: str, tmp_path: Path) -> None:
    at = NOON

    def open_at_a_time() -> Store:
        if kind == "embedded":
            return EmbeddedStore.open(tmp_path, now=lambda: at)
        return ElasticsearchStore.open(real_server(tmp_path), now=lambda: at)

    with open_at_a_time() as writer, READERS[kind](tmp_path) as reader:
        assert (reader.last_arrival(), reader.arrivals("")) == ("", [])
        fill(writer, enriched("a"), enriched("b"))
        first = reader.arrivals("")
        assert {one.document.enriched.article.url for one in first} == {"a", "b"}
        assert reader.last_arrival() == first[-1].place
        assert reader.arrivals(first[-1].place) == []
        at += timedelta(minutes=1)
        fill(writer, enriched("a", title="Again", at=NOON + timedelta(hours=1)), enriched("c"), enriched("d"))
        later = reader.arrivals(first[-1].place)
        assert {one.document.enriched.article.url for one in later} == {"c", "d"}, "a new version is none"
        assert reader.arrivals(first[-1].place, 1) == later[:1]
        assert reader.arrivals(later[0].place) == later[1:]
        assert [one.place for one in reader.arrivals("")] == [one.place for one in (*first, *later)]
        for place in ("-1", "x", "1-", "9" * 40):
            with pytest.raises(ValueError, match="is no place"):
                reader.arrivals(place)


def test_counts_of_an_empty_store(store: Store) -> None:
    edges = (NOON, NOON + timedelta(days=1))
    counts = store.counts(Search(query=parse("a")), Count(by=("topic",), edges=edges))
    assert counts == Counts(0, 0, {"topic": ()}, (Stretch(*edges, 0, 0),))


def in_story(name: str, story: str, *changes: Regrouping) -> Enriched:
    return msgspec.structs.replace(enriched(name, title="ferry"), story=story, regrouped=changes)


def stories_of(store: Store) -> dict[str, str]:
    """The story of each article, by name: of the documents, and as a search finds them."""
    hits = store.search(Search(limit=1000)).hits
    stored = {hit.document.enriched.article.url: hit.document.enriched.story for hit in hits}
    searched = {name: story for story in stored.values() for name in found(store, f"story:{story}")}
    assert stored == searched
    assert set(found(store, "ferry")) == set(stored), "and its words are found as before"
    assert not any(hit.document.enriched.regrouped for hit in hits)
    return stored


def test_merged_stories_are_one_in_the_archive_and_a_repeat_changes_nothing(store: Store) -> None:
    fill(store, in_story("a1", "a"), in_story("b1", "b"), in_story("b2", "b"), in_story("c1", "c"))
    for _ in range(2):
        fill(store, in_story("b3", "b"), in_story("a2", "a", Regrouping(was="b", story="a")))
        assert stories_of(store) == {"a1": "a", "a2": "a", "b1": "a", "b2": "a", "b3": "a", "c1": "c"}


def test_of_a_split_story_the_named_articles_move(store: Store) -> None:
    fill(store, in_story("a1", "a"), in_story("a2", "a"), in_story("a3", "a"))
    split = Regrouping(was="a", story="b", articles=(article_id("a2"), article_id("a4")))
    fill(store, in_story("a4", "a"), in_story("a5", "b", split))
    assert stories_of(store) == {"a1": "a", "a2": "b", "a3": "a", "a4": "b", "a5": "b"}


def test_stories_that_are_merged_and_split_again_at_once_end_as_they_are(store: Store) -> None:
    fill(store, in_story("a1", "a"), in_story("b1", "b"))
    merged, split = (
        Regrouping(was="b", story="a"),
        Regrouping(was="a", story="b", articles=(article_id("b1"),)),
    )
    fill(store, in_story("a2", "a", merged), in_story("a3", "a", split), in_story("b2", "b"))
    assert stories_of(store) == {"a1": "a", "a2": "a", "a3": "a", "b1": "b", "b2": "b"}


def test_a_story_that_goes_to_itself_stays(store: Store) -> None:
    fill(store, in_story("a1", "a"), in_story("a2", "a"))
    fill(store, in_story("a3", "a", Regrouping(was="a", story="a", articles=(article_id("a1"),))))
    assert stories_of(store) == {"a1": "a", "a2": "a", "a3": "a"}


def test_an_edit_of_a_moved_article_is_stored(store: Store) -> None:
    fill(store, in_story("b1", "b"), in_story("a1", "a", Regrouping(was="b", story="a")))
    edited = msgspec.structs.replace(in_story("b1", "a").article, title="ferry found", version=1)
    fill(store, msgspec.structs.replace(in_story("b1", "a"), article=edited))
    assert stories_of(store) == {"a1": "a", "b1": "a"}
    assert found(store, "found") == ["b1"]


def test_filters_on_what_is_counted_include_and_exclude(store: Store) -> None:
    fill_for_counts(store)

    def found_with(*filters: Filter) -> list[str]:
        hits = store.search(Search(filters=filters)).hits
        return sorted(hit.document.enriched.article.url for hit in hits)

    assert found_with(Filter("source", ("Radio", "nobody"))) == ["b"], "compared as it is shown"
    assert found_with(Filter("source", ("Radio",), excludes=True)) == ["a", "c", "d"]
    assert found_with(Filter("person", ("Bob",)), Filter("topic", ("syria",))) == ["b"]
    assert found_with(Filter("kind", ("unknown",))) == ["a", "b", "c", "d"]
    assert found_with(Filter("source", ())) == []
    assert found_with(Filter("source", (), excludes=True)) == ["a", "b", "c", "d"]
    search = Search(query=parse("talks"), filters=(Filter("language", ("en",)),))
    assert store.counts(search, Count()).articles == 2


def test_what_is_taken_over_keeps_its_time_and_its_history(store: Store) -> None:
    came = NOON - timedelta(days=30)
    old = superseded_twice("a")
    store.take_over(Document(old, came))
    store.add(enriched("b", "Own"))
    assert store.flush() == {}
    found = store.get_many([article_id(name) for name in "abc"])
    assert found == {
        article_id("a"): Document(old, came),
        article_id("b"): Document(found[article_id("b")].enriched, NOON),
    }
    assert store.get_many([]) == {}


def superseded_twice(name: str) -> Enriched:
    """An article with two earlier versions."""
    first = enriched(name, "First", "The ferry sails on Monday.", at=NOON - timedelta(days=30))
    changed = first.article
    for number, text in enumerate(("The ferry sails on Tuesday.", "The ferry does not sail."), 1):
        later = msgspec.structs.replace(
            changed, title=f"Title {number}", text=text, fetched=changed.fetched + timedelta(hours=number)
        )
        earlier = superseded(changed, later, ())
        changed = msgspec.structs.replace(later, version=number, earlier=earlier)
    return msgspec.structs.replace(first, article=changed, story="f" * 32)
