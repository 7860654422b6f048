"""The searches behind Kibana's objects, run on a real Elasticsearch as Kibana would, over the demo world's articles.

There is no Kibana here: the translation below stands for it. It knows only what our objects use, and fails at anything else.
"""

import asyncio
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from elasticsearch import Elasticsearch
from kafka import KafkaConsumer
from servers.elasticsearch import new_prefix
from servers.fake_kibana import FakeKibana, serving
from servers.kibana_search import kql_search, lucene_search
from servers.rison_reader import read_rison

from demo.world import bundled
from enrich.enrich import Enricher
from enrich.names.gazetteer import default_gazetteer
from enrich.topics import load_topics
from index.elasticsearch.settings import Elasticsearch as Settings
from index.elasticsearch.settings import alias_of
from index.elasticsearch.store import ElasticsearchStore
from kibana.names import Names, Topic
from kibana.objects import Objects, generate
from kibana.rules import TIME_FIELD, WINDOW_MINUTES, matches_template
from stream.messages import Article, Enriched, article_id
from wirewatch.cli import cli

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
CONFIGURED = load_topics(files("wirewatch").joinpath("defaults/topics.toml").read_bytes(), "topics.toml")
TOPICS = tuple(Topic(id=one.id, name=one.name) for one in CONFIGURED)
SYRIA = next(topic for topic in TOPICS if topic.id == "syria")

Search = Callable[[dict[str, Any]], dict[str, Any]]


# The articles


@pytest.fixture(scope="module")
def articles() -> list[Enriched]:
    """The demo world's articles, one published every two hours before now; the first outlet has fallen silent."""
    enrich = Enricher(CONFIGURED, default_gazetteer(), lambda: NOW)
    found = []
    for number, one in enumerate(bundled().articles):
        published = NOW - timedelta(hours=2 * number, minutes=1)
        if one.outlet == bundled().outlets[0]:
            published -= timedelta(days=2)
        url = f"https://{one.outlet.host}/{one.slug}"
        found.append(
            enrich(
                Article(
                    id=article_id(url),
                    url=url,
                    feed=f"https://{one.outlet.host}/feed",
                    source=one.outlet.name,
                    title=one.title,
                    text="\n".join(block.text for block in one.blocks),
                    declared_language=one.outlet.language,
                    published=published,
                    published_from="meta",
                    seen=NOW - timedelta(seconds=number),
                    fetched=NOW,
                    extracted=NOW,
                )
            )
        )
    return found


@pytest.fixture(scope="module")
def names() -> Names:
    prefix = new_prefix()
    return Names(articles=alias_of(prefix), prefix=prefix)


@pytest.fixture(scope="module")
def client(elasticsearch: str, names: Names, articles: list[Enriched]) -> Iterator[Elasticsearch]:
    """The server, with the articles in it."""
    with ElasticsearchStore.open(
        Settings(hosts=(elasticsearch,), prefix=names.prefix), now=lambda: NOW
    ) as store:
        for article in articles:
            store.add(article)
        assert not store.flush()
    with Elasticsearch(elasticsearch) as opened:
        yield opened


@pytest.fixture(scope="module")
def objects(names: Names) -> Objects:
    return generate(names, TOPICS)


@pytest.fixture(scope="module")
def search(client: Elasticsearch, names: Names) -> Search:
    return lambda body: dict(client.search(index=names.articles, body=body))


def last(articles: Sequence[Enriched], days: float) -> list[Enriched]:
    """Articles published in the last days."""
    since = NOW - timedelta(days=days)
    return [one for one in articles if one.article.published and one.article.published >= since]


# What Kibana does


def ago(relative: str) -> str:
    """`now-7d` or `now` as Kibana sends it: a moment."""
    days = relative.removeprefix("now").removeprefix("-").removesuffix("d")
    return (NOW - timedelta(days=int(days or 0))).isoformat()


def between(field: str, start: str, end: str = "now") -> dict[str, Any]:
    return {
        "range": {field: {"gte": ago(start), "lte": ago(end), "format": "strict_date_optional_time_nanos"}}
    }


