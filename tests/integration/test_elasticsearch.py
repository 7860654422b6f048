"""The store on a real Elasticsearch, beyond the contract of all stores: faults, limits, months, versions."""

import asyncio
import json
import socket
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from elasticsearch import ApiError, Elasticsearch
from elasticsearch.helpers import bulk
from samples.reading import make_archive
from servers.ci import skip
from servers.elasticsearch import ElasticsearchServer, new_prefix
from servers.maven import Unavailable
from servers.proxy import Fault, Judge, Request, proxy
from waiting import PATIENCE, until

from index.elasticsearch.cluster import Cluster
from index.elasticsearch.document import to_source
from index.elasticsearch.notes import Notes
from index.elasticsearch.settings import Elasticsearch as Settings
from index.elasticsearch.setup import MADE_BY, lifecycle_of, template_of
from index.elasticsearch.store import ElasticsearchStore
from index.elasticsearch.upgrade import upgrade
from index.elasticsearch.writer import Writer
from index.embedded.store import EmbeddedStore
from index.searchable import microseconds
from index.store import Search
from query.article import prepare_enriched
from query.match import matches
from query.parse import MAX_DEPTH, MAX_LEAVES, parse
from stream.errors import ConfigError, Reject, RetryLater
from stream.log.base import Outgoing, TopicSpec
from stream.log.memory import MemoryLog
from stream.messages import Article, Enriched, TopicTag, article_id, encode
from stream.meters import Meters
from stream.persist import Context
from stream.quarantine import QUARANTINE, RETRIES, Retries, read
from stream.runner import run_stage
from stream.stage import Stage, Topic
from wirewatch.cli import cli
from wirewatch.composition.stores import open_store as open_archive
from wirewatch.config import Paths, load

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOO_LONG = "x" * 40_000
"""More than Lucene takes as one term: the language of an article that Elasticsearch refuses."""

Open = Callable[..., ElasticsearchStore]


@pytest.fixture
def prefix() -> str:
    return new_prefix()


@pytest.fixture
def client(elasticsearch: str) -> Iterator[Elasticsearch]:
    """A client that looks into the server behind the store's back."""
    with Elasticsearch(elasticsearch) as opened:
        yield opened


@pytest.fixture
def open_store(elasticsearch: str, prefix: str) -> Open:
    """Opens the same archive each time; `at` is another URL of the same server."""

    def opened(at: str = elasticsearch, *, readonly: bool = False, **access: str) -> ElasticsearchStore:
        return ElasticsearchStore.open(
            Settings(hosts=(at,), prefix=prefix, **access),  # type: ignore[arg-type]  # of its texts
            readonly=readonly,
            now=lambda: NOON,
        )

    return opened


def enriched(
    name: str,
    text: str = "word",
    *,
    seen: datetime = NOON,
    at: datetime = NOON,
    language: str = "en",
    topics: tuple[str, ...] = (),
) -> Enriched:
    article = Article(
        id=article_id(name), url=name, feed="", source="S", text=text, seen=seen, fetched=NOON, extracted=NOON
    )
    tags = tuple(TopicTag(topic=topic, name=topic, clause=topic, spans=()) for topic in topics)
    return Enriched(article=article, language=language, topics=tags, enriched=at)


def fill(store: ElasticsearchStore, *messages: Enriched) -> dict[str, Reject]:
    for message in messages:
        store.add(message)
    return dict(store.flush())


def texts(store: ElasticsearchStore) -> dict[str, str]:
    """The texts of all articles by their names; fails if one is there twice."""
    articles = [document.enriched.article for document in store.scan()]
    assert len(articles) == len({article.url for article in articles}) == store.count()
    return {article.url: article.text for article in articles}


def many(count: int) -> list[Enriched]:
    return [enriched(f"n{number}", f"word {number}") for number in range(count)]


# Months and versions


def test_an_article_stays_in_the_index_of_the_month_in_which_it_was_first_seen(
    open_store: Open, client: Elasticsearch, prefix: str
) -> None:
    february = NOON - timedelta(days=2)
    with open_store() as store:
        fill(store, enriched("a", "first", seen=february), enriched("b", "march"))
    with open_store() as store:
        fill(store, enriched("a", "again", seen=NOON), enriched("b", "earlier", seen=february))
        assert texts(store) == {"a": "again", "b": "earlier"}
        assert store.search(Search(until=NOON)).total == 2
    found = client.search(index=f"{prefix}-articles", source=["url"])["hits"]["hits"]
    assert {hit["_source"]["url"]: hit["_index"] for hit in found} == {
        "a": f"{prefix}-articles-2026.02",
        "b": f"{prefix}-articles-2026.03",
    }


