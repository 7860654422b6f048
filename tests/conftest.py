"""The real servers, each started once per session when a test first asks for it; and Hypothesis's settings."""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from servers import elasticsearch as elasticsearch_server
from servers import kafka as kafka_server
from servers import maven

# An example takes as long as a busy machine wants: no test asserts a time.
settings.register_profile("wirewatch", parent=settings(), deadline=None)
settings.load_profile("wirewatch")


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
