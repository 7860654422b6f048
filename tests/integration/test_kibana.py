"""The searches behind Kibana's objects, run on a real Elasticsearch as Kibana would, over the demo world's articles.

There is no Kibana here: the translation below stands in for it. It supports only what our objects use, and fails on anything
else.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from click.testing import CliRunner
from elasticsearch import Elasticsearch
from kafka import KafkaConsumer
from samples.alerts import alert
from servers.elasticsearch import new_prefix
from servers.fake_kibana import FakeKibana, serving
from servers.rison_reader import read_rison

from alerts.channels.elasticsearch import MAPPING as ALERTS
from alerts.channels.elasticsearch import document as in_index
from bench.material.kibana_charts import searches, value_of
from bench.material.kibana_search import kql_search, lucene_search
from demo.world import bundled
from enrich.enrich import Enricher
from enrich.names.gazetteer import default_gazetteer
from enrich.topics import load_topics
from index.elasticsearch.notes import Notes
from index.elasticsearch.settings import Elasticsearch as Settings
from index.elasticsearch.settings import alias_of
from index.elasticsearch.store import ElasticsearchStore
from kibana.health import CHECKED, QUARANTINE, SOURCES
from kibana.names import Names, Topic
from kibana.objects import Objects, generate
from kibana.rules import TIME_FIELD, WINDOW_MINUTES, matches_template
from stream.log.base import Outgoing
from stream.messages import Article, Dead, Enriched, article_id, encode
from stream.quarantine import QUARANTINE as SHELF
from wirewatch.cli import cli
from wirewatch.composition.health_index import write_sources
from wirewatch.config import Config, Paths
from wirewatch.topics import feed_list, open_log

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
CONFIGURED = load_topics(files("wirewatch").joinpath("defaults/topics.toml").read_bytes(), "topics.toml")
TOPICS = tuple(Topic(id=one.id, name=one.name) for one in CONFIGURED)
SYRIA = next(topic for topic in TOPICS if topic.id == "syria")

Search = Callable[[dict[str, Any]], dict[str, Any]]
Ask = Callable[..., dict[str, Any]]


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
    found = [msgspec.structs.replace(one, story=one.key) for one in found]
    return [*found, *copies(found[1]), *old_ones(found[2])]


def copies(original: Enriched) -> list[Enriched]:
    """Forty outlets that carry the same story."""
    return [_again(original, number, source=f"Copyist {number}") for number in range(40)]


def old_ones(original: Enriched) -> list[Enriched]:
    """Three articles that their feed already had when it was added."""
    old = [_again(original, number, backfill=True) for number in range(100, 103)]
    return [msgspec.structs.replace(one, story=one.key) for one in old]


def _again(original: Enriched, number: int, **changes: Any) -> Enriched:
    url = f"https://copy{number}.example/a"
    article = msgspec.structs.replace(original.article, id=article_id(url), url=url, **changes)
    return msgspec.structs.replace(original, article=article)


@pytest.fixture(scope="module")
def names() -> Names:
    prefix = new_prefix()
    return Names(articles=alias_of(prefix), prefix=prefix)


@pytest.fixture(scope="module")
def client(elasticsearch: str, names: Names, articles: list[Enriched]) -> Iterator[Elasticsearch]:
    """The server, with the articles in it, two alerts, three sources and three failures."""
    with ElasticsearchStore.open(
        Settings(hosts=(elasticsearch,), prefix=names.prefix), now=lambda: NOW
    ) as store:
        for article in articles:
            store.add(article)
        assert not store.flush()
    settings = Settings(hosts=(elasticsearch,), prefix=names.prefix)
    with closing(Notes(settings, names.alerts, ALERTS)) as notes:
        for number in (1, 2):
            told = alert(number, fired=NOW - timedelta(hours=number))
            notes.put(told.key, in_index(told))
    snapshot = NOW.isoformat()
    for index, mapping, documents in (
        (names.sources, SOURCES, SOURCE_DOCUMENTS),
        (names.quarantine, QUARANTINE, FAILURES),
    ):
        with closing(Notes(settings, index, mapping)) as notes:
            notes.put_all(
                {str(number): {CHECKED: snapshot, **one} for number, one in enumerate(documents)},
                CHECKED,
                snapshot,
            )
    with Elasticsearch(elasticsearch) as opened:
        opened.indices.refresh(index=names.alerts)
        yield opened


SOURCE_DOCUMENTS: list[dict[str, Any]] = [
    {"name": "Radio", "status": "silent", "since": NOW.isoformat(), "reason": "nothing new", "per_day": 40.0},
    {
        "name": "Herald",
        "status": "failing",
        "since": NOW.isoformat(),
        "reason": "answers 503",
        "per_day": 3.5,
    },
    {"name": "Courier", "status": "well", "since": None, "reason": "", "per_day": 12.0},
]
FAILURES: list[dict[str, Any]] = [
    {"shelf": "quarantine", "stage": "extract", "kind": "no-article", "messages": 2, "example": "a menu"},
    {"shelf": "quarantine", "stage": "extract", "kind": "too-large", "messages": 1, "example": "12 MB"},
]


@pytest.fixture(scope="module")
def objects(names: Names) -> Objects:
    return generate(names, TOPICS)


@pytest.fixture(scope="module")
def search(client: Elasticsearch, names: Names) -> Search:
    return lambda body: dict(client.search(index=names.articles, body=body))


def last(articles: Sequence[Enriched], days: float) -> list[Enriched]:
    """News published in the last days."""
    since = NOW - timedelta(days=days)
    news = (one for one in articles if not one.article.backfill)
    return [one for one in news if one.article.published and one.article.published >= since]


# Kibana's part


def panel(objects: Objects, panel_id: str) -> dict[str, Any]:
    return next(one for one in objects.dashboard["panels"] if one["id"] == panel_id)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def ask(client: Elasticsearch, objects: Objects) -> Callable[..., dict[str, Any]]:
    """The server's answer to a panel's search, with the choices made above the dashboard."""

    def answer(panel_id: str, *chosen: dict[str, Any]) -> dict[str, Any]:
        (one,) = searches(objects, panel(objects, panel_id), NOW, chosen)
        return dict(client.search(index=one.index, body=one.body))

    return answer


def rule_search(rule: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """The indices and the search of a rule that runs at NOW."""
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
    objects: Objects, names: Names, search: Search, articles: list[Enriched]
) -> None:
    of_articles = {names.all_news: None, **{names.session(topic): topic.id for topic in TOPICS}}
    sessions = {one["id"]: one["attributes"] for one in objects.saved if one["id"] in of_articles}
    assert len(sessions) == len(of_articles)
    for session_id, topic in of_articles.items():
        session = sessions[session_id]
        source = json.loads(session["kibanaSavedObjectMeta"]["searchSourceJSON"])
        body = {
            "query": kql_search(source["query"]["query"]),
            "sort": [{field: {"order": order}} for field, order in session["sort"]],
            "fields": session["columns"],
            "_source": False,
            "size": 500,
        }
        expected = [one for one in articles if topic is None or topic in {tag.topic for tag in one.topics}]
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
        ("stories", lambda found: len({one.story for one in found})),
        ("sources", lambda found: len({one.article.source for one in found})),
    ],
)
def test_numbers(
    ask: Ask, articles: list[Enriched], panel_id: str, count: Callable[[list[Enriched]], int]
) -> None:
    value = value_of(ask(panel_id)["aggregations"]["m0"])
    assert value == count(last(articles, 7)) > 0


def test_forty_copies_are_one_story(ask: Ask, articles: list[Enriched]) -> None:
    copied = {"term": {"story": articles[1].story}}
    assert value_of(ask("articles", copied)["aggregations"]["m0"]) == 41
    assert value_of(ask("stories", copied)["aggregations"]["m0"]) == 1


def test_what_was_there_before_is_left_out(ask: Ask, articles: list[Enriched]) -> None:
    old = [one for one in articles if one.article.backfill]
    assert old
    assert value_of(ask("articles", {"term": {"backfill": True}})["aggregations"]["m0"]) == 0
    assert ask("newest", {"term": {"backfill": True}})["hits"]["total"]["value"] == 0


def of_type(kind: str) -> Callable[[Enriched], set[str]]:
    return lambda one: {entity.name for entity in one.entities if entity.type == kind}


@pytest.mark.parametrize(
    ("panel_id", "values"),
    [
        ("by-topic", lambda one: {tag.name for tag in one.topics}),
        ("by-topic-seen", lambda one: {tag.name for tag in one.topics}),
        ("by-source", lambda one: {one.article.source}),
        ("by-language", lambda one: {one.language}),
        ("people", of_type("person")),
        ("organisations", of_type("organisation")),
        ("places", of_type("place")),
    ],
)
def test_counts_by_value(
    ask: Ask, articles: list[Enriched], panel_id: str, values: Callable[[Enriched], set[str]]
) -> None:
    """The most frequent values, by the number that the panel shows first."""
    stories = panel_id not in ("by-source", "by-language")
    there = (
        [one for one in articles if not one.article.backfill]
        if panel_id == "by-topic-seen"
        else last(articles, 7)
    )
    counted = defaultdict(set)
    for one in there:
        for value in values(one):
            counted[value].add(one.story if stories else one.key)
    found = ask(panel_id)["aggregations"]["b0"]["buckets"]
    assert len(found) > 1
    numbers = [value_of(one["m0"]) for one in found]
    assert numbers == sorted(map(len, counted.values()), reverse=True)[: len(found)]
    assert all(number == len(counted[one["key"]]) for number, one in zip(numbers, found, strict=True))


@pytest.mark.parametrize("panel_id", ["by-topic", "by-source", "by-language"])
def test_over_time_each_article_lies_at_its_time(ask: Ask, panel_id: str) -> None:
    for series in ask(panel_id)["aggregations"]["b0"]["buckets"]:
        points = series["b1"]["buckets"]
        assert sum(point["doc_count"] for point in points) == series["doc_count"]
        times = [datetime.fromisoformat(point["key_as_string"]) for point in points if point["doc_count"]]
        assert all(NOW - timedelta(days=7, hours=4) <= time <= NOW for time in times)


def test_latency(ask: Ask, articles: list[Enriched]) -> None:
    """A percentile lies between the least and the greatest latency."""
    for row in ask("slowest")["aggregations"]["b0"]["buckets"]:
        there = [one.article for one in last(articles, 7) if one.article.source == row["key"]]
        for number, field in enumerate(("published", "published", "seen")):
            latencies = [(NOW - getattr(one, field)).total_seconds() for one in there]
            assert min(latencies) - 0.001 <= value_of(row[f"m{number}"]) <= max(latencies) + 0.001
    points = ask("latency")["aggregations"]["b0"]["buckets"]
    assert sum(point["doc_count"] for point in points) == sum(not one.article.backfill for one in articles)
    assert all(point[f"m{number}"] for point in points for number in range(3))


def test_a_source_that_fell_silent_shows_a_zero(ask: Ask, articles: list[Enriched]) -> None:
    found = ask("quiet")["aggregations"]["b0"]["buckets"]
    month, day = (Counter(one.article.source for one in last(articles, days)) for days in (30, 1))
    assert {one["key"]: value_of(one["m0"]) for one in found} == dict(month)
    assert {one["key"]: value_of(one["m1"]) for one in found} == {name: day[name] for name in month}
    assert day[bundled().outlets[0].name] == 0


def test_sources_that_are_not_heard_whatever_is_chosen(ask: Ask) -> None:
    chosen = {"term": {"topics.name": "Syria"}}
    assert value_of(ask("dark", chosen)["aggregations"]["m0"]) == 2
    rows = ask("not-heard", chosen)["aggregations"]["b0"]["buckets"]
    assert [(row["key"], row["b1"]["buckets"][0]["key"]) for row in rows] == [
        ("Radio", "silent"),
        ("Herald", "failing"),
    ]
    (status,) = rows[1]["b1"]["buckets"]
    assert value_of(status["m0"]) == 3.5
    assert value_of(status["m2"]) == "answers 503"


def test_what_could_not_be_read_is_counted(ask: Ask) -> None:
    assert value_of(ask("failed")["aggregations"]["m0"]) == 3
    (shelf,) = ask("quarantine")["aggregations"]["b0"]["buckets"]
    (stage,) = shelf["b1"]["buckets"]
    assert [(one["key"], value_of(one["m0"])) for one in stage["b2"]["buckets"]] == [
        ("no-article", 2),
        ("too-large", 1),
    ]


def test_fired_alerts(ask: Ask) -> None:
    assert value_of(ask("fired")["aggregations"]["m0"]) == 2
    assert {one["key"]: value_of(one["m0"]) for one in ask("alerts")["aggregations"]["b0"]["buckets"]} == {
        "talks": 2
    }
    (newest, _) = ask("fired-alerts")["hits"]["hits"]
    assert newest["fields"]["headline"] == ["[warning] talks: Powers agree"]


def test_every_panel_is_asked_for_something_that_is_there(ask: Ask, objects: Objects) -> None:
    """No panel is empty over the demo world."""
    for one in objects.dashboard["panels"]:
        if one["type"] == "markdown":
            continue
        answer = ask(one["id"])
        assert answer["hits"]["total"]["value"] > 0, one["id"]


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


def test_the_index_of_matches_accepts_what_a_rule_writes(
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


def test_setup_creates_kafkas_topics_and_running_it_again_changes_nothing(
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
    for said in ("created", "in place"):
        result = CliRunner().invoke(cli, ["setup", "--json"], env=environment)
        assert result.exit_code == 0, result.exception
        items = json.loads(result.output)["items"]
        assert {(one["system"], one["result"]) for one in items} == {("kafka", said)}
    consumer = KafkaConsumer(bootstrap_servers=kafka)
    try:
        assert {one["name"] for one in items} == {
            name for name in consumer.topics() if name.startswith(prefix)
        }
        assert len(consumer.partitions_for_topic(f"{prefix}entries")) == 3
    finally:
        consumer.close()


async def test_setup_creates_everything_and_running_it_again_changes_nothing(
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
            await asyncio.to_thread(
                CliRunner().invoke, cli, ["setup", "--json", "--analyst-role"], env=environment
            )
            for _ in range(2)
        ]
    for result in results:
        assert result.exit_code == 0, result.exception
    first, second = (json.loads(result.output)["items"] for result in results)
    assert [(one["what"], one["name"]) for one in first] == [(one["what"], one["name"]) for one in second]
    skipped = {"skipped"}  # the lifecycle policy, because this server has no lifecycles
    assert {one["result"] for one in first} - skipped == {"created"}
    assert {one["result"] for one in second} - skipped == {"in place", "updated"}
    assert ("space", "desk") in {(one["what"], one["name"]) for one in first}
    assert ("role", f"{prefix}-analyst") in fake.held
    assert ("index-pattern", f"{prefix}-articles") in fake.held
    templates = client.indices.get_index_template(name=f"{prefix}-*")["index_templates"]
    assert {one["name"] for one in templates} == {
        f"{prefix}-{name}"
        for name in ("articles", "topic-matches", "alerts", "sources", "quarantine", "kibana-objects")
    }
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


async def test_setup_keeps_what_an_analyst_changed_until_it_is_forced(
    elasticsearch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered lies in Elasticsearch, so another machine knows it, too."""
    monkeypatch.chdir(tmp_path)
    fake, prefix = FakeKibana(), new_prefix()
    dashboard = ("dashboard", f"{prefix}-news")

    async def run(*options: str, refresh: str = "") -> str:
        environment = {
            "WIREWATCH_DATA": str(tmp_path / refresh),
            "WIREWATCH_ELASTICSEARCH_HOSTS": json.dumps([elasticsearch]),
            "WIREWATCH_ELASTICSEARCH_PREFIX": prefix,
            "WIREWATCH_KIBANA_URL": url,
        }
        result = await asyncio.to_thread(CliRunner().invoke, cli, ["setup", *options], env=environment)
        assert result.exit_code == 0, result.output
        return result.output

    async with serving(fake.app()) as url:
        await run()
        fake.held[dashboard]["title"] = "My own"
        fake.held[dashboard]["panels"] = []
        said = await run(refresh="other")
        assert f"kept      dashboard {prefix}-news" in said
        assert "1 object kept: changed in Kibana since wirewatch loaded it; --force replaces it" in said
        assert fake.held[dashboard]["title"] == "My own"
        assert "kept" not in await run("--force")
        assert fake.held[dashboard]["title"] == "News"


