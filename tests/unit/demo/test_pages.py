import json

import pytest
from lxml import html

from demo.addresses import article_path, article_url
from demo.pages import charset_of, render_article, render_front, written_date
from demo.world import Article, World, bundled

PORT = 8765
WORLD = bundled()
ARTICLES = [pytest.param(article, id=f"{article.outlet.key}/{article.slug}") for article in WORLD.articles]


@pytest.fixture
def world() -> World:
    return WORLD


def page(article: Article) -> str:
    return render_article(WORLD, article, WORLD.articles, PORT).decode(charset_of(article))


def first(look: str) -> Article:
    return next(each for each in WORLD.articles if each.outlet.look == look and not each.fault)


@pytest.mark.parametrize("article", ARTICLES)
def test_a_page_holds_all_of_its_article_amid_furniture(article: Article, world: World) -> None:
    root = html.fromstring(page(article))
    text = " ".join(root.text_content().split())
    labels = world.labels[article.outlet.language]

    assert root.get("lang", "").startswith(article.outlet.language)
    for block in article.blocks:
        assert block.text in text
    for furniture in (labels.share, labels.tweet, labels.newsletter_pitch, labels.footer, labels.cookies):
        assert furniture in text
    if len(article.blocks) > 2:
        assert labels.advertisement in text


@pytest.mark.parametrize("article", ARTICLES)
def test_a_page_names_its_canonical_url(article: Article) -> None:
    (canonical,) = html.fromstring(page(article)).xpath("//link[@rel='canonical']/@href")

    expected = article_path(article) if article.outlet.relative_canonical else article_url(article, PORT)
    assert canonical == expected


def test_related_headlines_are_of_earlier_articles_that_are_out(world: World) -> None:
    number, article = max(
        (number, each) for number, each in enumerate(world.articles) if each.outlet.key == "harbour-courier"
    )
    out = world.articles[: number + 1]
    text = render_article(world, article, out, PORT).decode()

    assert sum(other.title in text for other in out if other.outlet is article.outlet) == 1 + 4
    assert not any(other.title in text for other in world.articles[number + 1 :])


def test_json_ld_states_the_date_on_some_looks_only() -> None:
    for look in ("broadsheet", "agency"):
        article = first(look)
        (script,) = html.fromstring(page(article)).xpath("//script[@type='application/ld+json']/text()")
        assert article.published.isoformat() in json.dumps(json.loads(script))
    for look in ("blog", "local", "magazine", "portal"):
        assert "ld+json" not in page(first(look))


def test_one_look_has_its_date_only_in_the_text_that_readers_see(world: World) -> None:
    article = first("local")
    text = page(article)

    assert article.published.isoformat() not in text
    assert "<time" not in text
    assert written_date(article, world.labels["en"]) in text


def test_the_mislabelled_page_is_in_windows_1252_and_says_utf_8(world: World) -> None:
    article = next(each for each in world.articles if each.fault == "mislabelled-charset")
    body = render_article(world, article, world.articles, PORT)

    assert b'charset="utf-8"' in body
    assert "Jürgen Röwe".encode("windows-1252") in body
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_the_front_page_links_to_the_feeds_and_to_what_is_out(world: World) -> None:
    outlet = world.by_host["global-desk.example"]
    out = world.articles[:40]
    root = html.fromstring(render_front(world, outlet, out, PORT))

    feeds = root.xpath("//link[@rel='alternate']/@href")
    assert feeds == [f"http://{outlet.host}:{PORT}{feed.path}" for feed in outlet.feeds]
    own = [article_path(article) for article in reversed(out) if article.outlet is outlet]
    assert own
    assert root.xpath("//main//a/@href") == own
