"""The writer over a fake cluster; tests/integration has the real one."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from index.elasticsearch.bulk import AT_ONCE, MOST_DOCUMENTS, Answer, Operation
from index.elasticsearch.cluster import BulkAnswer
from index.elasticsearch.writer import Writer
from stream.errors import ConfigError, RetryLater
from stream.messages import Article, Enriched

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOO_LARGE = Answer(413, "", "too large")


class FakeCluster:
    """Gives the prepared answers, and 201 once they are used up. Requests that hold the article `huge` are too large. `meet` is
    called by each request before it is answered."""

    def __init__(
        self, *prepared: Mapping[str, Answer], huge: str = "", meet: Callable[[], object] = bool
    ) -> None:
        self.prepared = iter(prepared)
        self.huge = huge
        self.meet = meet
        self.held: dict[str, dict[str, Any]] = {}
        self.sent: list[list[str]] = []
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def bulk(self, operations: Sequence[Operation]) -> BulkAnswer:
        self.meet()
        with self._lock:
            return self._answer(operations, [one.id for one in operations], next(self.prepared, {}))

    def _answer(
        self, operations: Sequence[Operation], ids: list[str], prepared: Mapping[str, Answer]
    ) -> BulkAnswer:
        self.sent.append(ids)
        if whole := TOO_LARGE if self.huge in ids else prepared.get("whole"):
            return BulkAnswer([whole] * len(operations), whole=True)
        answers = [prepared.get(one.id, Answer(201)) for one in operations]
        for one, answer in zip(operations, answers, strict=True):
            if answer.status == 201:
                self.held[one.id] = {"_index": one.index, "_source": msgspec.json.decode(one.lines[1])}
        return BulkAnswer(answers)

    def search(self, body: Mapping[str, Any], index: str) -> dict[str, Any]:
        ids = body["query"]["ids"]["values"]
        return {"hits": {"hits": [{"_id": one, **self.held[one]} for one in ids if one in self.held]}}

    def create_index(self, name: str) -> None:
        self.asked.append(f"create {name}")

    def refresh(self, index: str) -> None:
        self.asked.append(f"refresh {index}")


def enriched(name: str, seen: datetime = NOON, title: str = "") -> Enriched:
    article = Article(
        id=name, url=name, feed="", source="S", title=title, seen=seen, fetched=NOON, extracted=NOON
    )
    return Enriched(article=article, language="en", enriched=NOON)


def writer(cluster: FakeCluster, *names: str) -> Writer:
    made = Writer(cluster, "news", lambda: NOON)  # type: ignore[arg-type]  # a fake
    for name in names:
        made.add(enriched(name))
    return made


def test_each_month_is_made_once_and_every_flush_is_followed_by_a_refresh() -> None:
    cluster = FakeCluster()
    made = writer(cluster, "a")
    made.add(enriched("b", NOON - timedelta(days=30)))
    assert made.flush() == {}
    made.add(enriched("a", NOON + timedelta(days=60), "new"))
    assert made.flush() == {}
    assert sorted(cluster.asked) == [
        "create news-2026.01",
        "create news-2026.03",
        "refresh news",  # left by a possible predecessor
        "refresh news",
        "refresh news",
    ]
    assert cluster.held["a"]["_index"] == "news-2026.03"
    assert cluster.held["a"]["_source"]["title"] == "new"
    assert cluster.held["a"]["_source"]["seen"] == "2026-03-01T12:00:00Z"


def test_only_refused_operations_are_sent_again() -> None:
    cluster = FakeCluster({"b": Answer(429, "busy", "queue is full"), "c": Answer(400, "parsing", "no")})
    made = writer(cluster, "a", "b", "c")
    with pytest.raises(RetryLater, match=r"elasticsearch-429.*queue is full"):
        made.flush()
    refused = made.flush()
    assert cluster.sent == [["a", "b", "c"], ["b"]]
    assert {key: error.reason for key, error in refused.items()} == {
        "c": "Elasticsearch refused the article (400 parsing): no"
    }
    assert made.flush() == {}
    assert len(cluster.sent) == 2


def test_a_request_that_is_too_large_is_halved_until_the_article_is_alone() -> None:
    cluster = FakeCluster(huge="a")
    refused = writer(cluster, "a", "b", "c", "d").flush()
    assert cluster.sent[0] == ["a", "b", "c", "d"]
    assert sorted(cluster.sent[1:3]) == [["a", "b"], ["c", "d"]]
    assert ["a"] in cluster.sent
    assert [(key, error.kind) for key, error in refused.items()] == [("a", "too-large")]
    assert sorted(cluster.held) == ["b", "c", "d"]


def test_many_articles_go_in_several_requests_that_are_under_way_at_a_time() -> None:
    cluster = FakeCluster(meet=threading.Barrier(AT_ONCE, timeout=60).wait)
    names = [f"n{number:03}" for number in range(MOST_DOCUMENTS)]
    assert writer(cluster, *names).flush() == {}
    assert sorted(map(len, cluster.sent)) == [MOST_DOCUMENTS // AT_ONCE] * AT_ONCE
    assert sorted(cluster.held) == names


def test_of_several_requests_those_that_failed_are_sent_again_and_the_fault_is_told() -> None:
    cluster = FakeCluster({"whole": Answer(429, "busy", "queue is full")})
    names = [f"n{number:03}" for number in range(MOST_DOCUMENTS)]
    made = writer(cluster, *names)
    with pytest.raises(RetryLater, match="queue is full"):
        made.flush()
    stored = len(cluster.held)
    assert stored == MOST_DOCUMENTS - MOST_DOCUMENTS // AT_ONCE
    assert made.flush() == {}
    again = [one for batch in cluster.sent[AT_ONCE:] for one in batch]
    assert len(again) == MOST_DOCUMENTS - stored
    assert sorted(cluster.held) == names


def test_a_busy_server_gets_smaller_requests_next_time() -> None:
    cluster = FakeCluster(*[{"whole": Answer(429, "busy", "queue is full")}] * AT_ONCE)
    names = [f"n{number:03}" for number in range(MOST_DOCUMENTS)]
    made = writer(cluster, *names)
    with pytest.raises(RetryLater):
        made.flush()
    assert not cluster.held
    assert made.flush() == {}
    assert max(map(len, cluster.sent[AT_ONCE:])) < MOST_DOCUMENTS // AT_ONCE
    assert sorted(cluster.held) == names


def test_a_mapping_that_is_not_ours_stops_the_writing_and_keeps_the_articles() -> None:
    misfit = Answer(400, "strict_dynamic_mapping_exception", "[title] is not allowed")
    cluster = FakeCluster({"a": misfit})
    made = writer(cluster, "a")
    with pytest.raises(ConfigError, match=r"news-2026\.03 .* another mapping .*\[title\] is not allowed"):
        made.flush()
    assert made.flush() == {}
    assert list(cluster.held) == ["a"]
