import asyncio
import csv
import dataclasses
import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer
from jsonschema import Draft202012Validator
from lxml import etree, html
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from samples.settings import settings_in
from structlog.testing import capture_logs

from index.embedded.store import EmbeddedStore
from index.store import Hit, Store
from index.store import Search as StoreSearch
from results.article import Article as PublicArticle
from results.counts import Counts
from results.json_schema import json_schema
from results.parts import Coverage, Source
from results.search import Search
from stream.errors import ConfigError, RetryLater
from stream.messages import Article, Enriched, Entity, Span, TopicTag, article_id
from web.access.services import OPEN
from web.app import make_app
from web.guard import HEADERS
from web.search.formats.forms import FEEDS, STREAMED
from web.services import Services
from wirewatch.commands.page.serving import services_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOSTILE = '<script>alert(1)</script>" onmouseover="alert(2)'
Client = TestClient  # type: ignore[type-arg]  # of whatever request


def enriched(
    name: str, title: str, text: str, *, url: str = "", source: str = "Radio", days: int = 0
) -> Enriched:
    url = url or f"https://radio.example/{name}"
    article = Article(
        id=article_id(url),
        url=url,
        feed="https://radio.example/rss",
        source=source,
        title=title,
        text=text,
        author="Jo Bloggs",
        published=NOON - timedelta(days=days),
        published_from="meta",
        content_status="full",
        seen=NOON,
        fetched=NOON,
        extracted=NOON,
    )
    place = text.find("Ann Smith")
    spans = (Span(field="text", start=place, end=place + 9),) if place >= 0 else ()
    return Enriched(
        article=article,
        language="en",
        topics=(TopicTag(topic="peace", name="Peace talks", clause='"peace talks"', spans=()),),
        entities=(Entity(name="Ann Smith", type="person", spans=spans),) if spans else (),
        story=article.id,
        enriched=NOON,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("archive")
    with EmbeddedStore.open(made, now=lambda: NOON) as store:
        store.add(enriched("a", "Peace talks in Geneva", "Ann Smith spoke.\nThe talks went on.", days=1))
        store.add(enriched("s", "Hidden \u202etext", "Chess.", url="https://ann:PASSWORD@radio.example/s"))
        store.add(enriched("b", HOSTILE, f"Talks {HOSTILE}", url="javascript:alert(1)", source=HOSTILE))
        for n in range(40):
            store.add(enriched(f"n{n}", f"Report {n}", "Football.", days=n))
        store.flush()
    return made


def services(folder: Path, open_store: object) -> Services:
    dark = Source(name="Night Wire", status="failing", since=None, reason="It answers 503.")
    return dataclasses.replace(
        services_of(settings_in(folder)),
        open_store=open_store,  # type: ignore[arg-type]
        coverage=lambda: Coverage(sources=3, heard=2, dark=(dark,), dark_more=0),
        topic_names=lambda: {"peace": "Peace talks"},
        firings=lambda _: (),
        is_salient=lambda *_: True,
        now=lambda: NOON,
    )


@pytest_asyncio.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    def open_store() -> Store:
        return EmbeddedStore.open(folder, readonly=True)

    async with TestClient(TestServer(make_app(services(folder, open_store), ["desk.example"]))) as made:
        made.session.headers["Host"] = "desk.example"
        yield made


async def page(client: Client, address: str, status: int = 200) -> html.HtmlElement:
    answer = await client.get(address)
    assert (answer.status, answer.content_type) == (status, "text/html")
    assert HEADERS.items() <= dict(answer.headers).items()
    return html.document_fromstring(await answer.text())


def texts(tree: html.HtmlElement, path: str) -> list[str]:
    return [" ".join(str(one.text_content()).split()) for one in tree.cssselect(path)]


async def test_a_search_shows_hits_counts_and_next_steps(client: Client) -> None:
    tree = await page(client, "/?q=talks")
    assert texts(tree, ".total") == ["2 articles in 2 stories"]
    assert "Peace talks in Geneva" in texts(tree, ".hit h2")
    assert "talks" in texts(tree, ".hit mark")
    (author,) = [link for link in tree.cssselect(".facets td a") if link.text_content() == "Jo Bloggs"]
    assert author.get("href") == "/?q=talks+AND+author%3A%22Jo+Bloggs%22"
    assert texts(await page(client, str(author.get("href"))), ".total") == ["2 articles in 2 stories"]
    (bar, *_) = [bar for bar in tree.cssselect("svg a") if bar.cssselect("rect.f0")]
    assert "1 article" in texts(await page(client, str(bar.get("href"))), ".total")[0]


async def test_the_stories_of_a_facet_are_at_the_address_that_the_page_names(client: Client) -> None:
    tree = await page(client, "/?q=football&since=2026-01-01")
    (address,) = tree.xpath("//aside/@data-counts")
    counted = msgspec.json.decode(await (await client.get(str(address))).read(), type=Counts)
    (shown,) = texts(tree, "[data-by=source] tr[data-value] td:first-child a:first-child")
    (value,) = next(one for one in counted.fields if one.by == "source").values
    assert (value.value, value.stories > 0) == (shown, True)


async def test_without_script_the_stories_of_a_facet_are_counted_on_request(client: Client) -> None:
    (more,) = (await page(client, "/?q=football")).xpath("//p[@class='counted']/a/@href")
    tree = await page(client, str(more))
    assert more == "/?q=football&count=stories"
    (number,) = texts(tree, "[data-by=source] tr[data-value] .number")
    assert number == "40 / 40"
    assert tree.xpath("//form[@role='search']//input[@name='count']/@value") == ["stories"]
    assert texts(await page(client, "/?count=votes", 400), "[role=alert] p")[0].startswith("count: expected")


@pytest.mark.parametrize("area", ["/", "/?q=talks", "/stories", "/desk", "/alerts", "/topics", "/sources"])
async def test_the_menu_says_where_one_is(client: Client, area: str) -> None:
    current = (await page(client, area)).xpath("//nav[@class='areas']/a[@aria-current]/@href")
    assert current == [area.partition("?")[0]]


async def test_pages_follow_each_other(client: Client) -> None:
    seen: list[str] = []
    address = "/?q=football&sort=newest"
    while address:
        tree = await page(client, address)
        seen += texts(tree, ".hit h2")
        address = next((str(link.get("href")) for link in tree.cssselect("a[rel=next]")), "")
    assert seen == [f"Report {n}" for n in range(40)]


def scripts_are_ours(tree: html.HtmlElement) -> bool:
    scripts = tree.cssselect("script")
    return all(str(one.get("src")).startswith("/static/") and not one.text for one in scripts)


async def test_strangers_text_is_shown_as_text(client: Client) -> None:
    tree = await page(client, "/?q=talks")
    assert HOSTILE in texts(tree, ".hit h2")
    assert scripts_are_ours(tree)
    assert not tree.xpath("//@onmouseover")
    tree = await page(client, f"/article/{article_id('javascript:alert(1)')}?q=talks")
    assert texts(tree, "h1") == [HOSTILE]
    assert not tree.xpath("//a[starts-with(@href, 'javascript')]")
    tree = await page(client, "/?q=%22%3E%3Cscript%3Ealert(3)%3C/script%3E", 400)
    assert scripts_are_ours(tree)


async def test_an_article_shows_what_matched_who_is_named_and_why(client: Client) -> None:
    tree = await page(client, f"/article/{article_id('https://radio.example/a')}?q=talks")
    assert texts(tree, "article p[dir]") == ["Ann Smith spoke.", "The talks went on."]
    assert texts(tree, "article mark") == ["talks", "talks"]
    (named,) = tree.cssselect("article .named")
    assert (named.text_content(), named.get("title")) == ("Ann Smith", "Ann Smith (person)")
    assert 'because of "peace talks"' in " ".join(texts(tree, ".facets li"))
    (original,) = tree.cssselect("a[rel]")
    assert (original.get("href"), original.get("rel")) == (
        "https://radio.example/a",
        "noopener noreferrer nofollow",
    )


async def test_secrets_stay_hidden_and_nothing_reorders_what_is_read(client: Client) -> None:
    for address in ("/?q=chess", f"/article/{article_id('https://ann:PASSWORD@radio.example/s')}"):
        text = await (await client.get(address)).text()
        assert "Hidden" in text
        assert "PASSWORD" not in text
        assert "\u202e" not in text
    for form in ("json", "jsonl", "csv", "md", "atom"):
        assert "PASSWORD" not in await (await client.get(f"/search.{form}?q=chess")).text(), form


async def test_no_hits_says_how_much_that_means(client: Client) -> None:
    tree = await page(client, "/?q=xylophonist")
    assert texts(tree, ".total") == ["0 articles"]
    assert texts(tree, ".empty p")[:2] == [
        "2 of 3 sources answered when last asked.",
        "Night Wire: It answers 503.",
    ]


async def test_a_search_that_finds_little_is_told_of_similar_ones(client: Client) -> None:
    tree = await page(client, "/?q=footbal&sort=oldest")
    assert texts(tree, ".suggestions li")[0] == "footbal* would find 40 articles"
    wider, _ = [str(one.get("href")) for one in tree.cssselect(".suggestions a")]
    assert texts(await page(client, wider), ".total") == ["40 articles in 40 stories"]
    assert "sort=oldest" in wider
    found = msgspec.json.decode(await (await client.get("/api/v1/articles?q=footbal")).read(), type=Search)
    assert [(one.query, one.total) for one in found.suggestions][:1] == [("footbal*", 40)]
    assert not texts(await page(client, "/?q=football"), ".suggestions")


async def test_a_wrong_query_is_shown_at_its_place(client: Client) -> None:
    tree = await page(client, "/?q=syria+AND+%28", 400)
    assert texts(tree, "[role=alert] p") == ["a word or a phrase is missing at the end"]
    assert [one.get("value") for one in tree.cssselect("#q")] == ["syria AND ("]
    assert texts(await page(client, "/?since=soon", 400), "[role=alert] p")[0].startswith("since: 'soon'")
    assert texts(await page(client, "/nosuch", 404), "h1") == ["There is nothing at this address."]
    assert texts(await page(client, "/article/nosuch", 404), "h1") == ["There is nothing at this address."]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/api/v1/articles?q=talks&limit=1", Search),
        ("/search.json?q=talks", Search),
        (f"/api/v1/articles/{article_id('https://radio.example/a')}", PublicArticle),
        ("/api/v1/counts?q=talks&by=topic,source&over=day", Counts),
    ],
)
async def test_the_api_answers_with_the_public_documents(client: Client, address: str, kind: type) -> None:
    answer = await client.get(address)
    assert answer.status == 200
    jsonschema.validate(await answer.json(), json_schema(kind))
    again = await client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize(
    ("address", "status", "parameter", "position"),
    [
        ("/api/v1/articles?q=a+(b", 400, "q", 2),
        ("/api/v1/articles?limit=201", 400, "limit", None),
        ("/api/v1/articles?limit=x", 400, "limit", None),
        ("/api/v1/counts?by=colour", 400, "by", None),
        ("/api/v1/counts?over=minute", 400, "over", None),
        ("/api/v1/counts?over=hour&since=2000-01-01", 400, "over", None),
        ("/search.csv?q=a+(b", 400, "q", 2),
        (f"/search.csv?section=-{'a' * 501}", 400, "section", None),
        ("/api/v1/articles/nosuch", 404, None, None),
        ("/api/v1/nosuch", 404, None, None),
    ],
)
async def test_errors_are_problem_documents(
    client: Client, address: str, status: int, parameter: str | None, position: int | None
) -> None:
    answer = await client.get(address)
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    told = json.loads(await answer.text())
    assert (told["status"], told.get("parameter"), told.get("position")) == (status, parameter, position)
    assert told["detail"]


