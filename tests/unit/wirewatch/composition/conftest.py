"""The log of an installation in the folder of the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from samples.settings import settings_in

from stream.log.base import Log
from wirewatch.topics import open_log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    settings = settings_in(tmp_path)
    with open_log(settings.config, settings.paths) as opened:
        yield opened