def kql(expression: str) -> dict[str, Any]:
    """A query in KQL: nothing, or one field with a quoted value, which Kibana makes a `match_phrase`."""
    if not expression:
        return {"match_all": {}}
    field, value = expression.split(" : ")
    assert value[0] == value[-1] == '"'
    return {"match_phrase": {field: value[1:-1]}}


def bucket(operation: dict[str, Any]) -> dict[str, Any]:
    match operation["operation"]:
        case "date_histogram":
            assert operation["suggested_interval"] == "auto"
            return {
                "date_histogram": {"field": operation["field"], "fixed_interval": "3h", "min_doc_count": 0}
            }
        case "terms":
            assert operation["rank_by"] == {"type": "metric", "metric_index": 0, "direction": "desc"}
            (field,) = operation["fields"]
            return {"terms": {"field": field, "size": operation["limit"], "order": {"_count": "desc"}}}
        case other:
            raise AssertionError(other)


def metric(operation: dict[str, Any]) -> dict[str, Any]:
    match operation["operation"]:
        case "count":
            return {"filter": between("@timestamp", f"now-{operation.get('reduced_time_range', '3650d')}")}
        case "unique_count":
            return {"cardinality": {"field": operation["field"]}}
        case "percentile":
            return {"percentiles": {"field": operation["field"], "percents": [operation["percentile"]]}}
        case other:
            raise AssertionError(other)


