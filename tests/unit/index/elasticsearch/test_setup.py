from datetime import UTC, datetime, timedelta, timezone

import pytest

from index.elasticsearch.settings import alias_of
from index.elasticsearch.setup import MADE_BY, check, index_of, set_lifecycle, set_up, template_of
from stream.errors import ConfigError


class FakeCluster:
    """A cluster with some mappings that records the calls to it."""

    name = "http://search.example:9200"
    lifecycles = True

    def __init__(self, **mappings: dict[str, object]) -> None:
        self.held = mappings
        self.asked: list[str] = []

    def mappings(self, pattern: str) -> dict[str, dict[str, object]]:
        self.asked.append(f"mappings {pattern}")
        return self.held

    def put_template(self, name: str, template: dict[str, object]) -> None:
        self.asked.append(f"template {name} for {template['index_patterns']}")

    def put_mapping(self, index: str, mappings: dict[str, object]) -> None:
        self.asked.append(f"mapping of {index}: {', '.join(mappings)}")

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


def test_the_template_names_its_indices_and_its_rules() -> None:
    template = template_of("news-articles")
    assert template["index_patterns"] == ["news-articles-*"]
    assert template["template"]["aliases"] == {"news-articles": {}}
    assert template["template"]["mappings"]["_meta"] == MADE_BY


def test_existing_indices_are_checked_before_anything_is_created() -> None:
    cluster = FakeCluster(old={"_meta": MADE_BY})
    set_up(cluster, "news-articles", datetime(2026, 3, 1, tzinfo=UTC))  # type: ignore[arg-type]  # a fake
    assert cluster.asked == [
        "mappings news-articles,news-articles-*",
        "template news-articles for ['news-articles-*']",
        "mapping of old: properties",
        "index news-articles-2026.03",
    ]
    foreign = FakeCluster(theirs={"properties": {}})
    with pytest.raises(ConfigError, match="theirs in Elasticsearch was not made by wirewatch"):
        set_up(foreign, "news-articles", datetime(2026, 3, 1, tzinfo=UTC))  # type: ignore[arg-type]  # a fake
    assert len(foreign.asked) == 1


def test_an_index_that_has_all_fields_is_left_alone() -> None:
    cluster = FakeCluster(whole=template_of("news-articles")["template"]["mappings"])
    set_up(cluster, "news-articles", datetime(2026, 3, 1, tzinfo=UTC))  # type: ignore[arg-type]  # a fake
    assert not [line for line in cluster.asked if line.startswith("mapping of")]


def test_old_months_are_deleted_if_configured() -> None:
    cluster = FakeCluster()
    assert set_lifecycle(cluster, "news-articles", 90)  # type: ignore[arg-type]  # a fake
    policy = {"phases": {"delete": {"min_age": "2904h", "actions": {"delete": {}}}}}  # 90 + 31 days
    named = {"index.lifecycle.name": "news-articles-lifecycle"}
    assert cluster.asked == [
        f"lifecycle news-articles-lifecycle {policy}",
        f"component news-articles-lifecycle {{'settings': {named}}}",
        f"settings of news-articles-* {named}",
    ]


def test_without_a_limit_no_index_is_deleted_any_more() -> None:
    cluster = FakeCluster()
    assert set_lifecycle(cluster, "news-articles", 0)  # type: ignore[arg-type]  # a fake
    assert cluster.asked == [
        "component news-articles-lifecycle {'settings': {}}",
        "settings of news-articles-* {'index.lifecycle.name': None}",
    ]


def test_a_server_without_lifecycles_is_left_alone() -> None:
    cluster = FakeCluster()
    cluster.lifecycles = False
    assert not set_lifecycle(cluster, "news-articles", 90)  # type: ignore[arg-type]  # a fake
    assert cluster.asked == []


def test_other_rules_are_named() -> None:
    cluster = FakeCluster(newer={"_meta": {**MADE_BY, "mapping": 99}})
    with pytest.raises(
        ConfigError, match=r"newer .* made by a newer version of wirewatch \(mapping 99, tokens"
    ):
        check(cluster, "news-articles")  # type: ignore[arg-type]  # a fake
