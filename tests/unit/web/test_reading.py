"""The pages that are read: hits folded by story, articles with their versions, stories, entities."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
import pytest_asyncio
from lxml import etree, html
from samples.page import Client, page_over, texts
from samples.reading import HOSTILE, NOON, STORY, make_archive
from samples.settings import settings_in

from results.edits import Changes, Version
from results.entity import Entity
from results.json_schema import json_schema
from results.story import Stories, Story
from stream.messages import article_id
from web.search.formats.forms import FEEDS, STREAMED


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


async def test_facets_lead_to_the_people_named(client: Client) -> None:
    tree = await page(client, "/?q=talks")
    (row,) = [row for row in tree.cssselect(".facets tr") if "Ann Smith" in row.text_content()]
    assert texts(row, ".number") == ["3"]
    assert [link.get("href") for link in row.cssselect("a.about")] == ["/entity/Ann%20Smith"]


async def test_texts_follow_the_direction_of_their_languages(client: Client) -> None:
    tree = await page(client, "/?all=1&sort=newest")
    found = {hit.get("lang"): hit.cssselect("h2")[0].get("dir") for hit in tree.cssselect(".hit")}
    assert found["ar"] == "rtl"
    assert (found["zh"], found["en"]) == ("ltr", "ltr")


async def test_where_nothing_new_came_time_is_counted_back_from_the_newest_article(client: Client) -> None:
    whole, late = await page(client, "/stories?since=all"), await page(client, "/stories?since=15m")
    assert "nothing newer than" in " ".join(texts(late, "main p"))
    assert 0 < len(texts(late, ".stories li")) < len(texts(whole, ".stories li"))
    assert "nothing newer than" not in " ".join(texts(whole, "main p"))
    (address,) = (one for one in late.xpath("//p[@class='forms']/a/@href") if "/api/" in one)
    told = await (await client.get(str(address))).json()
    assert len(told["top"]) == len(texts(late, ".stories li"))
    absolute = await page(client, "/stories?since=2030-01-01")
    assert "nothing newer than" not in " ".join(texts(absolute, "main p"))


async def test_stories_are_listed_by_time_topic_and_query(client: Client) -> None:
    tree = await page(client, "/stories?since=all")
    assert texts(tree, ".stories h2")[0] == "Talks open in Geneva"
    assert texts(tree, ".total") == ["6 articles in 3 stories"]
    assert texts(tree, ".stories .by")[0].startswith("4 outlets 3 own reports, 1 copy")
    assert len(texts(await page(client, "/stories?since=all&q=chess"), ".stories li")) == 1
    assert len(texts(await page(client, "/stories?since=all&topic=peace"), ".stories li")) == 3
    assert not texts(await page(client, "/stories?since=all&topic=nosuch"), ".stories li")
    assert "Look at all times" in texts(await page(client, "/stories?since=7d&q=nosuch"), ".empty")[0]
    assert texts(await page(client, "/stories?q=talks+AND+(", 400), "[role=alert] p") == [
        "a word or a phrase is missing at the end"
    ]
    assert texts(await page(client, "/stories?since=soon", 400), "[role=alert] p")[0].startswith(
        "since: 'soon'"
    )


@pytest.mark.parametrize(
    ("address", "articles"),
    [
        ("/stories?since=all&topic=peace", 6),
        ("/stories?since=7d&q=talks", 3),
        (f"/story/{STORY}", 4),
        ("/entity/Geneva", 4),
    ],
)
async def test_what_a_page_shows_can_be_taken_along_in_all_forms(
    client: Client, address: str, articles: int
) -> None:
    links = (await page(client, address)).cssselect(".forms a")
    assert [one.text_content() for one in links] == ["json", *STREAMED, *FEEDS]
    for one in links:
        answer = await client.get(str(one.get("href")))
        assert answer.status == 200, one.text_content()
        if one.text_content() == "jsonl":
            assert len((await answer.text()).splitlines()) == articles


async def test_a_list_of_stories_can_be_made_longer(client: Client) -> None:
    tree = await page(client, "/stories?since=all&limit=1")
    assert len(texts(tree, ".stories li")) == 1
    (json_form, *_) = tree.cssselect(".forms a")
    assert len((await (await client.get(str(json_form.get("href")))).json())["top"]) == 1
    (more,) = tree.cssselect(".pages a")
    tree = await page(client, str(more.get("href")))
    assert len(texts(tree, ".stories li")) == 2
    assert not (await page(client, "/stories?since=all")).cssselect(".pages a")
    await page(client, "/stories?limit=201", 400)


async def test_a_story_says_who_was_first_who_copied_what_each_adds_and_what_changed(client: Client) -> None:
    tree = await page(client, f"/story/{STORY}")
    assert texts(tree, ".story h1") == ["Talks open in Geneva"]
    assert texts(tree, ".lanes th[scope=row]") == ["Harbour Wire", "Lowland Post", "Valley Herald", "النهر"]
    assert texts(tree, ".lanes td:nth-of-type(2)") == ["first", "+30 min", "+1 h 0 min", "+1 h 30 min"]
    assert [len(row.cssselect("rect.copy")) for row in tree.cssselect(".lanes tbody tr")] == [0, 0, 1, 0]
    assert texts(tree, ".reports h3")[:2] == ["Talks open in Geneva", "Talks in Geneva go on"]
    assert texts(tree, ".reports details summary") == ["copied by 1 article"]
    assert any("adds 136" in line for line in texts(tree, ".reports .quiet"))
    assert any(
        "headline changed Talks in Geneva put off Talks in Geneva go on" in line
        for line in texts(tree, ".changes li")
    )
    assert [link.get("href") for link in tree.cssselect("aside a")][:2] == [
        "/entity/Ann%20Smith",
        "/entity/Geneva",
    ]
    assert (await page(client, f"/story/{article_id('https://herald.example/3')}")).cssselect(".lanes")
    await page(client, "/story/nosuch", 404)


async def test_what_strangers_wrote_is_text_in_a_story(client: Client) -> None:
    tree = await page(client, f"/story/{article_id('https://bad.example/5')}")
    assert texts(tree, ".story h1") == [HOSTILE]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/api/v1/stories?since=all", Stories),
        (f"/api/v1/stories/{STORY}", Story),
        (f"/api/v1/stories/{article_id('https://herald.example/3')}", Story),
        ("/api/v1/entities/wikidata:Q1", Entity),
        ("/api/v1/entities/Ann%20Smith?since=2026-03-01", Entity),
        (f"/api/v1/articles/{article_id('https://post.example/2')}/changes", Changes),
        (f"/api/v1/articles/{article_id('https://post.example/2')}/versions/0", Version),
    ],
)
async def test_the_api_has_the_same_documents(client: Client, address: str, kind: type) -> None:
    answer = await client.get(address)
    assert answer.status == 200
    jsonschema.validate(await answer.json(), json_schema(kind))
    again = await client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/stories/nosuch",
        "/api/v1/stories?limit=0",
        "/api/v1/entities/Nobody",
        "/api/v1/entities/Geneva?since=soon",
        "/api/v1/stories?q=a+(b",
        "/api/v1/articles/nosuch/changes",
        f"/api/v1/articles/{STORY}/versions/7",
        f"/api/v1/articles/{STORY}/versions/x",
    ],
)
async def test_what_is_wrong_is_a_problem_document(client: Client, address: str) -> None:
    answer = await client.get(address)
    assert answer.content_type == "application/problem+json"
    assert json.loads(await answer.text())["detail"]


LOWLAND, HERALD, ARABIC = (
    article_id(url)
    for url in ("https://post.example/2", "https://herald.example/3", "https://nahr.example/4")
)


async def test_an_article_shows_what_was_changed_word_by_word_and_each_version(client: Client) -> None:
    tree = await page(client, f"/article/{LOWLAND}")
    assert texts(tree, ".text .state") == ["edited"]
    (headline, text) = texts(tree, ".changes p")
    assert headline == "Talks in Geneva put off go on"
    assert (texts(tree, ".changes del"), texts(tree, ".changes ins")) == (
        ["put off", "163"],
        ["go on", "136"],
    )
    assert "163 136 people left." in text
    (before,) = tree.cssselect(".edits h3 a")
    earlier = await page(client, str(before.get("href")))
    assert texts(earlier, "h1") == ["Talks in Geneva put off"]
    assert "163 people" in texts(earlier, "article p")[-2]
    assert texts(earlier, "nav.bar[aria-label=Versions] a") == ["version 0", "version 1"]
    await page(client, f"/article/{LOWLAND}/version/7", 404)
    await page(client, "/article/nosuch/version/0", 404)


async def test_a_feed_tells_its_readers_of_edits(client: Client) -> None:
    feed = etree.fromstring(await (await client.get('/search.atom?q=source:"lowland post"')).read())
    (entry,) = feed.findall("{*}entry")
    times = [entry.findtext(f"{{*}}{name}") for name in ("published", "updated")]
    assert times == [(NOON + timedelta(minutes=minutes)).isoformat() for minutes in (30, 150)]
    assert feed.findtext("{*}updated") == times[1]


async def test_an_article_names_its_story_and_its_copies(client: Client) -> None:
    tree = await page(client, f"/article/{HERALD}")
    assert [link.get("href") for link in tree.cssselect(".kin a")] == [
        f"/story/{STORY}",
        f"/article/{STORY}",
    ]
    assert "This copies Harbour Wire" in texts(tree, ".kin p")
    tree = await page(client, f"/article/{STORY}")
    assert "Copied by" in texts(tree, ".kin p")
    (copied,) = tree.cssselect(".kin time")
    assert copied.get("datetime") == (NOON + timedelta(minutes=60)).isoformat()
    tree = await page(client, f"/article/{article_id('https://zh.example/6')}")
    assert "story" not in texts(tree, ".facets h2")


async def test_an_article_says_why_it_is_believed_and_why_it_was_tagged(client: Client) -> None:
    tree = await page(client, f"/article/{STORY}")
    known = " ".join(texts(tree, ".facets dl"))
    assert "It stands in the page's headline." in known
    assert "From the page's own data (JSON-LD), to the second." in known
    (words,) = [link for link in tree.cssselect(".facets li a[href^='#']") if link.text_content() == "talks"]
    assert texts(tree, str(words.get("href"))) == ["talks"]
    (cited,) = texts(tree, "textarea.cite")
    assert cited.startswith(
        "“Talks open in Geneva”. Harbour Wire, 2026-03-01. https://wire.example/1 (read 2026-03-01"
    )
    ids = [one.get("id") for one in tree.cssselect("[id]")]
    assert len(ids) == len(set(ids))


async def test_an_article_is_set_as_its_language_is_written(client: Client) -> None:
    tree = await page(client, f"/article/{ARABIC}")
    (article,) = tree.cssselect("article.text")
    assert (article.get("lang"), article.get("dir")) == ("ar", "rtl")
    assert [one.get("dir") for one in tree.cssselect("article h1")] == ["rtl"]
    assert [one.get("dir") for one in tree.cssselect("article .by")] == ["ltr"]
    tree = await page(client, f"/article/{article_id('https://zh.example/6')}")
    assert [one.get("lang") for one in tree.cssselect("article.text")] == ["zh"]


@pytest.mark.parametrize("key", ["wikidata:Q1", "Q1", "Ann%20Smith"])
async def test_the_page_of_a_person_shows_when_with_whom_and_how_they_are_written(
    client: Client, key: str
) -> None:
    tree = await page(client, f"/entity/{key}")
    assert texts(tree, "h1") == ["Ann Smith"]
    assert texts(tree, ".about-entity .by b") == ["person"]
    (articles, stories) = tree.cssselect(".about-entity .by a")
    assert texts(await page(client, str(articles.get("href"))), ".total") == ["4 articles in 1 story"]
    assert len(texts(await page(client, str(stories.get("href"))), ".stories li")) == 1
    assert "آن سميث 1" in texts(tree, ".facets li")
    assert texts(tree, ".listed tbody tr") == ["Geneva place 4 100 %"]
    (both,) = tree.cssselect(".listed .number a")
    assert texts(await page(client, str(both.get("href"))), ".total") == ["4 articles in 1 story"]
    assert [node.get("href") for node in tree.cssselect(".graph a")] == ["/entity/Geneva"]


async def test_an_entity_that_nobody_names_is_not_there(client: Client) -> None:
    await page(client, "/entity/Nobody", 404)
    await page(client, "/entity/%22", 404)
    tree = await page(client, "/entity/Ann%20Smith?since=2027-01-01")
    assert texts(tree, ".empty") == ["No article of this time names it. Look at all times"]
    await page(client, "/entity/Ann%20Smith?since=soon", 400)
    await page(client, "/entity/%3Cscript%3E%2F..%2F", 404)