def test_status_reports_failures_to_kibana_and_a_run_the_sources(elasticsearch: str, tmp_path: Path) -> None:
    prefix = new_prefix()
    settings = Settings(hosts=(elasticsearch,), prefix=prefix)
    config = Config(elasticsearch=settings)
    paths = Paths(data=tmp_path, feeds=tmp_path / "feeds.opml", topics=None)
    ElasticsearchStore.open(settings, now=lambda: NOW).close()
    failed = Dead(
        id="a",
        stage="extract",
        topic="pages",
        key="a",
        value=b"",
        kind="no-article",
        reason="a menu",
        attempts=1,
        failed=NOW,
        retry_at=None,
    )
    with open_log(config, paths) as log:
        log.produce([Outgoing(SHELF.name, "a", encode(failed))])
        feeds = feed_list(config, paths, log)
        feeds.ensure()
        write_sources(config, paths, log)
        number = len(feeds.load())
    environment = {
        "WIREWATCH_DATA": str(tmp_path),
        "WIREWATCH_ELASTICSEARCH_HOSTS": json.dumps([elasticsearch]),
        "WIREWATCH_ELASTICSEARCH_PREFIX": prefix,
    }
    result = CliRunner().invoke(cli, ["status", "--json"], env=environment)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["quarantine"][0]["count"] == 1
    with Elasticsearch(elasticsearch) as client:
        (hit,) = client.search(index=f"{prefix}-quarantine")["hits"]["hits"]
        assert (hit["_source"]["kind"], hit["_source"]["messages"]) == ("no-article", 1)
        unpolled = client.count(index=f"{prefix}-sources", query={"term": {"status": "unpolled"}})
        assert unpolled["count"] == number > 10