def test_an_article_keeps_its_home_when_the_period_changes(
    elasticsearch: str, client: Elasticsearch, prefix: str
) -> None:
    for period, words in (("month", "first"), ("week", "again"), ("day", "at last")):
        settings = Settings(hosts=(elasticsearch,), prefix=prefix, period=period, shards=2)  # type: ignore[arg-type]
        with ElasticsearchStore.open(settings, now=lambda: NOON) as store:
            fill(store, enriched("a", words), enriched(period, words))
            assert texts(store)["a"] == words
    found = client.search(index=f"{prefix}-articles", source=["url"])["hits"]["hits"]
    assert {hit["_source"]["url"]: hit["_index"].removeprefix(f"{prefix}-articles-") for hit in found} == {
        "a": "2026.03",
        "month": "2026.03",
        "week": "2026.w09",
        "day": "2026.03.01",
    }


def test_a_repeat_of_a_version_is_taken_and_an_older_one_changes_nothing(open_store: Open) -> None:
    later = NOON + timedelta(microseconds=1)
    with open_store() as store:
        assert fill(store, enriched("a", "new", at=later)) == {}
        assert fill(store, enriched("a", "new again", at=later)) == {}
        assert fill(store, enriched("a", "old", at=NOON)) == {}
        assert texts(store) == {"a": "new again"}
        assert fill(store, enriched("b", "new", at=later), enriched("b", "old", at=NOON)) == {}
        assert texts(store) == {"a": "new again", "b": "new"}


def test_a_replay_does_not_distort_the_latency(
    elasticsearch: str, prefix: str, client: Elasticsearch
) -> None:
    for hours in (1, 100):
        now = NOON + timedelta(hours=hours)
        with ElasticsearchStore.open(
            Settings(hosts=(elasticsearch,), prefix=prefix), now=lambda now=now: now
        ) as store:
            fill(store, enriched("a"))
    (hit,) = client.search(index=f"{prefix}-articles")["hits"]["hits"]
    assert hit["_source"]["latency"] == {"seen_to_indexed": 3600.0}
    assert hit["_source"]["indexed"] == (NOON + timedelta(hours=100)).isoformat().replace("+00:00", "Z")


# What Elasticsearch refuses


def test_a_refused_article_is_returned_with_its_reason_and_the_others_are_stored(open_store: Open) -> None:
    with open_store() as store:
        refused = fill(store, *many(20), enriched("bad", language=TOO_LONG))
        assert list(refused) == [article_id("bad")]
        assert refused[article_id("bad")].kind == "refused-by-store"
        assert "[language]" in refused[article_id("bad")].reason
        assert "language" in refused[article_id("bad")].reason
        assert store.count() == 20
        assert fill(store, enriched("good")) == {}
        assert store.count() == 21


def test_an_article_that_spoils_a_whole_request_is_found_and_returned(open_store: Open) -> None:
    """Elasticsearch refuses a bulk request as a whole if one of its ids is too long."""
    bad = enriched("bad")
    long = "y" * 600
    bad = msgspec.structs.replace(bad, article=msgspec.structs.replace(bad.article, id=long))
    with open_store() as store:
        refused = fill(store, *many(20), bad)
        assert list(refused) == [long]
        assert "too long" in refused[long].reason
        assert store.count() == 20


def test_times_without_a_zone_are_rejected_at_once(open_store: Open) -> None:
    with open_store() as store, pytest.raises(Reject, match="time zone"):
        store.add(enriched("a", at=datetime(2026, 3, 1)))  # noqa: DTZ001 - that is the point


# Temporary failures


def documents_in(request: Request) -> int:
    return request.body.count(b'{"index":')


def bulk_only(judge: Judge) -> Judge:
    return lambda request: judge(request) if request.path.startswith("/_bulk") else None


def test_a_busy_server_gets_smaller_requests(elasticsearch: str, open_store: Open) -> None:
    sizes: list[int] = []

    def busy(request: Request) -> Fault | None:
        sizes.append(documents_in(request))
        return Fault(429) if sizes[-1] > 60 else None

    with proxy(elasticsearch, bulk_only(busy)) as url, open_store(url) as store:
        with pytest.raises(RetryLater, match="elasticsearch-429"):
            fill(store, *many(400))
        assert sizes == [100] * 4, "shared among requests that are under way at a time"
        store.flush()
        assert sizes[4:] == [50] * 8
        assert texts(store) == {f"n{number}": f"word {number}" for number in range(400)}


def test_a_request_that_is_too_large_is_split_at_once_and_an_article_that_is_too_large_returned(
    elasticsearch: str, open_store: Open
) -> None:
    def small(request: Request) -> Fault | None:
        return Fault(413) if len(request.body) > 20_000 else None

    with proxy(elasticsearch, bulk_only(small)) as url, open_store(url) as store:
        refused = fill(store, *many(100), enriched("bad", "long " * 10_000), *many(120)[100:])
        assert {key: error.kind for key, error in refused.items()} == {article_id("bad"): "too-large"}
        assert len(texts(store)) == 120


