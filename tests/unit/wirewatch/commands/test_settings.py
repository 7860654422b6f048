"""Where a command finds its files."""

from pathlib import Path

import pytest

from wirewatch.commands.settings import load
from wirewatch.lists.topics import news_topics

TOPIC = "[[topic]]\nid = 'own'\nname = 'Own'\nquery = 'word'\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run outside of any folder with our files."""
    monkeypatch.chdir(tmp_path)


def test_topics_in_the_data_folder_are_read_as_alerts_are(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    assert load(data, None, None).paths.topics is None
    (data / "topics.toml").write_text(TOPIC)
    assert [topic.id for topic in news_topics(load(data, None, None).paths)] == ["own"]


def test_topics_named_in_the_configuration_take_precedence(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "topics.toml").write_text(TOPIC)
    (data / "wirewatch.toml").write_text("[topics]\nfile = 'mine.toml'\n")
    assert load(data, None, None).paths.topics == data / "mine.toml"