async def test_a_program_is_told_why_it_is_not_answered(client: Client) -> None:
    async def told(method: str, address: str, **headers: str) -> tuple[int, str, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await client.request(method, address, headers=named)
        assert answer.content_type == "application/problem+json"
        document = json.loads(await answer.text())
        assert document["status"] == answer.status
        return answer.status, document["detail"], answer.headers.get("Allow", "")

    nameless = (403, "This server does not answer to that name.", "")
    assert await told("GET", "/api/v1/articles", Host="evil.example") == nameless
    from_elsewhere = (403, "Only a page of this site may change something here.", "")
    assert await told("POST", "/api/v1/desk", Origin="https://evil.example") == from_elsewhere
    assert await told("GET", "/api/v1/articles/nosuch") == (404, "No article has this id.", "")
    reads, finds = ("GET,HEAD", "POST")
    only_reads = (405, "This address answers to GET and HEAD alone.", reads)
    assert await told("DELETE", "/api/v1/articles", Sec_Fetch_Site="none") == only_reads
    assert await told("GET", "/api/v1/find-source") == (405, "This address answers to POST alone.", finds)
    assert (await client.head("/api/v1/events?q=talks")).status == 405  # its answer would never end


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"[" * 100_000, 400), (b'{"do": "\xff"}', 400), (b'{"do": ', 400), (b" " * 2_000_000, 413)],
)
async def test_a_body_that_is_no_json_is_told_as_a_fault_of_its_sender(
    client: Client, body: bytes, status: int
) -> None:
    headers = {"Sec-Fetch-Site": "none", "Content-Type": "application/json"}
    answer = await client.post("/api/v1/desk", data=io.BytesIO(body), headers=headers)
    assert (answer.status, answer.content_type) == (status, "application/problem+json")


