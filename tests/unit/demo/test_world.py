import shutil
from collections import Counter
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import get_args

import pytest

from demo.faults import Fault
from demo.world import FeedFormat, Look, World, bundled, load
from stream.errors import ConfigError

SYRIA = {"Syria", "Syrien", "Syrie", "Siria", "Сирия", "سوريا"}


@pytest.fixture(scope="module")
def world() -> World:
    return bundled()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    with as_file(files("demo").joinpath("world")) as original:
        return Path(shutil.copytree(original, tmp_path / "world"))


def test_there_are_enough_outlets_and_articles_of_every_kind(world: World) -> None:
    formats = {feed.format for outlet in world.outlets for feed in outlet.feeds}

    assert len(world.outlets) >= 9
    assert len(world.articles) >= 72
    assert formats == set(get_args(FeedFormat))
    assert {outlet.look for outlet in world.outlets} == set(get_args(Look))
    assert {article.fault for article in world.articles} == set(get_args(Fault))
    assert {outlet.language for outlet in world.outlets} == {"en", "de", "fr", "es", "ru", "ar"}


def test_articles_are_in_publishing_order_from_january_to_march_2016(world: World) -> None:
    times = [article.published for article in world.articles]

    assert times == sorted(times)
    assert (times[0].year, times[0].month) == (2016, 1)
    assert (times[-1].year, times[-1].month) == (2016, 3)


def test_syria_is_covered_and_most_articles_have_the_length_of_news(world: World) -> None:
    about_syria = [article for article in world.articles if SYRIA & set(article.tags)]
    words = [sum(len(block.text.split()) for block in article.blocks) for article in world.articles]

    assert len(about_syria) >= 14
    assert sum(150 <= count <= 450 for count in words) > 0.5 * len(words)


def test_no_two_articles_have_the_same_title_and_texts_repeat_only_as_wire_copy(world: World) -> None:
    carriers: dict[str, set[str]] = {}
    for article in world.articles:
        for block in article.blocks:
            carriers.setdefault(block.text, set()).add(article.outlet.host)
    repeated = [hosts for hosts in carriers.values() if len(hosts) > 1]

    assert len({article.title for article in world.articles}) == len(world.articles)
    assert repeated
    assert max(len(hosts) for hosts in repeated) <= 4


def test_wire_stories_differ_between_their_carriers(world: World) -> None:
    with as_file(files("demo").joinpath("world", "wire")) as folder:
        stories = list(folder.glob("*.md"))
    shared = Counter(block.text for article in world.articles for block in article.blocks)
    carrying = [
        article for article in world.articles if any(shared[block.text] > 1 for block in article.blocks)
    ]

    assert len(stories) >= 6
    assert len({article.blocks for article in carrying}) > 2 * len(stories)


def rewrite(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def rename_outlet_folder(root: Path) -> None:
    (root / "articles" / "manara-daily").rename(root / "articles" / "nobody")


def move_into_wrong_charset(root: Path) -> None:
    russian = root / "articles" / "vestnik-zarechya" / "hokkei-final.md"
    russian.rename(root / "articles" / "faro-del-valle" / "hokkei-final.md")


def publish_twice(root: Path) -> None:
    folder = root / "articles" / "harbour-courier"
    shutil.copy(folder / "herring-quota.md", folder / "syria-ceasefire-begins.md")


BUGLE = "articles/the-broken-bugle/cricket-roller.md"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            rewrite("outlets.toml", 'country = "GB"', 'country = "Britain"'),
            r"outlets.toml: .*outlets\[0\].country",
        ),
        (rewrite("outlets.toml", 'look = "blog"', 'look = "gazette"'), r"outlets.toml: .*'gazette'"),
        (rewrite("outlets.toml", 'tagline = "Your', 'tagine = "Your'), r"outlets.toml: .*tagine"),
        (rewrite("outlets.toml", "[[outlets]]", "[[outlets"), r"outlets.toml: "),
        (
            rewrite("outlets.toml", "harbour-courier.example", "meridian-post.example"),
            "two outlets have the same host",
        ),
        (rewrite("outlets.toml", 'format = "atom"', 'format = "atom", damaged = true'), "only an rss2 feed"),
        (rewrite("labels.toml", "[fr]", "[it]"), "labels.toml: it: .*`sections`"),
        (rewrite("labels.toml", 'accept = "Einv', 'acept = "Einv'), "labels.toml: de: .*`acept`"),
        (rewrite("outlets.toml", 'language = "fr"', 'language = "it"'), "no labels for 'it'"),
        (rewrite(BUGLE, 'section = "sport"', 'section = "gossip"'), "cricket-roller: section 'gossip'"),
        (rewrite(BUGLE, "11:30:00Z", "11:30:00"), "cricket-roller.md: .*timezone"),
        (rewrite(BUGLE, '"redirects"', '"explodes"'), "cricket-roller.md: .*'explodes'"),
        (
            rewrite("wire/ferry-aground.md", "cut = [4, 5]", "cut = [4, 50]"),
            "ferry-aground.md: .*block 50 of 6",
        ),
        (
            rewrite("wire/ferry-aground.md", '"the-broken-bugle"', '"the-bugle"'),
            "ferry-aground.md: .*'the-bugle'",
        ),
        (rename_outlet_folder, "articles/nobody: outlet 'nobody'"),
        (move_into_wrong_charset, "hokkei-final: .*"),
        (publish_twice, "two articles of this name"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_name(
    copy: Path, change: Callable[[Path], None], reason: str
) -> None:
    change(copy)
    with pytest.raises(ConfigError, match=reason):
        load(copy)


def test_an_article_that_no_feed_carries_is_refused(copy: Path) -> None:
    rewrite(
        "outlets.toml", 'title = "The Broken Bugle", format', 'title = "B", sections = ["world"], format'
    )(copy)

    with pytest.raises(ConfigError, match=r"no feed of the-broken-bugle.example carries section 'local'"):
        load(copy)
