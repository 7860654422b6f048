"""The doctor at real servers."""

from pathlib import Path

import msgspec
from elasticsearch import Elasticsearch
from servers.elasticsearch import new_prefix

from index.elasticsearch.health import ask
from wirewatch.composition.doctor.servers import judge_elasticsearch, judge_kafka
from wirewatch.composition.stores import open_store
from wirewatch.config import Config, Paths
from wirewatch.topics import open_log


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
    (found,) = judge_kafka(config, paths)
    assert "has no topics" in found.what
    open_log(config, paths).close()
    (well,) = judge_kafka(config, paths)
    assert well.severity == "ok"