@pytest.mark.parametrize(
    "fault", [Fault(503), Fault(0), Fault(503, passed_on=True), Fault(0, passed_on=True)]
)
def test_after_an_outage_everything_is_there_once(elasticsearch: str, open_store: Open, fault: Fault) -> None:
    """Also if the server stored the documents and only its answer was lost."""
    down = True
    with (
        proxy(elasticsearch, bulk_only(lambda _: fault if down else None)) as url,
        open_store(url) as store,
    ):
        with pytest.raises(RetryLater, match=r"elasticsearch-(503|unavailable)"):
            fill(store, *many(30))
        store.add(enriched("n0", "changed meanwhile", seen=NOON + timedelta(days=40)))
        with pytest.raises(RetryLater):
            store.flush()
        down = False
        assert store.flush() == {}
        assert len(texts(store)) == 30
        assert texts(store)["n0"] == "changed meanwhile"


def test_a_failed_refresh_is_repeated(elasticsearch: str, open_store: Open) -> None:
    down = True

    def no_refresh(request: Request) -> Fault | None:
        return Fault(503) if down and request.path.endswith("/_refresh") and stored else None

    stored: list[str] = []

    def judge(request: Request) -> Fault | None:
        fault = no_refresh(request)
        if request.path.startswith("/_bulk"):
            stored.append(request.path)
        return fault

    with proxy(elasticsearch, judge) as url, open_store(url) as store:
        with pytest.raises(RetryLater):
            fill(store, enriched("a"))
        down = False
        assert store.flush() == {}
        assert store.search(Search(query=parse("word"))).total == 1
        assert len(stored) == 1


def test_a_killed_server_loses_nothing_that_was_flushed(tmp_path: Path, prefix: str) -> None:
    try:
        server = ElasticsearchServer(tmp_path / "server")
    except Unavailable as error:
        skip(str(error))
    try:
        server.start()
        settings = Settings(hosts=(server.url,), prefix=prefix, timeout_seconds=PATIENCE)
        with ElasticsearchStore.open(settings, now=lambda: NOON) as store:
            assert fill(store, *many(50)) == {}
            server.kill()
            with pytest.raises(RetryLater, match="does not answer"):
                fill(store, *many(100)[50:])
            with pytest.raises(RetryLater, match="does not answer"):
                store.count()
            server.start()
            assert store.flush() == {}
            assert texts(store) == {f"n{number}": f"word {number}" for number in range(100)}
    finally:
        server.stop()


async def test_the_index_stage_waits_for_a_busy_server_and_quarantines_what_it_refuses(
    elasticsearch: str, open_store: Open
) -> None:
    busy = [Fault(429), Fault(503, passed_on=True)]
    topic = Topic("enriched", Enriched)
    shelves = [TopicSpec(shelf.name, compacted=True) for shelf in (RETRIES, QUARANTINE)]
    with (
        MemoryLog([TopicSpec(topic.name, 4), *shelves], now=lambda: NOON) as log,
        proxy(elasticsearch, bulk_only(lambda _: busy.pop() if busy else None)) as url,
        open_store(url) as store,
    ):
        messages = [*many(60), enriched("bad", language=TOO_LONG)]
        log.produce([Outgoing(topic.name, message.key, encode(message)) for message in messages])
        context = Context(log, Retries(log, lambda: NOON), Meters(), lambda: NOON, asyncio.Event())
        stage = asyncio.create_task(
            run_stage(Stage("index", topic, store, concurrency=25), context, lambda: True)
        )
        await until(lambda: log.progress("index", topic.name).lag == 0 or stage.done(), pause=0.05)
        context.stop.set()
        await stage
        (dead,) = read(log, QUARANTINE)
        assert (dead.key, dead.kind, dead.retry_at) == (article_id("bad"), "refused-by-store", None)
        assert "[language]" in dead.reason
        assert read(log, RETRIES) == []
        assert context.meters.get("index", "done") == 60
        assert texts(store) == {f"n{number}": f"word {number}" for number in range(60)}


# Messages about wrong configuration or foreign indices


def test_the_configuration_chooses_the_store(elasticsearch: str, prefix: str, tmp_path: Path) -> None:
    environment = {
        "WIREWATCH_ELASTICSEARCH_HOSTS": json.dumps([elasticsearch]),
        "WIREWATCH_ELASTICSEARCH_PREFIX": prefix,
    }
    paths = Paths(tmp_path, tmp_path / "feeds.opml", None)
    for config, kind in ((load(None, environment), ElasticsearchStore), (load(None, {}), EmbeddedStore)):
        with open_archive(config, paths, readonly=False) as store:
            assert isinstance(store, kind)
            store.add(enriched("a"))
            assert store.flush() == {}
        with open_archive(config, paths, readonly=True) as store:
            assert store.count() == 1


