"""The real servers, each started once a test session when the first test asks for it."""

from collections.abc import Iterator

import pytest
from servers import elasticsearch as elasticsearch_server
from servers import kafka as kafka_server
from servers import maven


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap servers of a real broker."""
    try:
        with kafka_server.running(tmp_path_factory.mktemp("kafka")) as bootstrap:
            yield bootstrap
    except maven.Unavailable as error:
        maven.skip(error)


@pytest.fixture(scope="session")
def elasticsearch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real Elasticsearch."""
    try:
        with elasticsearch_server.running(tmp_path_factory.mktemp("elasticsearch")) as url:
            yield url
    except maven.Unavailable as error:
        maven.skip(error)
