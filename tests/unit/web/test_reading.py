"""The pages that are read: hits folded by story, articles with their versions, stories, entities."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lxml import html
from samples.page import Client, page_over, texts
from samples.reading import NOON, STORY, make_archive
from samples.settings import settings_in


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("archive")
    make_archive(settings_in(made).paths.index)
    return made


@pytest_asyncio.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    async with page_over(folder) as made:
        yield made


async def page(client: Client, address: str, status: int = 200) -> html.HtmlElement:
    answer = await client.get(address)
    assert (answer.status, answer.content_type) == (status, "text/html"), await answer.text()
    tree = html.document_fromstring(await answer.text())
    assert not tree.xpath("//@onmouseover"), "strangers' texts are text"
    assert all(str(script.get("src")).startswith("/static/") for script in tree.cssselect("script"))
    return tree


async def test_the_hits_of_a_story_are_one_and_unfold(client: Client) -> None:
    tree = await page(client, "/?q=talks&sort=oldest")
    assert texts(tree, ".hit h2") == ["Talks open in Geneva"]
    assert texts(tree, ".hit .by a")[0] == "+2 outlets"
    assert texts(tree, ".total") == ["3 articles in 1 story"]
    (unfold,) = tree.cssselect(".unfold a")
    assert unfold.get("href") == f"/?q=talks+AND+story%3A{STORY}&sort=oldest&all=1"
    unfolded = await page(client, str(unfold.get("href")))
    assert len(texts(unfolded, ".hit h2")) == 3
    assert not unfolded.cssselect(".unfold")
    assert len(texts(await page(client, "/?q=talks&all=1"), ".hit h2")) == 3


async def test_a_hit_says_when_its_story_began_and_that_it_was_edited(client: Client) -> None:
    tree = await page(client, "/?q=talks&sort=newest")
    assert texts(tree, ".hit h2") == ["Talks open in Geneva"]
    assert f"first {NOON.astimezone():%Y-%m-%d %H:%M}" in texts(tree, ".hit .by")[0]
    tree = await page(client, "/?q=136")
    assert texts(tree, ".hit .state") == ["edited"]
    tree = await page(client, "/?q=163+in:any-version")
    assert "Only in an earlier version (0):" in texts(tree, ".hit .quiet")[0]


async def test_facets_lead_to_who_is_named(client: Client) -> None:
    tree = await page(client, "/?q=talks")
    (row,) = [row for row in tree.cssselect(".facets tr") if "Ann Smith" in row.text_content()]
    assert texts(row, ".number") == ["3"]
    assert [link.get("href") for link in row.cssselect("a.about")] == ["/entity/Ann%20Smith"]


async def test_texts_are_set_as_their_languages_are_written(client: Client) -> None:
    tree = await page(client, "/?all=1&sort=newest")
    found = {hit.get("lang"): hit.cssselect("h2")[0].get("dir") for hit in tree.cssselect(".hit")}
    assert found["ar"] == "rtl"
    assert (found["zh"], found["en"]) == ("ltr", "ltr")