def test_a_wrong_address(open_store: Open) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ConfigError, match=rf"{url} does not answer.*elasticsearch\.hosts") as caught:
            open_store(url)
    assert "refused" in str(caught.value)


def test_something_else_at_the_address(elasticsearch: str, open_store: Open) -> None:
    with (
        proxy(elasticsearch, lambda _: Fault(200, genuine=False)) as url,
        pytest.raises(ConfigError, match=r"is not Elasticsearch: check elasticsearch\.hosts"),
    ):
        open_store(url)


@pytest.mark.parametrize("access", [{"username": "desk", "password": "pw"}, {"api_key": "a2V5OnNlY3JldA=="}])
def test_a_wrong_password_or_key(elasticsearch: str, open_store: Open, access: dict[str, str]) -> None:
    rights = {f"Basic {b64encode(b'desk:pw').decode()}", "ApiKey a2V5OnNlY3JldA=="}

    def guarded(request: Request) -> Fault | None:
        return None if request.headers.get("authorization") in rights else Fault(401)

    with proxy(elasticsearch, guarded) as url:
        with open_store(url, **access) as store:
            assert fill(store, enriched("a")) == {}
        wrong = {name: f"{value[:-1]}X" for name, value in access.items()}
        with pytest.raises(ConfigError, match=r"answered 401.*check elasticsearch\.api_key"):
            open_store(url, **wrong)
    with (
        proxy(elasticsearch, lambda _: Fault(403)) as url,
        pytest.raises(ConfigError, match=r"403.*needs more rights"),
    ):
        open_store(url, **access)


def test_tls_needs_the_authority_that_signed(elasticsearch: str, open_store: Open, tmp_path: Path) -> None:
    pem = tmp_path / "own.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(
        [*make.split(), "-keyout", str(pem), "-out", str(tmp_path / "crt.pem")],
        check=True,
        capture_output=True,
    )
    pem.write_text(pem.read_text() + (tmp_path / "crt.pem").read_text())
    with proxy(elasticsearch, lambda _: None, certificate=str(pem)) as url:
        with open_store(url, ca_file=str(tmp_path / "crt.pem")) as store:
            assert fill(store, enriched("a")) == {}
        with pytest.raises(ConfigError, match=r"TLS.*elasticsearch\.ca_file"):
            open_store(url)
        with pytest.raises(ConfigError, match=r"absent\.pem"):
            open_store(url, ca_file=str(tmp_path / "absent.pem"))


def test_an_index_of_someone_else(open_store: Open, client: Elasticsearch, prefix: str) -> None:
    client.indices.create(
        index=f"{prefix}-articles-2026.03", mappings={"properties": {"title": {"type": "long"}}}
    )
    for readonly in (False, True):
        with pytest.raises(ConfigError, match=rf"{prefix}-articles-2026\.03 .* was not made by wirewatch"):
            open_store(readonly=readonly)


def test_an_index_where_the_alias_belongs(open_store: Open, client: Elasticsearch, prefix: str) -> None:
    client.indices.create(index=f"{prefix}-articles")
    with pytest.raises(ConfigError, match=r"was not made by wirewatch: choose another elasticsearch\.prefix"):
        open_store()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"mapping": 0}, r"older version of wirewatch .*`wirewatch setup`"),
        ({"tokens": "0-unicode9.0.0"}, r"older version of wirewatch .*`wirewatch setup`"),
        ({"mapping": 99}, r"newer version of wirewatch .*install that version"),
    ],
)
def test_an_index_of_another_version(
    open_store: Open, client: Elasticsearch, prefix: str, other: dict[str, object], said: str
) -> None:
    client.indices.create(index=f"{prefix}-articles-2025.01", mappings={"_meta": {**MADE_BY, **other}})
    for readonly in (False, True):
        with pytest.raises(ConfigError, match=said):
            open_store(readonly=readonly)


def old_index(client: Elasticsearch, prefix: str, **made_by: object) -> None:
    """An index made by a version that had neither `section` nor the searchable form of texts."""
    mappings = template_of(Settings(prefix=prefix))["template"]["mappings"]
    fields = {name: field for name, field in mappings["properties"].items() if name != "section"}
    terms = {name: field for name, field in fields["terms"]["properties"].items() if name != "text"}
    fields["terms"] = {"properties": terms}
    client.indices.create(
        index=f"{prefix}-articles-2026.03",
        mappings={**mappings, "properties": fields, "_meta": {**MADE_BY, **made_by}},
        settings=template_of(Settings(prefix=prefix))["template"]["settings"],
        aliases={f"{prefix}-articles": {}},
    )