def aggregations(buckets: Sequence[dict[str, Any]], metrics: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The buckets, one inside of the other, and the metrics inside of all."""
    if not buckets:
        return {f"metric{number}": metric(one) for number, one in enumerate(metrics)}
    return {"bucket": {**bucket(buckets[0]), "aggs": aggregations(buckets[1:], metrics)}}


def chart_search(objects: Objects, panel_id: str) -> dict[str, Any]:
    """The search of one chart of the dashboard."""
    chart = next(panel["config"] for panel in objects.dashboard["panels"] if panel["id"] == panel_id)
    period = chart.get("time_range", objects.dashboard["time_range"])
    match chart["type"]:
        case "metric":
            buckets, metrics = [], chart["metrics"]
        case "data_table":
            buckets, metrics = chart["rows"], chart["metrics"]
        case "xy":
            (layer,) = chart["layers"]
            buckets, metrics = [*filter(None, [layer.get("breakdown_by")]), layer["x"]], layer["y"]
        case other:
            raise AssertionError(other)
    return {
        "size": 0,
        "query": {"bool": {"filter": [between("@timestamp", period["from"], period["to"])]}},
        "aggs": aggregations(buckets, metrics),
    }


def rule_search(rule: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """The indices and the search of a rule's run at NOW."""
    params = rule["params"]
    assert (params["searchType"], params["timeWindowUnit"]) == ("esQuery", "m")
    own = json.loads(params["esQuery"])
    start = NOW - timedelta(minutes=params["timeWindowSize"])
    window = {"range": {params["timeField"]: {"gt": start.isoformat(), "lte": NOW.isoformat()}}}
    return params["index"], {
        **own,
        "size": params["size"],
        "query": {"bool": {"filter": [own["query"], window]}},
        "sort": [{params["timeField"]: "desc"}],
        "track_total_hits": True,
    }


# The tests


def test_the_articles_say_something(articles: list[Enriched]) -> None:
    assert len(articles) >= 60
    assert len(last(articles, 7)) < len(articles)
    assert {topic.topic for one in articles for topic in one.topics} >= {"syria", "russia", "peace-talks"}
    assert {entity.type for one in articles for entity in one.entities} == {"person", "organisation", "place"}


def test_each_session_finds_its_articles_newest_first(
    objects: Objects, search: Search, articles: list[Enriched]
) -> None:
    of_articles = [
        one for one in objects.saved if one["type"] == "search" and not one["id"].endswith("fired-alerts")
    ]
    sessions = [one["attributes"] for one in of_articles]
    for session, topic in zip(sessions, (None, *TOPICS), strict=True):
        source = json.loads(session["kibanaSavedObjectMeta"]["searchSourceJSON"])
        body = {
            "query": {
                "bool": {"filter": [kql(source["query"]["query"]), between("@timestamp", "now-3650d")]}
            },
            "sort": [
                {field: {"order": order, "format": "strict_date_optional_time"}}
                for field, order in session["sort"]
            ],
            "fields": session["columns"],
            "_source": False,
            "size": 500,
        }
        expected = [one for one in articles if topic is None or topic.id in {tag.topic for tag in one.topics}]
        hits = search(body)["hits"]["hits"]
        times = {one.article.id: one.article.published for one in articles}
        assert [times[hit["_id"]] for hit in hits] == sorted(
            (one.article.published for one in expected), reverse=True
        )  # type: ignore[type-var]  # all have one
        assert {hit["_id"] for hit in hits} == {one.article.id for one in expected}
        for hit in hits:
            assert {"title", "source_name", "language", "url"} <= set(hit["fields"])


@pytest.mark.parametrize(
    ("panel_id", "count"),
    [
        ("articles", len),
        ("sources", lambda found: len({one.article.source for one in found})),
        ("languages", lambda found: len({one.language for one in found})),
        ("topics", lambda found: len({tag.name for one in found for tag in one.topics})),
    ],
)
def test_numbers(
    objects: Objects,
    search: Search,
    articles: list[Enriched],
    panel_id: str,
    count: Callable[[list[Enriched]], int],
) -> None:
    value = search(chart_search(objects, panel_id))["aggregations"]["metric0"]
    assert value.get("value", value.get("doc_count")) == count(last(articles, 7)) > 0


def of_type(kind: str) -> Callable[[Enriched], set[str]]:
    return lambda one: {entity.name for entity in one.entities if entity.type == kind}


@pytest.mark.parametrize(
    ("panel_id", "values"),
    [
        ("by-topic", lambda one: {tag.name for tag in one.topics}),
        ("by-source", lambda one: {one.article.source}),
        ("by-language", lambda one: {one.language}),
        ("people", of_type("person")),
        ("organisations", of_type("organisation")),
        ("places", of_type("place")),
    ],
)
def test_counts_by_value(
    objects: Objects,
    search: Search,
    articles: list[Enriched],
    panel_id: str,
    values: Callable[[Enriched], set[str]],
) -> None:
    body = chart_search(objects, panel_id)
    found = search(body)["aggregations"]["bucket"]["buckets"]
    expected = Counter(value for one in last(articles, 7) for value in values(one))
    size = body["aggs"]["bucket"]["terms"]["size"]
    assert len(found) == min(size, len(expected)) > 1
    assert {one["key"]: one["doc_count"] for one in found}.items() <= expected.items()
    assert (
        sorted((one["doc_count"] for one in found), reverse=True)
        == sorted(expected.values(), reverse=True)[:size]
    )


@pytest.mark.parametrize("panel_id", ["by-topic", "by-source", "by-language"])
def test_over_time_each_article_lies_at_its_time(
    objects: Objects, search: Search, articles: list[Enriched], panel_id: str
) -> None:
    for series in search(chart_search(objects, panel_id))["aggregations"]["bucket"]["buckets"]:
        points = series["bucket"]["buckets"]
        assert sum(point["metric0"]["doc_count"] for point in points) == series["doc_count"]
        times = [datetime.fromisoformat(point["key_as_string"]) for point in points if point["doc_count"]]
        assert all(NOW - timedelta(days=7, hours=3) <= time <= NOW for time in times)


def test_latency(objects: Objects, search: Search, articles: list[Enriched]) -> None:
    """In each interval a percentile lies between the least and the greatest latency of its articles."""
    points = search(chart_search(objects, "latency"))["aggregations"]["bucket"]["buckets"]
    checked = 0
    for point in points:
        start = datetime.fromisoformat(point["key_as_string"])
        there = [
            one.article
            for one in last(articles, 7)
            if one.article.published and start <= one.article.published < start + timedelta(hours=3)
        ]
        assert point["doc_count"] == len(there)
        since = {0: "published", 1: "published", 2: "seen"}
        for number, field in since.items():
            (value,) = point[f"metric{number}"]["values"].values()
            latencies = [(NOW - getattr(one, field)).total_seconds() for one in there]
            if latencies:
                assert math.isclose(value, min(latencies)) or min(latencies) <= value <= max(latencies)
                checked += 1
            else:
                assert value is None
    assert checked > 100


def test_a_source_that_fell_silent_shows_a_nought(
    objects: Objects, search: Search, articles: list[Enriched]
) -> None:
    found = search(chart_search(objects, "sources-now"))["aggregations"]["bucket"]["buckets"]
    month, day = (Counter(one.article.source for one in last(articles, days)) for days in (30, 1))
    assert {one["key"]: one["metric0"]["doc_count"] for one in found} == dict(month)
    assert {one["key"]: one["metric1"]["doc_count"] for one in found} == {name: day[name] for name in month}
    assert day[bundled().outlets[0].name] == 0


def test_controls_offer_what_is_there(objects: Objects, search: Search, articles: list[Enriched]) -> None:
    for control in objects.dashboard["pinned_panels"]:
        field = control["config"]["field_name"]
        body = {"size": 0, "aggs": {"values": {"terms": {"field": field, "size": 100}}}}
        assert search(body)["aggregations"]["values"]["buckets"], field


def test_each_rule_finds_what_was_indexed_lately(
    objects: Objects, client: Elasticsearch, articles: list[Enriched]
) -> None:
    for topic, rule in zip(TOPICS, objects.rules, strict=True):
        index, body = rule_search(rule.create)
        found = client.search(index=index, body=body)["hits"]
        expected = {one.article.id for one in articles if topic.id in {tag.topic for tag in one.topics}}
        assert found["total"]["value"] == len(expected)
        assert {hit["_id"] for hit in found["hits"]} == expected
        assert all({"title", "url", "source"} == set(hit["_source"]) for hit in found["hits"])


def test_a_rule_looks_at_the_time_of_indexing(objects: Objects, client: Elasticsearch) -> None:
    """An article that was published days ago and indexed now is new; one that was indexed before the window is not."""
    rule = objects.rules[TOPICS.index(SYRIA)].create
    assert rule["params"]["timeField"] == TIME_FIELD
    index, body = rule_search(rule)
    window = body["query"]["bool"]["filter"][1]["range"][TIME_FIELD]
    window["gt"] = NOW.isoformat()
    window["lte"] = (NOW + timedelta(minutes=WINDOW_MINUTES)).isoformat()
    assert client.search(index=index, body=body)["hits"]["total"]["value"] == 0


def test_what_a_rule_writes_is_taken_by_the_index_of_matches(
    objects: Objects, client: Elasticsearch, names: Names
) -> None:
    client.indices.put_index_template(name=names.matches, body=matches_template(names))
    (document,) = objects.rules[0].create["actions"][0]["params"]["documents"]
    filled = {"{{date}}": NOW.isoformat(), "{{context.value}}": "3"}
    body = {key: filled.get(value, value) for key, value in document.items()}
    config = objects.connector.create["config"]
    client.index(
        index=config["index"], document={**body, config["executionTimeField"]: NOW.isoformat()}, refresh=True
    )
    query = {"bool": {"filter": [{"term": {"topic": TOPICS[0].id}}, {"range": {"count": {"gte": 3}}}]}}
    assert client.count(index=names.matches, query=query)["count"] == 1


def test_setup_makes_kafkas_topics_and_again_changes_nothing(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    prefix = f"{new_prefix()}."
    environment = {
        "WIREWATCH_DATA": str(tmp_path),
        "WIREWATCH_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "WIREWATCH_KAFKA_PREFIX": prefix,
        "WIREWATCH_KAFKA_PARTITIONS": "3",
    }
    for _ in range(2):
        result = CliRunner().invoke(cli, ["setup", "--json"], env=environment)
        assert result.exit_code == 0, result.exception
        items = json.loads(result.output)["items"]
        assert {(one["system"], one["result"]) for one in items} == {("kafka", "in place")}
    consumer = KafkaConsumer(bootstrap_servers=kafka)
    try:
        assert {one["name"] for one in items} == {
            name for name in consumer.topics() if name.startswith(prefix)
        }
        assert len(consumer.partitions_for_topic(f"{prefix}entries")) == 3
    finally:
        consumer.close()


async def test_setup_makes_everything_and_again_changes_nothing(
    elasticsearch: str, client: Elasticsearch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fake = FakeKibana(space="desk", authorization="ApiKey a2V5")
    prefix = new_prefix()
    async with serving(fake.app()) as url:
        environment = {
            "WIREWATCH_DATA": str(tmp_path),
            "WIREWATCH_ELASTICSEARCH_HOSTS": json.dumps([elasticsearch]),
            "WIREWATCH_ELASTICSEARCH_PREFIX": prefix,
            "WIREWATCH_KIBANA_URL": url,
            "WIREWATCH_KIBANA_SPACE": "desk",
            "WIREWATCH_KIBANA_API_KEY": "a2V5",
        }
        results = [
            await asyncio.to_thread(CliRunner().invoke, cli, ["setup", "--json"], env=environment)
            for _ in range(2)
        ]
    for result in results:
        assert result.exit_code == 0, result.exception
    first, second = (json.loads(result.output)["items"] for result in results)
    assert [(one["what"], one["name"]) for one in first] == [(one["what"], one["name"]) for one in second]
    skipped = {"skipped"}  # the lifecycle policy, where the server has no lifecycles
    assert {one["result"] for one in first} - skipped == {"in place", "loaded", "created"}
    assert {one["result"] for one in second} - skipped == {"in place", "loaded", "updated"}
    assert ("index-pattern", f"{prefix}-articles") in fake.held
    templates = client.indices.get_index_template(name=f"{prefix}-*")["index_templates"]
    assert {one["name"] for one in templates} == {f"{prefix}-articles", f"{prefix}-topic-matches"}
    assert client.indices.exists_alias(name=f"{prefix}-articles")


def test_search_and_show_link_to_kibana(
    elasticsearch: str, names: Names, client: Elasticsearch, articles: list[Enriched], tmp_path: Path
) -> None:
    """The search behind each link, run on the real server, finds what it was made for."""
    environment = {
        "WIREWATCH_DATA": str(tmp_path),
        "WIREWATCH_ELASTICSEARCH_HOSTS": json.dumps([elasticsearch]),
        "WIREWATCH_ELASTICSEARCH_PREFIX": names.prefix,
        "WIREWATCH_KIBANA_URL": "https://kibana.example/base",
        "WIREWATCH_KIBANA_SPACE": "desk",
    }

    def run(*command: str) -> str:
        result = CliRunner().invoke(cli, list(command), env=environment)
        assert result.exit_code == 0, result.output
        return result.output

    def found_by(address: str) -> set[str]:
        assert address.startswith("https://kibana.example/base/s/desk/app/discover#/?_g=")
        states = parse_qs(urlsplit(address).fragment.removeprefix("/?"), strict_parsing=True)
        query = read_rison(states["_a"][0])["query"]
        asked = (kql_search if query["language"] == "kuery" else lucene_search)(query["query"])
        hits = client.search(index=names.articles, query=asked, size=500, source=False)["hits"]["hits"]
        return {hit["_id"] for hit in hits}

    page = json.loads(run("search", "syria AND talk*", "--lang", "en", "--limit", "500", "--json"))
    ids = {hit["article"]["id"] for hit in page["hits"]}
    assert len(ids) > 2
    assert found_by(page["kibana"]) == ids
    one = page["hits"][0]["article"]
    assert found_by(one["kibana"]) == {one["id"]}
    assert json.loads(run("show", one["id"], "--json"))["kibana"] == one["kibana"]
    *_, article, story = run("show", one["id"]).splitlines()
    assert article == f"In Kibana: {one['kibana']}"
    assert one["id"] in found_by(story.removeprefix("Its story: "))
    last = run("search", "syria AND talk*", "--lang", "en").splitlines()[-1]
    assert found_by(last.removeprefix("In Kibana: ")) == ids
