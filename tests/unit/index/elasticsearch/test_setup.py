from datetime import UTC, datetime, timedelta, timezone

import pytest

from index.elasticsearch.settings import Elasticsearch, alias_of
from index.elasticsearch.setup import MADE_BY, check, index_of, set_lifecycle, set_up, template_of
from stream.errors import ConfigError

NEWS = Elasticsearch(prefix="news")
KEPT = Elasticsearch(prefix="news", keep_days=90)


class FakeCluster:
    """A cluster with some mappings that records the calls to it."""

    name = "http://search.example:9200"
    lifecycles = True

    def __init__(self, **mappings: dict[str, object]) -> None:
        self.held = mappings
        self.asked: list[str] = []
        self.put: dict[str, dict[str, dict[str, object]]] = {}

    def mappings(self, pattern: str) -> dict[str, dict[str, object]]:
        self.asked.append(f"mappings {pattern}")
        return self.held

    def put_template(self, name: str, template: dict[str, object]) -> None:
        self.asked.append(f"template {name} for {template['index_patterns']}")

    def put_mapping(self, index: str, mappings: dict[str, object]) -> None:
        self.asked.append(f"mapping of {index}: {', '.join(mappings)}")
        self.put[index] = mappings  # type: ignore[assignment]  # they are mappings

    def has_lifecycles(self) -> bool:
        return self.lifecycles

    def put_lifecycle(self, name: str, policy: dict[str, object]) -> None:
        self.asked.append(f"lifecycle {name} {policy}")

    def put_component(self, name: str, template: dict[str, object]) -> None:
        self.asked.append(f"component {name} {template}")

    def put_settings(self, index: str, settings: dict[str, object]) -> None:
        self.asked.append(f"settings of {index} {settings}")

    def create_index(self, name: str) -> None:
        self.asked.append(f"index {name}")


def test_months_are_those_of_utc() -> None:
    alias = alias_of("news")
    assert index_of(alias, datetime(2026, 3, 31, 23, 59, tzinfo=UTC)) == "news-articles-2026.03"
    auckland = timezone(timedelta(hours=13))
    assert index_of(alias, datetime(2026, 4, 1, 12, tzinfo=auckland)) == "news-articles-2026.03"
    assert index_of(alias, datetime(987, 1, 1, tzinfo=UTC)) == "news-articles-0987.01"


def test_periods_are_weeks_or_days_where_that_is_configured() -> None:
    new_year = datetime(2027, 1, 1, 3, tzinfo=UTC)
    assert index_of("news-articles", new_year, "week") == "news-articles-2026.w53"
    assert index_of("news-articles", new_year, "day") == "news-articles-2027.01.01"


def test_shards_copies_and_compression_are_those_of_the_configuration() -> None:
    assert template_of(NEWS)["template"]["settings"]["index"].items() >= {
        ("number_of_shards", 1),
        ("auto_expand_replicas", "0-1"),
        ("codec", "default"),
    }
    big = Elasticsearch(prefix="news", shards=6, replicas=2, compression="best")
    index = template_of(big)["template"]["settings"]["index"]
    assert (index["number_of_shards"], index["number_of_replicas"], index["codec"]) == (
        6,
        2,
        "best_compression",
    )
    assert "auto_expand_replicas" not in index


def test_only_missing_fields_are_added_to_an_index() -> None:
    cluster = FakeCluster(
        old={"_meta": MADE_BY, "properties": {"title": {"type": "text", "index_options": "offsets"}}}
    )
    set_up(cluster, NEWS, datetime(2026, 3, 1, tzinfo=UTC))  # type: ignore[arg-type]  # a fake
    assert "title" not in cluster.put["old"]["properties"], "its options can't be changed"
    assert "text" in cluster.put["old"]["properties"]


def test_an_index_of_a_day_goes_a_day_after_its_last_article_may() -> None:
    cluster = FakeCluster()
    daily = Elasticsearch(prefix="news", keep_days=90, period="day")
    assert set_lifecycle(cluster, daily)  # type: ignore[arg-type]  # a fake
    assert "'min_age': '2184h'" in cluster.asked[0]


def test_the_template_names_its_indices_and_its_rules() -> None:
    template = template_of(NEWS)
    assert template["index_patterns"] == ["news-articles-*"]
    assert template["template"]["aliases"] == {"news-articles": {}}
    assert template["template"]["mappings"]["_meta"] == MADE_BY


def test_existing_indices_are_checked_before_anything_is_created() -> None:
    cluster = FakeCluster(old={"_meta": MADE_BY})
    set_up(cluster, NEWS, datetime(2026, 3, 1, tzinfo=UTC))  # type: ignore[arg-type]  # a fake
    assert cluster.asked == [
        "mappings news-articles,news-articles-*",
        "template news-articles for ['news-articles-*']",
        "mapping of old: properties",
        "index news-articles-2026.03",
    ]
    foreign = FakeCluster(theirs={"properties": {}})
    with pytest.raises(ConfigError, match="theirs in Elasticsearch was not made by wirewatch"):
        set_up(foreign, NEWS, datetime(2026, 3, 1, tzinfo=UTC))  # type: ignore[arg-type]  # a fake
    assert len(foreign.asked) == 1


def test_an_index_that_has_all_fields_is_left_alone() -> None:
    cluster = FakeCluster(whole=template_of(NEWS)["template"]["mappings"])
    set_up(cluster, NEWS, datetime(2026, 3, 1, tzinfo=UTC))  # type: ignore[arg-type]  # a fake
    assert not [line for line in cluster.asked if line.startswith("mapping of")]


def test_old_months_are_deleted_if_configured() -> None:
    cluster = FakeCluster()
    assert set_lifecycle(cluster, KEPT)  # type: ignore[arg-type]  # a fake
    policy = {"phases": {"delete": {"min_age": "2904h", "actions": {"delete": {}}}}}  # 90 + 31 days
    named = {"index.lifecycle.name": "news-articles-lifecycle"}
    assert cluster.asked == [
        f"lifecycle news-articles-lifecycle {policy}",
        f"component news-articles-lifecycle {{'settings': {named}}}",
        f"settings of news-articles-* {named}",
    ]


def test_without_a_limit_no_index_is_deleted_any_more() -> None:
    cluster = FakeCluster()
    assert set_lifecycle(cluster, NEWS)  # type: ignore[arg-type]  # a fake
    assert cluster.asked == [
        "component news-articles-lifecycle {'settings': {}}",
        "settings of news-articles-* {'index.lifecycle.name': None}",
    ]


def test_a_server_without_lifecycles_is_left_alone() -> None:
    cluster = FakeCluster()
    cluster.lifecycles = False
    assert not set_lifecycle(cluster, KEPT)  # type: ignore[arg-type]  # a fake
    assert cluster.asked == []


def test_other_rules_are_named() -> None:
    cluster = FakeCluster(newer={"_meta": {**MADE_BY, "mapping": 99}})
    with pytest.raises(
        ConfigError, match=r"newer .* made by a newer version of wirewatch \(mapping 99, tokens"
    ):
        check(cluster, "news-articles")  # type: ignore[arg-type]  # a fake