def test_fields_that_an_older_template_lacked_are_added_in_passing(
    open_store: Open, client: Elasticsearch, prefix: str
) -> None:
    old_index(client, prefix)
    with open_store() as store:
        assert fill(store, enriched("a")) == {}
        assert texts(store) == {"a": "word"}


def as_an_older_version(message: Enriched, prefix: str) -> dict[str, object]:
    """A document without the fields that `old_index` lacks, as `helpers.bulk` takes it."""
    source = msgspec.to_builtins(to_source(message, NOON, NOON))
    del source["terms"]["text"]
    source.pop("section", None)
    return {
        "_index": f"{prefix}-articles-2026.03",
        "_id": message.key,
        "version": microseconds(message.enriched),
        "version_type": "external_gte",
        **source,
    }


def test_setup_brings_an_older_index_up_to_date(
    elasticsearch: str, open_store: Open, client: Elasticsearch, prefix: str
) -> None:
    old_index(client, prefix, mapping=0)
    written = [enriched(f"n{number}", f"old {number}") for number in range(700)]
    bulk(client, (as_an_older_version(message, prefix) for message in written), refresh=True)
    environment = {
        "WIREWATCH_ELASTICSEARCH_HOSTS": json.dumps([elasticsearch]),
        "WIREWATCH_ELASTICSEARCH_PREFIX": prefix,
    }
    first, second = (CliRunner().invoke(cli, ["setup", "--json"], env=environment) for _ in range(2))
    assert first.exit_code == second.exit_code == 0, first.output
    renewed = {"system": "elasticsearch", "what": "index", "name": f"{prefix}-articles-2026.03"}
    assert json.loads(first.output)["items"][0] == {**renewed, "result": "updated"}
    assert "updated" not in second.output
    with open_store() as store:
        assert store.search(Search(query=parse("old"))).total == 700
        assert texts(store) == {message.article.url: message.article.text for message in written}
        assert fill(store, enriched("new", "old too")) == {}


def test_setup_folds_an_older_index_by_the_rules_of_today(
    elasticsearch: str, open_store: Open, client: Elasticsearch, prefix: str
) -> None:
    old_index(client, prefix, tokens="1-unicode15.1.0")
    document = as_an_older_version(enriched("tehran", "ایران हिन्दी"), prefix)
    document["terms"] = {"url": ["tehran"]}
    bulk(client, [document], refresh=True)
    with closing(Cluster(Settings(hosts=(elasticsearch,)))) as cluster:
        assert list(upgrade(cluster, Settings(prefix=prefix), lambda: NOON)) == [f"{prefix}-articles-2026.03"]
    with open_store() as store:
        found = [store.search(Search(query=parse(query))).total for query in ("إيران", "ایران", "हिंदी")]
    assert found == [1, 1, 1]


def index_of_mapping_2(client: Elasticsearch, prefix: str, *messages: Enriched) -> str:
    """An index from when a source could only be searched exactly as written, with some articles."""
    template = template_of(Settings(prefix=prefix))["template"]
    keyword = {"type": "keyword", "ignore_above": 1000}
    fields = {**template["mappings"]["properties"], "source": keyword, "url": keyword, "author": keyword}
    for name in ("source_name", "lang", "topic", "entity"):
        del fields[name]
    meta = {**MADE_BY, "mapping": 2}
    index = f"{prefix}-articles-2026.03"
    client.indices.create(
        index=index,
        mappings={**template["mappings"], "properties": fields, "_meta": meta},
        settings=template["settings"],
        aliases={f"{prefix}-articles": {}},
    )
    for message in messages:
        source = msgspec.to_builtins(to_source(message, NOON, NOON))
        known = {name: value for name, value in source.items() if name in fields}
        version = microseconds(message.enriched)
        client.index(
            index=index, id=message.key, document=known, version=version, version_type="external_gte"
        )
    client.indices.refresh(index=index)
    return index


def test_an_older_index_is_replaced_by_one_with_todays_fields(
    elasticsearch: str, open_store: Open, client: Elasticsearch, prefix: str
) -> None:
    written = [enriched("a", "one"), enriched("b", "two")]
    alias, index = f"{prefix}-articles", index_of_mapping_2(client, prefix, *written)
    query = {"query_string": {"query": "source:s"}}
    assert client.count(index=alias, query=query)["count"] == 0
    with closing(Cluster(Settings(hosts=(elasticsearch,)))) as cluster:
        assert list(upgrade(cluster, Settings(prefix=prefix), lambda: NOON)) == [index]
        assert list(upgrade(cluster, Settings(prefix=prefix), lambda: NOON)) == []
    assert list(client.indices.get(index=f"{alias}*")) == [f"{index}-2"]
    assert client.count(index=alias, query=query)["count"] == 2
    with open_store() as store:
        assert texts(store) == {"a": "one", "b": "two"}
        assert fill(store, enriched("a", "one, corrected")) == {}
        assert texts(store) == {"a": "one, corrected", "b": "two"}
    found = client.search(index=alias, query={"term": {"url": "a"}})["hits"]["hits"]
    assert {hit["_index"] for hit in found} == {f"{index}-2"}