@pytest.mark.parametrize("address", ["/desk/marks", "/alerts", "/login", "/sources.opml"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"do=star"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=do\r\n\r\n",
        ),
        ("application/x-www-form-urlencoded; charset=nosuch", b"do=star"),
    ],
)
async def test_a_form_that_can_not_be_read_is_a_fault_of_its_sender(
    client: Client, address: str, kind: str, body: bytes
) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": kind}
    answer = await client.post(address, data=body, headers=headers, allow_redirects=False)
    assert answer.status in (400, 422) or (address, answer.status) == ("/login", 303)  # nobody logs in here


async def test_the_first_digits_of_an_id_are_enough(client: Client) -> None:
    whole = article_id("https://radio.example/a")
    assert texts(await page(client, f"/article/{whole[:8]}"), "article h1") == ["Peace talks in Geneva"]
    assert texts(await page(client, f"/story/{whole[:8]}"), "h1") == ["Peace talks in Geneva"]
    assert (await client.get(f"/api/v1/articles/{whole[:8]}/changes")).status == 200


async def test_what_an_export_would_say_of_itself_has_no_body(client: Client) -> None:
    answer = await client.head("/search.csv")
    assert (answer.status, answer.content_type) == (200, "text/csv")
    # The connection can be used again: no row is left on it.
    assert (await client.get("/api/v1/articles?limit=1")).status == 200


