"""The doctor at real servers."""

from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from elasticsearch import Elasticsearch
from kafka.admin import KafkaAdminClient
from servers.elasticsearch import new_prefix
from waiting import wait_until

from index.elasticsearch.health import ask
from wirewatch.composition.doctor.servers import judge_elasticsearch, judge_kafka
from wirewatch.composition.stores import open_store
from wirewatch.config import Config, Paths
from wirewatch.topics import open_log

# kafka-python 3.0.12 leaves a connection that is just being opened to the garbage collector when a client is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")


def test_an_index_that_takes_no_articles_is_found(elasticsearch: str, tmp_path: Path) -> None:
    prefix = new_prefix()
    config = msgspec.convert({"elasticsearch": {"hosts": [elasticsearch], "prefix": prefix}}, Config)

    def said() -> str:
        remarks, _ = judge_elasticsearch(config, lambda: ask(config.elasticsearch))
        return " ".join(one.what for one in remarks)

    assert "there is no index template" in said()
    open_store(config, Paths(tmp_path, tmp_path / "feeds.opml", None), readonly=False).close()
    assert "there is no index template" not in said()
    index = f"{prefix}-articles-2027.03"
    with Elasticsearch(elasticsearch) as client:
        client.indices.create(index=index)
        assert "takes no articles" not in said()
        client.indices.put_settings(index=index, settings={"index.blocks.read_only_allow_delete": True})
        assert f"it takes no articles: {index}" in said()
        client.indices.delete(index=index)


def test_a_kafka_without_our_topics_is_found(kafka: str, tmp_path: Path) -> None:
    config = msgspec.convert({"kafka": {"bootstrap_servers": kafka, "prefix": f"{new_prefix()}."}}, Config)
    paths = Paths(tmp_path, tmp_path / "feeds.opml", None)
    (found,) = judge_kafka(config)
    assert "has no topics" in found.what
    open_log(config, paths).close()
    (well,) = judge_kafka(config)
    assert well.severity == "ok"
    gone = f"{config.kafka.prefix}pages"
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as client:
        client.delete_topics([gone])
        wait_until(lambda: gone not in client.list_topics(), "the end of the topic")
    (missing,) = judge_kafka(config)
    assert (missing.severity, missing.what) == (
        "warning",
        f"Kafka: topics were missing, and are made now: {gone}",
    )
    (well,) = judge_kafka(config)
    assert well.severity == "ok"
