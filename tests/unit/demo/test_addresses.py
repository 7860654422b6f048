import pytest

from demo.addresses import Moved, PageOf, PictureOf, article_path, article_url, linked_url, site_map
from demo.world import Article, World, bundled


@pytest.fixture(scope="module")
def world() -> World:
    return bundled()


def article(world: World, slug: str) -> Article:
    return next(each for each in world.articles if each.slug == slug)


def test_every_article_has_an_address_of_its_own(world: World) -> None:
    pages = [target.article for target in site_map(world).values() if isinstance(target, PageOf)]

    assert sorted(page.slug for page in pages) == sorted(each.slug for each in world.articles)


def test_every_picture_has_an_address(world: World) -> None:
    with_picture = {(each.outlet.host, each.image) for each in world.articles if each.image}
    pictures = {
        (target.article.outlet.host, target.article.image)
        for target in site_map(world).values()
        if isinstance(target, PictureOf)
    }

    assert pictures == with_picture


def test_one_feed_tracks_its_readers_but_the_canonical_url_does_not(world: World) -> None:
    herring = article(world, "herring-quota")

    canonical = article_url(herring, 80)

    assert canonical == "http://harbour-courier.example:80/news/2016/02/09/herring-quota"
    assert linked_url(herring, herring.outlet.feeds[0], 80) == f"{canonical}?utm_source=rss&utm_medium=feed"


def test_the_redirects_lead_to_the_page(world: World) -> None:
    roller = article(world, "cricket-roller")
    targets = site_map(world)

    path, statuses = (
        linked_url(roller, roller.outlet.feeds[0], 80).removeprefix(f"http://{roller.outlet.host}:80"),
        [],
    )
    while isinstance(step := targets[roller.outlet.host, path], Moved):
        path = step.path
        statuses.append(step.status)

    assert statuses == [302, 301]
    assert path == article_path(roller)
