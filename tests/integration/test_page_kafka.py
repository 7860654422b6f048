"""The page's editors over a real Kafka, where the feed list and the quarantine are topics that all processes share."""

import uuid
from pathlib import Path

import msgspec
import pytest
from samples.settings import settings_in

from stream.errors import EditConflict
from stream.log.kafka.access import Kafka
from web.sources.services import Row
from wirewatch.commands.page.sources import SourceEditor
from wirewatch.commands.page.status import Operations
from wirewatch.commands.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")

OPML = b'<opml version="2.0"><body><outline text="Alba" xmlUrl="https://a.example/rss"/></body></opml>'


def installation(folder: Path, kafka: Kafka) -> Settings:
    """A machine with a data folder of its own, on the broker that all share."""
    folder.mkdir()
    (folder / "feeds.opml").write_bytes(OPML)
    found = settings_in(folder)
    return Settings(msgspec.structs.replace(found.config, kafka=kafka), found.paths)


def test_what_one_machine_changes_another_sees(kafka: str, tmp_path: Path) -> None:
    shared = Kafka(bootstrap_servers=kafka, prefix=f"test-{uuid.uuid4().hex[:8]}.")
    here, there = (SourceEditor(installation(tmp_path / name, shared)) for name in ("here", "there"))
    here.add("https://b.example/rss", Row(title="Berta", folder="World"))
    listed = {one.title: one for one in there.listed().sources}
    assert set(listed) == {"Alba", "Berta"}
    berta = listed["Berta"]
    there.put(berta, Row(title="Berta", folder="World", country="SY", paused=True), berta.version)
    with pytest.raises(EditConflict):
        here.put(berta, Row(title="Mine"), berta.version)
    (found,) = [one for one in here.listed().sources if one.url == berta.url]
    assert (found.country, found.health.status) == ("SY", "paused")
    here.remove(found.url, found.version)
    assert [one.title for one in there.listed().sources] == ["Alba"]
    operations = Operations(installation(tmp_path / "third", shared))
    assert operations.status().feeds == 1
    assert operations.quarantine().messages == ()
