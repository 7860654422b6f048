"""Ids: stable, and in a form that Kibana accepts."""

import uuid

import pytest

from kibana.names import Names, Topic, check_topics
from stream.errors import ConfigError

NAMES = Names(articles="wirewatch-articles", prefix="wirewatch")
SYRIA = Topic(id="syria", name="Syria")


def test_ids_are_the_ones_that_were_given_out_before() -> None:
    """They must never change: links, and rules that were loaded, depend on them."""
    assert NAMES.dashboard == "wirewatch-news"
    assert NAMES.all_news == "wirewatch-all-news"
    assert NAMES.session(SYRIA) == "wirewatch-topic-syria"
    assert NAMES.matches == "wirewatch-topic-matches"
    assert NAMES.connector == "8fd15de3-5a8e-4d78-96d9-54341d1ffa2c"
    assert NAMES.rule(SYRIA) == "cf3d7412-ac55-4bdf-a075-0b0c17fe6603"


def test_connectors_and_rules_have_uuids_of_version_4() -> None:
    for one in (NAMES.connector, NAMES.rule(SYRIA)):
        assert uuid.UUID(one).version == 4
        assert uuid.UUID(one).variant == uuid.RFC_4122


def test_installations_share_no_id() -> None:
    other = Names(articles="desk-articles", prefix="desk")
    assert not _all(NAMES) & _all(other)


def test_nothing_else_is_named_like_an_index_of_articles() -> None:
    """All indices whose names begin so are taken for articles."""
    assert not NAMES.matches.startswith(NAMES.articles)


@pytest.mark.parametrize("bad", ["", "Syria", 'a" or "b', "a b", "-a", "a--b", "ä"])
def test_an_id_that_would_change_a_query_is_refused(bad: str) -> None:
    with pytest.raises(ConfigError, match="expected an id"):
        check_topics((Topic(id=bad, name="x"),))


def test_two_topics_with_one_id_are_refused() -> None:
    with pytest.raises(ConfigError, match="same id"):
        check_topics((SYRIA, Topic(id="syria", name="Another")))


def _all(names: Names) -> set[str]:
    return {
        names.articles,
        names.dashboard,
        names.all_news,
        names.matches,
        names.connector,
        names.session(SYRIA),
        names.rule(SYRIA),
    }