async def test_all_hits_are_exported(client: Client) -> None:
    rows = list(
        csv.DictReader(io.StringIO(await (await client.get("/search.csv?q=talks OR football")).text()))
    )
    assert len(rows) == 42
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    lines = (await (await client.get("/search.jsonl?q=talks OR football")).text()).splitlines()
    assert {json.loads(line)["article"]["id"] for line in lines} == {row["id"] for row in rows}
    told = await (await client.get("/search.md?q=talks")).text()
    assert r"\<script\>" in told
    assert "javascript:" not in told
    feed = etree.fromstring(await (await client.get("/search.atom")).read())
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 43
    assert await (await client.get("/search.jsonl?q=xylophonist")).read() == b""
    (own, shown) = feed.findall("{http://www.w3.org/2005/Atom}link")
    assert (own.get("href"), shown.get("rel")) == ("http://desk.example/search.atom", "alternate")
    assert texts(await page(client, str(shown.get("href")).removeprefix("http://desk.example")), ".total")
    rss = etree.fromstring(await (await client.get("/search.rss?q=talks")).read())
    assert rss.findtext("channel/link") == "http://desk.example/?q=talks&sort=newest"
    items = rss.findall("channel/item")
    assert {str(item.findtext("title")) for item in items} == {"Peace talks in Geneva", HOSTILE}
    records = (await (await client.get("/search.ris?q=talks")).text()).split("ER  - ")
    (ours,) = (one for one in records if "Peace talks in Geneva" in one)
    assert "TY  - NEWS\r\nTI  - Peace talks in Geneva\r\nAU  - Jo Bloggs\r\n" in ours
    assert "UR  - https://radio.example/a\r\n" in ours
    assert "javascript:" not in "".join(records)


