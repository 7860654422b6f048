"""The pages of sources, over a real feed list."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import FormData, web
from aiohttp.test_utils import TestServer
from samples.page import Client, filled_in, page_over, texts, tree
from samples.settings import settings_in

from ingest.polling.feed_state import FeedState
from ingest.sources.feed import Feed
from stream.log.base import Outgoing
from stream.messages import encode
from wirewatch.commands.sources import id_of
from wirewatch.lists.feeds import FeedFile, change, load
from wirewatch.topics import FEED_STATES, open_log

NOW = datetime.now(UTC)
A = Feed(url="https://a.example/rss?token=SECRETVALUE", title="Alba", folder="World/Europe", country="DE")
B = Feed(url="https://b.example/rss", title='Berta & "co"', folder="World")
C = Feed(url="https://c.example/rss", title="Carla")
FEED = b"""<rss version="2.0"><channel><title>Harbour</title><language>en</language>
<item><title>One</title><link>https://h.example/1</link>
<pubDate>Mon, 14 Mar 2016 09:00:00 GMT</pubDate></item></channel></rss>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    change(tmp_path / "feeds.opml", lambda _: [A, B, C])
    states = [
        FeedState(
            url=A.url,
            last_polled=NOW,
            next_due=NOW + timedelta(minutes=5),
            why="pace",
            day=int(NOW.timestamp() // 86400),
            daily=(3, 1),
            last_published=NOW,
        ),
        FeedState(
            url=B.url,
            last_polled=NOW,
            failures=3,
            error_kind="http-503",
            error_reason="the server answered 503",
        ),
    ]
    settings = settings_in(tmp_path)
    with open_log(settings.config, settings.paths) as log:
        log.produce([Outgoing(FEED_STATES.name, one.url, encode(one)) for one in states])
    return tmp_path


@pytest_asyncio.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    async with page_over(folder) as made:
        yield made


def listed(folder: Path) -> list[Feed]:
    return list(load(folder / "feeds.opml").feeds)


async def test_the_worst_come_first_with_why_and_when_next(client: Client) -> None:
    page = await tree(await client.get("/sources"))
    assert texts(page, ".total") == ["1 of 3 sources heard when last due"]
    assert texts(page, "tbody th a") == ['Berta & "co"', "Carla", "Alba"]
    (failing, unpolled, well) = texts(page, "tbody .state")
    assert "503" in failing
    assert unpolled == "unpolled"
    assert well == "well"
    assert "its normal pace" in " ".join(texts(page, "tbody .next"))
    assert len(page.cssselect("svg.spark rect.f0")) == 2
    assert "SECRETVALUE" not in page.text_content()


async def test_a_view_is_narrowed_by_its_address(client: Client) -> None:
    for asked, names in (
        ("status=failing", ['Berta & "co"']),
        ("group=World", ['Berta & "co"', "Alba"]),
        ("country=DE", ["Alba"]),
        ("page=2", []),
        ("page=x&status=nonsense", ['Berta & "co"', "Carla", "Alba"]),
    ):
        page = await tree(await client.get(f"/sources?{asked}"))
        assert texts(page, "tbody th a") == names, asked
    assert "No source is like that." in (await tree(await client.get("/sources?country=FR"))).text_content()


async def test_nothing_yet_teaches(tmp_path: Path) -> None:
    async with page_over(tmp_path) as client:
        assert "There are no sources yet" in (await tree(await client.get("/sources"))).text_content()


async def test_a_row_is_changed_and_the_address_stays_whole(client: Client, folder: Path) -> None:
    page = await tree(await client.get(f"/sources/{id_of(A.url)}"))
    fields = filled_in(page)
    assert fields["country"] == ["DE"]
    sent = fields | {"title": "Alba daily", "folder": " World / Asia/", "country": "sy", "language": "ar"}
    page = await tree(await client.post(f"/sources/{id_of(A.url)}", data=sent))
    assert texts(page, ".saved") == ["Saved."]
    (changed,) = [feed for feed in listed(folder) if feed.url == A.url]
    assert (changed.title, changed.folder, changed.country, changed.language) == (
        "Alba daily",
        "World/Asia",
        "SY",
        "ar",
    )


@pytest.mark.parametrize(("field", "value"), [("country", "Syria"), ("language", "?"), ("title", "x" * 301)])
async def test_a_fault_stands_at_its_field(client: Client, folder: Path, field: str, value: str) -> None:
    url = f"/sources/{id_of(A.url)}"
    fields = filled_in(await tree(await client.get(url)))
    page = await tree(await client.post(url, data=fields | {field: value}), 422)
    assert texts(page, f"#{field}-fault")
    assert A in listed(folder)


async def test_a_change_in_between_is_reported_and_nothing_overwritten(client: Client, folder: Path) -> None:
    url = f"/sources/{id_of(C.url)}"
    before = filled_in(await tree(await client.get(url)))
    change(folder / "feeds.opml", lambda _: [A, B, Feed(url=C.url, title="Theirs")])
    page = await tree(await client.post(url, data=before | {"title": "Mine"}), 409)
    assert "changed in the meantime" in texts(page, ".fault")[0]
    assert "Theirs" in texts(page, ".conflict dd")
    assert filled_in(page)["title"] == ["Mine"]
    await tree(await client.post(f"{url}/remove", data={"version": before["version"]}), 409)
    assert listed(folder)[-1].title == "Theirs"


async def test_a_source_is_paused_resumed_and_removed(client: Client, folder: Path) -> None:
    url = f"/sources/{id_of(C.url)}"
    page = await tree(await client.post(f"{url}/pause", data={}))
    assert "paused" in texts(page, ".tag")
    polled = FeedFile(folder / "feeds.opml")
    polled.refresh()
    assert [feed.url for feed in polled()] == [A.url, B.url]
    page = await tree(await client.post(f"{url}/resume", data={}))
    polled.refresh()
    assert len(polled()) == 3
    version = filled_in(page, ".remove form")["version"]
    await tree(await client.post(f"{url}/remove", data={"version": version}))
    assert [feed.url for feed in listed(folder)] == [A.url, B.url]
    await tree(await client.get(url), 404)


async def test_a_site_is_added_by_its_address(folder: Path) -> None:
    async def front(_: web.Request) -> web.Response:
        link = (
            '<link rel="alternate" type="application/rss+xml" href="/rss?token=SECRETVALUE" title="Harbour">'
        )
        return web.Response(text=f"<html><head>{link}</head></html>", content_type="text/html")

    async def feed(_: web.Request) -> web.Response:
        return web.Response(body=FEED, content_type="application/rss+xml")

    site = web.Application()
    site.add_routes([web.get("/", front), web.get("/rss", feed)])
    async with TestServer(site) as server:
        ports = (server.port,)
        async with page_over(folder, allow_private=("127.0.0.0/8",), allow_ports=ports) as client:
            page = await tree(
                await client.post("/new/source", data={"address": f"http://127.0.0.1:{server.port}"})
            )
            assert "1 item" in page.text_content()
            assert "SECRETVALUE" not in page.text_content()
            (form,) = [one for one in page.cssselect("form.edit") if one.get("action") == "/sources"]
            fields = dict(form.form_values())
            assert fields["title"] == "Harbour"
            await tree(await client.post("/sources", data=fields | {"folder": "World"}))
            page = await tree(await client.post("/sources", data=fields), 422)
            assert "is in the list already" in texts(page, ".fault")[0]
    (added,) = [one for one in listed(folder) if one.title == "Harbour"]
    assert added.url.endswith("/rss?token=SECRETVALUE")
    assert (added.language, added.folder) == ("en", "World")


async def test_private_addresses_and_sites_without_a_feed_are_reported(client: Client) -> None:
    for address in ("http://127.0.0.1:9/", "file:///etc/passwd", ""):
        page = await tree(await client.post("/new/source", data={"address": address}), 422)
        assert texts(page, "#address-fault"), address
    await tree(await client.post("/sources", data={"url": "javascript:alert(1)"}), 422)


async def test_lists_are_exported_and_imported(client: Client, folder: Path) -> None:
    answer = await client.get("/sources.opml")
    assert (answer.status, answer.content_type) == (200, "text/x-opml")
    exported = await answer.read()
    assert b"SECRETVALUE" in exported
    change(folder / "feeds.opml", lambda _: [B])
    form = FormData()
    form.add_field("file", exported, filename="feeds.opml", content_type="text/x-opml")
    page = await tree(await client.post("/sources.opml", data=form))
    assert texts(page, ".saved") == ["2 added, 1 in the list already, 0 left out."]
    assert sorted(feed.title for feed in listed(folder)) == sorted(feed.title for feed in (A, B, C))
    broken = FormData()
    broken.add_field("file", b"<html>", filename="page.html")
    assert (
        "a web page" in texts(await tree(await client.post("/sources.opml", data=broken), 422), ".fault")[0]
    )
    await tree(await client.post("/sources.opml", data={"file": "x"}), 422)
