import os
import pickle
from pathlib import Path

import pytest
from samples.settings import settings_in
from structlog.testing import capture_logs

from enrich.topics import tag
from query.match import prepare
from stream.errors import ConfigError
from wirewatch.lists.keeper import OwnFile
from wirewatch.lists.topics import TopicFile, TopicList, is_bundled, news_topics

ONE = "[[topic]]\nid = 'one'\nname = 'One'\nquery = 'x'\n"


def write(path: Path, text: str, tick: int) -> None:
    path.write_text(text)
    os.utime(path, ns=(tick, tick))


def test_a_file_in_the_data_folder_counts_as_soon_as_it_is_there(tmp_path: Path) -> None:
    paths = settings_in(tmp_path).paths
    current = pickle.loads(pickle.dumps(TopicFile(paths)))
    assert is_bundled(paths)
    assert len(current()) > 5
    assert current() is current()
    write(tmp_path / "topics.toml", ONE, 1)
    assert [topic.id for topic in current()] == ["one"]
    assert not is_bundled(paths)


@pytest.mark.parametrize(
    ("headline", "topic"),
    [
        ("Asylanträge gehen um ein Drittel zurück", "migration"),
        ("Selbstmordattentat auf Markt: 20 Tote", "terrorism"),
        ("Mazelenuitbraak op twee scholen bevestigd", "health"),
        ("Bruselas congela los activos de tres oligarcas", "sanctions"),
        ("Lokale wyborcze zamknięto, frekwencja wyniosła 54 procent", "elections"),
        ("Bruksela nakłada sankcje na dwa banki", "sanctions"),
        ("Trzęsienie ziemi o sile 6,4 nawiedziło północ", "disasters"),
        ("Były minister oskarżony o łapówki", "corruption"),
        ("Rozmowy o rozejmie w Strefie Gazy", "israel-palestinians"),
        ("Piłkarze z Łodzi wygrali", "sport"),
    ],
)
def test_bundled_topics_have_words_of_headlines_in_other_languages(
    tmp_path: Path, headline: str, topic: str
) -> None:
    topics = news_topics(settings_in(tmp_path).paths)
    assert topic in [one.topic for one in tag(topics, prepare(headline, "", {}))]


def test_a_file_that_was_broken_by_an_edit_is_reported_once_and_the_last_good_one_stays(
    tmp_path: Path,
) -> None:
    path = tmp_path / "topics.toml"
    write(path, ONE, 1)
    current = TopicFile(settings_in(tmp_path).paths)
    before = current()
    write(path, "[[topic]\n", 2)
    with capture_logs() as logs:
        assert current() is before
        assert current() is before
    assert [line["log_level"] for line in logs] == ["error"]
    write(path, ONE.replace("'x'", "'y'"), 3)
    assert current()[0].query == "y"


def test_an_edit_that_breaks_the_file_leaves_it_as_it_was(tmp_path: Path) -> None:
    path, paths = tmp_path / "topics.toml", settings_in(tmp_path).paths
    write(path, ONE, 1)
    with pytest.raises(ConfigError, match="query"):
        TopicList(OwnFile(paths.own_topics)).edit(
            lambda document: document["topic"][0].update({"query": "("})
        )
    assert path.read_text() == ONE
    assert news_topics(paths)[0].query == "x"