async def test_behind_a_proxy_that_encrypts_addresses_begin_with_https(folder: Path) -> None:
    over = services(folder, lambda: EmbeddedStore.open(folder, readonly=True))
    encrypted = dataclasses.replace(over, access=dataclasses.replace(OPEN, encrypted=True))
    async with TestClient(TestServer(make_app(encrypted, ["desk.example"]))) as client:
        client.session.headers["Host"] = "desk.example"
        feed = etree.fromstring(await (await client.get("/search.atom?q=talks")).read())
    links = [str(one.get("href")) for one in feed.findall("{http://www.w3.org/2005/Atom}link")]
    assert [link.startswith("https://desk.example/") for link in links] == [True, True]


async def test_a_fault_of_ours_is_told_and_logged(folder: Path) -> None:
    def broken(_: str) -> tuple[()]:
        raise ValueError("a fault of ours")

    over = services(folder, lambda: EmbeddedStore.open(folder, readonly=True))
    faulty = dataclasses.replace(over, lint=broken)
    async with TestClient(TestServer(make_app(faulty, ["desk.example"]))) as client:
        client.session.headers["Host"] = "desk.example"
        with capture_logs() as told:
            answer = await client.get("/api/v1/check?q=talks")
            assert (answer.status, answer.content_type) == (500, "application/problem+json")
            shown = texts(await page(client, "/?q=talks", 500), "h1")
    assert shown == ["This is a fault of wirewatch itself: its log says which."]
    assert [(one["event"], one["path"]) for one in told] == [
        ("a request could not be answered", path) for path in ("/api/v1/check", "/")
    ]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("fault", [RetryLater("away", "the server is away"), ValueError("a fault of ours")])
