import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import jsonschema
import pytest
from aiohttp import ClientResponse
from samples.page import Client, page_over, texts, tree

from index.embedded.store import EmbeddedStore
from results.desk import Marks
from results.json_schema import json_schema
from stream.clock import utc_now
from stream.messages import Article, Enriched, Entity, TopicTag
from web.desk.desk import Desk

A, B = "a" * 32, "b" * 32
HOSTILE = '"><script>alert(1)</script>'


def enriched(article: str, title: str) -> Enriched:
    now = utc_now()
    return Enriched(
        article=Article(
            id=article,
            url=f"https://radio.example/{article}",
            feed="https://radio.example/rss",
            source="Radio",
            title=title,
            text="Ann Smith spoke of talks.",
            published=now,
            seen=now,
            fetched=now,
            extracted=now,
        ),
        language="en",
        topics=(TopicTag(topic="peace", name="Peace talks", clause="talks", spans=()),),
        entities=(Entity(name="Ann Smith", type="person", spans=()),),
        story=article,
        enriched=now,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with EmbeddedStore.open(tmp_path / "index") as store:
        store.add(enriched(A, "Talks in Geneva"))
        store.add(enriched(B, "Talks in Oslo"))
        store.flush()
    return tmp_path


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    async with page_over(folder) as made:
        yield made


async def mark(client: Client, do: str, article: str = A, **more: str) -> ClientResponse:
    form: Mapping[str, str] = {"article": article, "do": do, "back": "/?q=talks", **more}
    answer = await client.post("/desk/marks", data=form, allow_redirects=False)
    if answer.status == 303:
        assert answer.headers["Location"] == "/?q=talks"
    return answer


async def hits(client: Client, query: str) -> list[str]:
    return sorted(texts(await tree(await client.get("/", params={"q": query})), ".hit h2"))


async def test_a_star_is_set_and_taken_away_where_the_hit_stands(client: Client) -> None:
    page = await tree(await client.get("/?q=geneva"))
    (button,) = page.cssselect(".hit .star button")
    assert (button.get("value"), button.get("aria-pressed")) == ("star", "false")
    assert (await mark(client, "star")).status == 303
    (button,) = (await tree(await client.get("/?q=geneva"))).cssselect(".hit .star button")
    assert (button.get("value"), button.get("aria-pressed")) == ("unstar", "true")
    assert await hits(client, "starred:true") == ["Talks in Geneva"]
    assert await hits(client, "talks AND starred:false") == ["Talks in Oslo"]
    await mark(client, "unstar")
    assert await hits(client, "starred:true") == []


async def test_an_article_shows_its_marks_and_takes_them(client: Client) -> None:
    for do, value in (
        ("tag", "to check"),
        ("note", f"Call her.\nThen {HOSTILE}"),
        ("assign", "me"),
        ("not-topic", "peace"),
        ("wrong-name", "Ann Smith"),
    ):
        assert (await mark(client, do, value=value)).status == 303, do
    page = await tree(await client.get(f"/article/{A}"))
    assert texts(page, ".desk .tags a") == ["to check"]
    assert texts(page, ".desk .note p[dir]") == [f"Call her. Then {HOSTILE}"]
    assert texts(page, ".desk .row b") == ["you"]
    assert texts(page, ".desk .wrong") == [
        "not the topic peace",
        "wrong name: Ann Smith",
    ]
    assert not page.xpath("//script[not(@src)]")
    assert await hits(client, 'tag:"to check" note:call assigned:me') == ["Talks in Geneva"]
    line = texts(await tree(await client.get("/?q=geneva")), ".hit .marked")[0]
    assert line == "to check for you 1 note not the topic peace wrong name: Ann Smith"
    note = page.cssselect(".desk .note input[name=name]")[0].get("value")
    for do, more in (
        ("untag", {"value": "To Check"}),
        ("unnote", {"name": str(note)}),
        ("unassign", {}),
        ("is-topic", {"value": "peace"}),
        ("right-name", {"value": "Ann Smith"}),
    ):
        await mark(client, do, **more)
    page = await tree(await client.get(f"/article/{A}"))
    assert not page.cssselect(".desk .tags, .desk blockquote, .desk .wrong")


async def test_what_was_opened_is_read_until_it_is_marked_as_unread(client: Client) -> None:
    assert await hits(client, "read:true") == []
    await client.head(f"/article/{A}")
    assert await hits(client, "read:true") == []
    await client.get(f"/article/{A}")
    assert await hits(client, "read:true") == ["Talks in Geneva"]
    page = await tree(await client.get("/?q=talks"))
    assert texts(page, ".hit.read h2") == ["Talks in Geneva"]
    article = await tree(await client.get(f"/article/{A}"))
    (button,) = article.cssselect("button[value=unread]")
    form = {
        str(field.get("name")): str(field.get("value")) for field in button.getparent().cssselect("input")
    }
    back = await client.post("/desk/marks", data={**form, "do": "unread"})
    assert back.url.path == f"/article/{A}"
    assert await hits(client, "read:true") == []


async def test_words_stay_marked_beside_marks(client: Client) -> None:
    await mark(client, "star")
    page = await tree(await client.get(f"/article/{A}?q=talks+AND+starred:true"))
    assert texts(page, "article mark") == ["Talks", "talks"]
    page = await tree(await client.get("/?q=talks+AND+starred:true"))
    assert texts(page, ".chip code") == ["talks", "starred:true"]
    facet = next(
        str(link.get("href")) for link in page.cssselect(".facets td a") if link.text_content() == "Radio"
    )
    assert texts(await tree(await client.get(facet)), ".hit h2") == ["Talks in Geneva"]


async def test_the_desk_teaches_while_it_is_empty_and_then_has_everything(client: Client) -> None:
    assert "Nothing is marked yet" in texts(await tree(await client.get("/desk")), ".empty")[0]
    await mark(client, "star")
    await mark(client, "assign", B, value="me")
    await mark(client, "tag", B, value="Oslo & more")
    await mark(client, "note", value="Call her.")
    await mark(client, "wrong-name", value="Ann Smith")
    saved = {"do": "save", "name": "Peace", "address": "/?q=talks&since=7d"}
    answer = await client.post("/desk/searches", data=saved, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/desk")
    page = await tree(await client.get("/desk"))
    assert texts(page, "main h2") == [
        "Assigned to you",
        "Starred",
        "Saved searches",
        "Tags",
        "Notes",
        "Corrections",
    ]
    assert texts(page, "section:nth-of-type(1) li a") == ["Talks in Oslo"]
    assert texts(page, "section:nth-of-type(2) li a") == ["Talks in Geneva"]
    (tag,) = page.cssselect(".ours")
    assert texts(await tree(await client.get(str(tag.get("href")))), ".hit h2") == ["Talks in Oslo"]
    (search,) = page.cssselect("section:nth-of-type(3) li a")
    assert search.get("href") == "/?q=talks&since=7d"
    await client.post("/desk/searches", data={"do": "unsave", "name": "Peace"})
    assert "Saved searches" not in texts(await tree(await client.get("/desk")), "main h2")


async def test_marks_outlive_their_article_and_an_archive(folder: Path) -> None:
    async with page_over(folder) as client:
        await mark(client, "star")
    with EmbeddedStore.open(folder / "other") as store:
        store.flush()
    (folder / "index").rename(folder / "old")
    async with page_over(folder) as client:
        assert "the archive no longer has" in texts(await tree(await client.get("/desk")), "section li")[0]
    (folder / "old").rename(folder / "index")
    async with page_over(folder) as client:
        assert await hits(client, "starred:true") == ["Talks in Geneva"]


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"do": "explode"}, 400, "do: expected one of star"),
        ({"do": "star", "article": ""}, 400, "the id of an article is missing"),
        ({"do": "star", "article": "c" * 32}, 404, ""),
        ({"do": "tag", "value": "!"}, 400, "a letter or a digit"),
        ({"do": "note", "value": "x" * 10_001}, 400, "at most 10,000"),
    ],
)
async def test_what_cannot_be_marked_is_said(
    client: Client, form: dict[str, str], status: int, said: str
) -> None:
    answer = await client.post("/desk/marks", data={"article": A, **form}, allow_redirects=False)
    assert said in texts(await tree(answer, status), "h1")[0]


