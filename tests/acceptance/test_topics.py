"""`wirewatch topics check` over an archive in either store."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from acceptance.command import Wirewatch
from servers.elasticsearch import new_prefix

from stream.messages import Article, Enriched, TopicTag, article_id
from wirewatch.composition.stores import open_store
from wirewatch.config import Paths, load

NOW = datetime.now(UTC)
TOPICS = """
[[topic]]
id = "harbour"
name = "Harbour"
query = 'ferry OR harbour'
mention = "salient"
parent = "sea"

[[topic]]
id = "sea"
name = "Sea"
query = "sea"
"""


@pytest.fixture(params=["embedded", "elasticsearch"])
def wirewatch(request: pytest.FixtureRequest, tmp_path: Path) -> Wirewatch:
    lines = ["[topics]", 'file = "topics.toml"']
    if request.param == "elasticsearch":
        url = request.getfixturevalue("elasticsearch")
        lines += ["[elasticsearch]", f'hosts = ["{url}"]', f'prefix = "{new_prefix()}"']
    (tmp_path / "topics.toml").write_text(TOPICS)
    config = tmp_path / "wirewatch.toml"
    config.write_text("\n".join(lines))
    return Wirewatch(data=tmp_path / "data", config=config, feeds=tmp_path / "feeds.opml")


def message(name: str, text: str, age: timedelta, topics: tuple[str, ...] = ()) -> Enriched:
    time = NOW - age
    article = Article(
        id=article_id(name),
        url=name,
        feed="",
        source="Courier",
        title=name,
        text=text,
        published=time,
        published_from="meta",
        seen=time,
        fetched=time,
        extracted=time,
    )
    tags = tuple(TopicTag(topic=topic, name=topic, clause=topic, spans=()) for topic in topics)
    return Enriched(article=article, language="en", topics=tags, enriched=time)


def fill(wirewatch: Wirewatch, *messages: Enriched) -> None:
    paths = Paths(data=wirewatch.data, feeds=wirewatch.feeds, topics=None)
    with open_store(load(wirewatch.config), paths, readonly=False) as store:
        for one in messages:
            store.add(one)
        store.flush()


def test_what_each_topic_tags(wirewatch: Wirewatch) -> None:
    hour = timedelta(hours=1)
    fill(wirewatch)
    assert "No articles since" in wirewatch.run("topics", "check").stdout
    fill(
        wirewatch,
        message("ferry", "The ferry left the harbour.", hour),
        message("late", "word " * 50 + "ferry", 2 * hour, ("harbour",)),
        message("sea", "The sea\x1b[31m is wide.", 3 * hour, ("sea",)),
        message("old", "The ferry is old.", 200 * hour),
        *(message(f"n{number}", "word", timedelta(minutes=number)) for number in range(1_200)),
    )
    found = wirewatch.ask("topics", "check", "--since", "2d")
    assert found["articles"] == 1_203
    assert found["languages"] == {"en": 1_203}
    harbour, sea = found["topics"]
    assert (harbour["tagged"], harbour["archived"], harbour["differ"]) == (1, 1, 2)
    assert harbour["languages"] == {"en": 1}
    assert (sea["tagged"], sea["archived"], sea["differ"]) == (
        2,
        1,
        2,
    )  # one is tagged by an older definition
    assert [(one["title"], one["clause"]) for one in sea["samples"]] == [
        ("ferry", "topic:harbour"),
        ("sea", "sea"),
    ]
    shown = wirewatch.run("topics", "check", "harbour", "--since", "30d").stdout
    assert "matched (ferry OR harbour)" in shown
    assert "replay --from enrich" in shown
    assert "sea:" not in shown
    assert "no topic is called 'x'" in wirewatch.run("topics", "check", "x", code=2).stderr