def test_an_upgrade_that_was_broken_off_is_started_over(
    elasticsearch: str, client: Elasticsearch, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it is done, readers see the old index, whole, and nobody can write to it."""
    alias, index = f"{prefix}-articles", index_of_mapping_2(client, prefix, enriched("a"), enriched("b"))
    with closing(Cluster(Settings(hosts=(elasticsearch,)))) as cluster:
        with monkeypatch.context() as patch:
            patch.setattr(Cluster, "replace_index", killed)
            with pytest.raises(KeyboardInterrupt):
                list(upgrade(cluster, Settings(prefix=prefix), lambda: NOON))
        assert list(client.indices.get_alias(name=alias)) == [index]
        assert client.count(index=alias)["count"] == 2
        with pytest.raises(ApiError, match="blocked"):
            client.index(index=index, document={"id": "c"})
        assert list(upgrade(cluster, Settings(prefix=prefix), lambda: NOON)) == [index]
    assert list(client.indices.get_alias(name=alias)) == [f"{index}-2"]
    assert client.count(index=alias)["count"] == 2


def killed(*_: object) -> None:
    raise KeyboardInterrupt


REPLACE_INDEX = Cluster.replace_index


def replaced_and_killed(cluster: Cluster, old: str, new: str, alias: str) -> None:
    REPLACE_INDEX(cluster, old, new, alias)
    raise KeyboardInterrupt


def test_an_upgrade_that_was_interrupted_at_its_end_is_accepted(
    elasticsearch: str, open_store: Open, client: Elasticsearch, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_of_mapping_2(client, prefix, enriched("a"), enriched("b"))
    with closing(Cluster(Settings(hosts=(elasticsearch,)))) as cluster:
        with monkeypatch.context() as patch:
            patch.setattr(Cluster, "replace_index", replaced_and_killed)
            with pytest.raises(KeyboardInterrupt):
                list(upgrade(cluster, Settings(prefix=prefix), lambda: NOON))
        with pytest.raises(ConfigError, match="wirewatch setup"):
            open_store()
        assert list(upgrade(cluster, Settings(prefix=prefix), lambda: NOON)) == []
    with open_store() as store:
        assert texts(store) == {"a": "word", "b": "word"}


def test_a_later_upgrade_replaces_no_index_that_has_articles(
    elasticsearch: str, open_store: Open, client: Elasticsearch, prefix: str
) -> None:
    """A month may have two indices: the copy of an older version's, and the one that came after it."""
    alias, index = f"{prefix}-articles", index_of_mapping_2(client, prefix, enriched("a"))
    with closing(Cluster(Settings(hosts=(elasticsearch,)))) as cluster:
        list(upgrade(cluster, Settings(prefix=prefix), lambda: NOON))
        with open_store() as store:
            assert fill(store, enriched("b")) == {}
        assert set(client.indices.get_alias(name=alias)) == {index, f"{index}-2"}
        client.indices.put_mapping(index=alias, meta={**MADE_BY, "tokens": "0-unicode9.0.0"})
        assert list(upgrade(cluster, Settings(prefix=prefix), lambda: NOON)) == [index, f"{index}-2"]
    with open_store() as store:
        assert texts(store) == {"a": "word", "b": "word"}
        assert store.count() == 2


def test_an_index_whose_articles_are_refused_stays(
    elasticsearch: str, client: Elasticsearch, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alias, index = f"{prefix}-articles", index_of_mapping_2(client, prefix, enriched("a"), enriched("b"))
    with closing(Cluster(Settings(hosts=(elasticsearch,)))) as cluster:
        refusal = {article_id("b"): Reject("refused-by-store", "no place for it")}
        monkeypatch.setattr(Writer, "flush", lambda _: refusal)
        with pytest.raises(ConfigError, match=r"could not be upgraded: .*no place for it"):
            list(upgrade(cluster, Settings(prefix=prefix), lambda: NOON))
    assert list(client.indices.get_alias(name=alias)) == [index]
    client.index(index=index, document={"id": "c"})


def test_an_index_whose_mapping_someone_changed(open_store: Open, client: Elasticsearch, prefix: str) -> None:
    mappings = {"_meta": MADE_BY, "dynamic": "strict", "properties": {"id": {"type": "long"}}}
    client.indices.create(
        index=f"{prefix}-articles-2026.03", mappings=mappings, aliases={f"{prefix}-articles": {}}
    )
    with pytest.raises(ConfigError, match="another mapping than wirewatch's"):
        open_store()


def test_an_index_that_loses_fields_while_it_is_written(
    open_store: Open, client: Elasticsearch, prefix: str
) -> None:
    with open_store() as store:
        client.indices.delete_index_template(name=f"{prefix}-articles")
        client.indices.delete(index=f"{prefix}-articles-2026.03")
        strict = {"dynamic": "strict", "properties": {"id": {"type": "keyword"}}}
        client.indices.create(
            index=f"{prefix}-articles-2026.03", mappings=strict, aliases={f"{prefix}-articles": {}}
        )
        with pytest.raises(ConfigError, match="another mapping than wirewatch's"):
            fill(store, enriched("a"))


def test_a_template_that_contradicts_ours(open_store: Open, client: Elasticsearch, prefix: str) -> None:
    rival = {"index_patterns": [f"{prefix}-*"], "priority": template_of(Settings(prefix="x"))["priority"]}
    client.indices.put_index_template(name=f"{prefix}-rival", body=rival)
    with pytest.raises(ConfigError, match=f"refused the index template {prefix}-articles.*{prefix}-rival"):
        open_store()
    client.indices.delete_index_template(name=f"{prefix}-rival")


def test_nothing_to_read_yet(open_store: Open) -> None:
    with pytest.raises(ConfigError, match=r"no archive .* yet: `wirewatch run` creates it"):
        open_store(readonly=True)
    open_store().close()
    with open_store(readonly=True) as reader:
        assert reader.count() == 0
        with pytest.raises(ConfigError, match="reading only"):
            reader.add(enriched("a"))


def test_a_document_that_someone_else_put_in(open_store: Open, client: Elasticsearch, prefix: str) -> None:
    with open_store() as store:
        client.index(index=f"{prefix}-articles-2026.03", id="z", document={"id": "z"}, refresh=True)
        with pytest.raises(ConfigError, match=r"articles-2026\.03/z in Elasticsearch is not an article"):
            store.get("z")


# Limits


def test_pages_far_down_and_large_ones(open_store: Open) -> None:
    messages = many(1_203)
    with open_store() as store:
        assert fill(store, *messages) == {}
        ids = sorted(message.key for message in messages)
        word = parse("word")
        assert [hit.document.enriched.key for hit in store.search(Search(limit=2_000)).hits] == ids
        far = store.search(Search(query=word, sort="oldest", offset=990, limit=30))
        assert (far.total, [hit.document.enriched.key for hit in far.hits]) == (1_203, ids[990:1_020])
        best = store.search(Search(query=word, offset=400, limit=803)).hits
        ranks = [(-hit.score, hit.document.enriched.key) for hit in best]
        assert (len(ranks), ranks) == (803, sorted(ranks))
        assert store.search(Search(offset=1_200, limit=500)).hits[-1].document.enriched.key == ids[-1]
        assert store.search(Search(offset=5_000)).hits == ()
        assert len(texts(store)) == 1_203
        assert len(list(islice(store.scan(), 7))) == 7
        assert len(store.find_ids("", limit=700)) == 700


def test_all_values_of_a_facet_are_counted(open_store: Open) -> None:
    with open_store() as store:
        fill(store, *(enriched(f"n{n}", topics=(f"t{n}", f"t{n + 1}")) for n in range(1_100)))
        counts = store.facet("topic")
        assert len(counts) == 1_101
        assert list(counts.items())[:2] == [("t1", 2), ("t10", 2)]
        assert counts["t1100"] == 1


def test_the_longest_and_the_deepest_queries(open_store: Open) -> None:
    messages = [enriched("a", "a1 b c"), enriched("b", "b a"), enriched("c", "nothing")]
    words = " OR ".join(f"a{number}" for number in range(MAX_LEAVES))
    prefixes = " OR ".join(f"a{number}*" for number in range(MAX_LEAVES))
    depth = MAX_DEPTH - 1
    queries = [
        words,
        prefixes,
        "x OR b (" * depth + "a" + ")" * depth,
        "NOT " * depth + "b",
        "NOT (b " * 49 + "c" + ")" * 49,
    ]
    with open_store() as store:
        fill(store, *messages)
        for query in map(parse, queries):
            found = {hit.document.enriched.article.url for hit in store.search(Search(query=query)).hits}
            assert found == {m.article.url for m in messages if matches(query, prepare_enriched(m))}


# Fields for Kibana


def test_the_search_box_of_kibana_finds_words_without_case_and_accents(
    open_store: Open, client: Elasticsearch, prefix: str
) -> None:
    with open_store() as store:
        fill(store, enriched("a", "L’Été à Genève: Russia's U.S.-talks"), enriched("b", "winter"))
    typed = {"query_string": {"query": 'geneve AND été AND russia AND "u.s. talks" AND source:S'}}
    hits = client.search(index=f"{prefix}-articles", query=typed)["hits"]["hits"]
    assert [hit["_source"]["url"] for hit in hits] == ["a"]


def test_the_mapping_is_the_data_file_s(open_store: Open, client: Elasticsearch, prefix: str) -> None:
    open_store().close()
    (made,) = client.indices.get_mapping(index=f"{prefix}-articles").values()
    expected = template_of(Settings(prefix=prefix))["template"]["mappings"]
    assert set(made["mappings"]["properties"]) == set(expected["properties"])
    assert made["mappings"]["dynamic"] == "strict"
    assert json.loads(json.dumps(made["mappings"]["_meta"])) == MADE_BY


def test_setup_says_that_a_server_has_no_lifecycles(elasticsearch: str, prefix: str) -> None:
    """The server of the tests has none; tests/unit/index has the rest."""
    environment = {
        "WIREWATCH_ELASTICSEARCH_HOSTS": json.dumps([elasticsearch]),
        "WIREWATCH_ELASTICSEARCH_PREFIX": prefix,
        "WIREWATCH_ELASTICSEARCH_KEEP_DAYS": "90",
    }
    done = CliRunner().invoke(cli, ["setup"], env=environment)
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    has_none = "this server has no index lifecycle management"
    assert (
        ("skipped" in said and has_none in said)
        or "kept for 90 days" in said
        or "articles are kept 90 days" in said
    )


def test_a_component_template_is_taken_into_the_template(
    elasticsearch: str, open_store: Open, client: Elasticsearch, prefix: str
) -> None:
    """That is how new months get the lifecycle."""
    with closing(Cluster(Settings(hosts=(elasticsearch,)))) as cluster:
        cluster.put_component(lifecycle_of(f"{prefix}-articles"), {"settings": {"index.priority": 7}})
    open_store().close()
    (made,) = client.indices.get_settings(index=f"{prefix}-articles").values()
    assert made["settings"]["index"]["priority"] == "7"
    client.indices.delete_index_template(name=f"{prefix}-articles")
    client.cluster.delete_component_template(name=lifecycle_of(f"{prefix}-articles"))


def test_a_snapshot_is_all_that_is_in_its_index(
    elasticsearch: str, client: Elasticsearch, prefix: str
) -> None:
    mapping = {"properties": {"checked": {"type": "date"}, "name": {"type": "keyword"}}}

    def names() -> list[str]:
        hits = client.search(index=f"{prefix}-sources", size=2000)["hits"]["hits"]
        return sorted(hit["_source"]["name"] for hit in hits)

    with closing(
        Notes(Settings(hosts=(elasticsearch,), prefix=prefix), f"{prefix}-sources", mapping)
    ) as notes:
        first, second = "2026-03-14T12:00:00Z", "2026-03-14T12:01:00Z"
        many = {str(number): {"checked": first, "name": f"{number:04}"} for number in range(1200)}
        notes.put_all(many, "checked", first)
        assert len(names()) == 1200
        notes.put_all({"7": {"checked": second, "name": "seven"}}, "checked", second)
        assert names() == ["seven"]
        notes.put_all({}, "checked", "2026-03-14T12:02:00Z")
        assert names() == []


def test_an_archive_is_moved_there_and_back(tmp_path: Path, elasticsearch: str, prefix: str) -> None:
    for name in ("here", "back"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "wirewatch.toml").write_text(
            f'[elasticsearch]\nhosts = ["{elasticsearch}"]\nprefix = "{prefix}"\n'
        )
    make_archive(tmp_path / "here" / "index")
    written: list[int] = []
    for folder, to in (("here", "elasticsearch"), ("here", "elasticsearch"), ("back", "embedded")):
        done = CliRunner().invoke(cli, ["move", "--to", to, "--json", "--data", str(tmp_path / folder)])
        assert done.exit_code == 0, done.output
        report = json.loads(done.stdout)
        assert (report["lacking"], report["differences"], report["refused"]) == ([], [], {})
        written.append(report["written"])
    with (
        EmbeddedStore.open(tmp_path / "here" / "index", readonly=True) as here,
        EmbeddedStore.open(tmp_path / "back" / "index", readonly=True) as back,
    ):
        assert written == [here.count(), 0, here.count()]
        assert {one.enriched.key: one for one in back.scan()} == {
            one.enriched.key: one for one in here.scan()
        }