async def test_an_export_that_can_not_be_finished_breaks_its_connection(
    folder: Path, monkeypatch: pytest.MonkeyPatch, version: str, fault: Exception
) -> None:
    def some(_: EmbeddedStore, __: object) -> Iterator[Hit]:
        yield from [found] * 600
        raise fault

    with EmbeddedStore.open(folder, readonly=True) as store:
        found = store.search(StoreSearch(limit=1)).hits[0]
    monkeypatch.setattr(EmbeddedStore, "each", some)
    over = services(folder, lambda: EmbeddedStore.open(folder, readonly=True))
    async with TestServer(make_app(over, ["desk.example"])) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(f"GET /search.csv HTTP/{version}\r\nHost: desk.example\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()


async def test_only_its_own_name_is_answered_and_nothing_can_be_changed(client: Client) -> None:
    assert (await client.get("/", headers={"Host": "evil.example"})).status == 403
    refused = await client.get("/", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"})
    assert refused.status == 403
    navigation = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert (await client.get("/", headers=navigation)).status == 200
    assert (await client.post("/", headers=navigation)).status == 403
    assert (await client.post("/")).status == 403
    assert (await client.post("/", headers={"Origin": "http://desk.example"})).status == 405


async def test_the_openapi_document_names_all_addresses_of_the_api(client: Client) -> None:
    document = await (await client.get("/api/v1/openapi.json")).json()
    routes = {route.resource.canonical for route in client.app.router.routes() if route.resource}  # type: ignore[union-attr]
    ours = {route for route in routes if route.startswith("/api/")} - {"/api/v1/openapi.json"}
    assert set(document["paths"]) == ours


async def test_all_references_of_the_openapi_document_lead_to_its_components(client: Client) -> None:
    text = await (await client.get("/api/v1/openapi.json")).text()
    known = json.loads(text)["components"]["schemas"]
    meant = {
        reference.removeprefix("#/components/schemas/") for reference in re.findall(r'"(#/[^"]+)"', text)
    }
    assert {"search", "search.Hit", "problem"} <= meant
    assert meant <= set(known)
    assert "$defs" not in text


async def test_the_page_of_the_api_tells_of_each_operation(client: Client) -> None:
    document = await (await client.get("/api/v1/openapi.json")).json()
    tree = await page(client, "/api")
    told = set(texts(tree, ".operation h3"))
    assert told == {f"{method.upper()} {path}" for path, can in document["paths"].items() for method in can}
    (found,) = [one for one in tree.cssselect(".operation") if texts(one, "h3") == ["GET /api/v1/articles"]]
    assert "next_offset" in texts(found, "dt")
    assert "limit" in texts(found, "th")
    assert not tree.cssselect("a[href='']")
    (again,) = [one.get("href") for one in tree.cssselect("footer a") if one.text_content() == "API"]
    assert again == "/api"


async def test_the_api_answers_as_its_openapi_document_says(client: Client) -> None:
    document = await (await client.get("/api/v1/openapi.json")).json()
    registry: Registry[Any] = Registry().with_resource("urn:openapi", DRAFT202012.create_resource(document))
    needed = {"/api/v1/alert-test": "?query=talks", "/api/v1/topic-trial": "?query=talks"}
    asked = [path for path, can in document["paths"].items() if "get" in can and "{" not in path]
    not_here = {
        "/api/v1/events",
        "/api/v1/sources.opml",
        "/api/v1/status",
    }  # the first has no end, the others nothing to tell
    for path in sorted(set(asked) - not_here):
        answer = await client.get(path + needed.get(path, "?q=talks"))
        ((kind, said),) = document["paths"][path]["get"]["responses"]["200"]["content"].items()
        assert (path, answer.status, answer.content_type) == (path, 200, kind)
        if kind == "application/json":
            checked = Draft202012Validator(
                {"$ref": f"urn:openapi{said['schema']['$ref']}"}, registry=registry
            )
            assert not list(checked.iter_errors(await answer.json())), path
    for form in STREAMED | FEEDS:
        answer = await client.get(f"/api/v1/export.{form}?q=talks")
        said = document["paths"]["/api/v1/export.{form}"]["get"]["responses"]["200"]["content"]
        assert (answer.status, answer.content_type in said) == (200, True), form


@pytest_asyncio.fixture
async def young(tmp_path: Path) -> AsyncIterator[tuple[Client, list[Store]]]:
    """A client of a page without an archive yet; a store put into the list becomes the archive."""
    stores: list[Store] = []

    def open_store() -> Store:
        if not stores:
            raise ConfigError(f"there is no archive in {tmp_path} yet")
        return stores[0]

    async with TestClient(TestServer(make_app(services(tmp_path, open_store), ["desk.example"]))) as made:
        made.session.headers["Host"] = "desk.example"
        yield made, stores


async def test_the_page_waits_for_its_archive(young: tuple[Client, list[Store]], tmp_path: Path) -> None:
    client, stores = young
    assert texts(await page(client, "/"), "h1") == ["There is nothing to search yet"]
    assert (await client.get("/api/v1/articles")).status == 503
    stores.append(EmbeddedStore.open(tmp_path))
    assert texts(await page(client, "/"), ".total") == ["0 articles"]


async def test_searches_on_the_page_and_by_the_api_are_counted(folder: Path) -> None:
    made = services(folder, lambda: EmbeddedStore.open(folder, readonly=True))
    async with TestClient(TestServer(make_app(made, ["desk.example"]))) as client:
        for address in (
            "/?q=talks",
            "/?q=unheard",
            "/?q=(talks",
            "/",
            "/search.json?q=talks",
            "/api/v1/articles?q=(x",
        ):
            await client.get(address, headers={"Host": "desk.example"})
        await client.get("/?q=talks", headers={"Host": "rebound.example"})
        assert (await client.get("/metrics", headers={"Host": "desk.example"})).status == 404, (
            "not for readers"
        )
    assert {key: number for key, number in made.traffic.searches.items() if number} == {
        ("page", "found"): 1,
        ("page", "nothing"): 1,
        ("page", "refused"): 2,
        ("api", "found"): 1,
        ("api", "refused"): 1,
    }
    assert made.traffic.requests["/", "GET", "403"] == 1
    assert made.traffic.requests["none", "GET", "404"] == 1