async def test_nobody_is_led_elsewhere(client: Client) -> None:
    form = {"article": A, "do": "star", "back": "//evil.example"}
    answer = await client.post("/desk/marks", data=form, allow_redirects=False)
    assert answer.headers["Location"] == "/"
    await client.post("/desk/searches", data={"do": "save", "name": "x", "address": "javascript:alert(1)"})
    links = (await tree(await client.get("/desk"))).cssselect("section li a")
    assert [link.get("href") for link in links] == [f"/article/{A}", "/"]


async def test_the_api_marks_and_lists(client: Client) -> None:
    sent = {"article": A, "do": "tag", "value": "urgent"}
    answer = await client.post("/api/v1/desk", json=sent)
    assert answer.status == 200
    found = await answer.json()
    jsonschema.validate(found, json_schema(Marks))
    assert [(one["kind"], one["value"], one["person"]) for one in found["marks"]] == [
        ("tag", "urgent", "local")
    ]
    await client.post("/api/v1/desk", json={"article": B, "do": "star"})
    listed = await (await client.get("/api/v1/desk?kind=star,tag&limit=1")).json()
    assert [one["kind"] for one in listed["marks"]] == ["star"]
    assert len((await (await client.get(f"/api/v1/desk?article={A}")).json())["marks"]) == 1
    hits = await (await client.get("/api/v1/articles?q=tag:urgent")).json()
    assert [hit["article"]["id"] for hit in hits["hits"]] == [A]
    lines = (await (await client.get("/search.jsonl?q=tag:urgent")).text()).splitlines()
    assert [json.loads(line)["article"]["id"] for line in lines] == [A]
    counts = await (await client.get("/api/v1/counts?q=tag:urgent&by=source")).json()
    assert counts["articles"] == 1


@pytest.mark.parametrize(
    ("body", "status", "parameter"),
    [
        ({"article": A, "do": "explode"}, 400, "do"),
        ({"article": A, "do": "tag", "value": 7}, 400, "value"),
        ({"article": A, "do": "tag", "colour": "red"}, 400, "colour"),
        ({"article": A, "do": "tag", "value": ""}, 400, "value"),
        ({"article": "c" * 32, "do": "star"}, 404, None),
        ([], 400, "body"),
    ],
)
async def test_what_the_api_does_not_take(
    client: Client, body: object, status: int, parameter: str | None
) -> None:
    answer = await client.post("/api/v1/desk", json=body)
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert (await answer.json()).get("parameter") == parameter
    assert (await client.get("/api/v1/desk?kind=colour")).status == 400


async def test_each_sees_their_own_stars(folder: Path) -> None:
    desk = Desk(folder, utc_now)
    desk.add("star", "ann", A)
    async with page_over(folder) as client:
        assert await hits(client, "starred:true") == []
        desk.add("tag", "ann", A, "hers")
        assert await hits(client, "tag:hers") == ["Talks in Geneva"]
