"""robots.txt, feeds with full text, sitemaps and hubs, as a user sees them."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance.command import Wirewatch, urls
from servers.commands import Process
from servers.elasticsearch import new_prefix
from servers.kafka import SESSION_SECONDS
from servers.newsroom import Newsroom, newsroom
from servers.ports import free_port
from waiting import PATIENCE, wait_until

from ingest.websub.protocol import Subscription
from stream.messages import decode
from wirewatch.config import Paths, load
from wirewatch.topics import SUBSCRIPTIONS, open_log

PARAGRAPHS = "".join(
    f"<p>The harbour board met on pier {number} and agreed to dredge the channel before winter sets in.</p>"
    for number in range(1, 12)
)


def page(title: str) -> tuple[str, str]:
    return (
        "text/html",
        f"<!DOCTYPE html><html lang=en><head><title>{title}</title></head><body><h1>{title}</h1>{PARAGRAPHS}",
    )


def item(room: Newsroom, name: str, content: str = "") -> str:
    encoded = f"<content:encoded><![CDATA[{content}]]></content:encoded>" if content else ""
    return f"<item><title>{name}</title><link>{room.url(f'/{name}')}</link>{encoded}</item>"


def rss(room: Newsroom, *items: str, hub: bool = False) -> str:
    links = (
        f'<atom:link rel="hub" href="{room.url("/hub")}"/><atom:link rel="self" href="{room.url("/feed")}"/>'
        if hub
        else ""
    )
    return (
        '<rss xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>Harbour</title>{links}{''.join(items)}</channel></rss>"
    )


@pytest.fixture
def room() -> Iterator[Newsroom]:
    with newsroom() as running:
        yield running


def reader(tmp_path: Path, room: Newsroom, settings: str = "", every: int = 1) -> Wirewatch:
    feeds, config = tmp_path / "feeds.opml", tmp_path / "wirewatch.toml"
    feeds.write_text(
        f'<opml version="2.0"><body><outline text="Harbour" xmlUrl="{room.url("/feed")}"/></body></opml>'
    )
    config.write_text(
        f"[poll]\nevery_seconds = {every}\n[fetch]\ngap_seconds = 0\nallow_private = ['127.0.0.0/8']\n{settings}"
    )
    return Wirewatch(tmp_path / "data", config, feeds)


def test_robots_txt_is_obeyed_and_the_feeds_own_text_replaces_an_unavailable_page(
    tmp_path: Path, room: Newsroom
) -> None:
    room.pages = {
        "/robots.txt": ("text/plain", "User-agent: wirewatch\nDisallow: /secret\n"),
        "/open": page("open"),
        "/secret": page("secret"),
        "/secret-but-told": page("secret-but-told"),
    }
    items = (item(room, "open"), item(room, "secret"), item(room, "secret-but-told", PARAGRAPHS))
    room.pages["/feed"] = ("application/rss+xml", rss(room, *items, item(room, "gone", PARAGRAPHS)))
    wirewatch = reader(tmp_path, room)
    wirewatch.run("run", "--once")
    assert set(urls(wirewatch.search("dredge"))) == {
        room.url(f"/{n}") for n in ("open", "secret-but-told", "gone")
    }
    found = {hit["url"]: hit["id"] for hit in wirewatch.search("dredge")}
    shown = {name: wirewatch.run("show", found[room.url(f"/{name}")]).stdout for name in ("gone", "open")}
    assert (
        "the feed's own text: the page does not exist, or no longer exists (HTTP 404 Not Found)"
        in shown["gone"]
    )
    assert "the feed's own text" not in shown["open"]
    assert room.asked.count("/robots.txt") == 1
    assert "/secret" not in room.asked
    [kept] = wirewatch.ask("quarantine", "list")["messages"]
    assert kept["kind"] == "robots"
    assert "/secret is closed to robots by" in kept["reason"]

    wirewatch.config.write_text(wirewatch.config.read_text().replace("[fetch]", "[fetch]\nrobots = false"))
    wirewatch.run("quarantine", "retry", "--all")
    wirewatch.run("run", "--once")
    assert room.url("/secret") in urls(wirewatch.search("dredge"))


def test_the_pages_of_an_article_are_read_together(tmp_path: Path, room: Newsroom) -> None:
    def sheet(number: int, word: str, *, last: bool = False) -> tuple[str, str]:
        link = "" if last else f'<a rel="next" href="?page={number + 1}">Next page</a>'
        return "text/html", page("Story")[1].replace("dredge", word) + link

    room.pages = {
        "/robots.txt": ("text/plain", "User-agent: *\nDisallow: /closed?page=2\n"),
        "/story": sheet(1, "dredge"),
        "/story?page=2": sheet(2, "deepen"),
        "/story?page=3": sheet(3, "widen", last=True),
        "/closed": sheet(1, "close"),
        "/closed?page=2": sheet(2, "reopen", last=True),
    }
    room.pages["/feed"] = ("application/rss+xml", rss(room, item(room, "story"), item(room, "closed")))
    wirewatch = reader(tmp_path, room)
    wirewatch.run("run", "--once")
    [story] = wirewatch.search("dredge deepen widen")
    assert (story["url"], story["kind"]) == (room.url("/story"), "full")
    [closed] = wirewatch.search("close")
    assert closed["kind"] == "part"
    assert "/closed?page=2" not in room.asked
    assert "part, " in wirewatch.run("show", closed["id"]).stdout


def test_one_article_under_several_addresses_is_one(tmp_path: Path, room: Newsroom) -> None:
    same = ("talks/%d8%b3~1", "talks/%D8%B3%7E1/", "talks/%D8%B3~1/index.html", "talks/%d8%b3~1?page=1")
    twin = "story.php?from=front"
    room.pages = {f"/{name}": page("One") for name in (*same, twin)}
    room.pages["/other"] = ("text/html", page("One")[1].replace("harbour board", "town council"))
    names = (*same, twin, "other")
    room.pages["/feed"] = (
        "application/rss+xml",
        rss(room, *(item(room, name).replace(f"<title>{name}", "<title>One") for name in names)),
    )
    wirewatch = reader(tmp_path, room)
    wirewatch.run("run", "--once")
    found = wirewatch.search("dredge")
    assert len(found) == 2
    assert room.url("/other") in urls(found)
    assert {f"/{name}" for name in names} <= {*room.asked}, "every address was read"
    wirewatch.run("replay", "--from", "extract", "--since", "1d")
    wirewatch.run("run", "--once")
    assert sorted(urls(wirewatch.search("dredge"))) == sorted(urls(found))


def test_a_site_without_a_feed_is_read_by_its_news_sitemap(tmp_path: Path, room: Newsroom) -> None:
    sitemap = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>'
        f"<loc>{room.url('/open')}</loc><news:news><news:publication><news:name>Harbour</news:name>"
        "<news:language>en</news:language></news:publication><news:title>open</news:title></news:news></url></urlset>"
    )
    room.pages = {
        "/": ("text/html", "<html><p>No feed here</p>"),
        "/robots.txt": ("text/plain", f"Sitemap: {room.url('/maps/news.xml')}\n"),
        "/maps/news.xml": ("application/xml", sitemap),
        "/open": page("open"),
    }
    wirewatch = reader(tmp_path, room)
    wirewatch.run("feeds", "remove", "Harbour")
    said = wirewatch.run("feeds", "add", room.url("/")).stdout
    assert f"Added Harbour ({room.url('/maps/news.xml')}), which has 1 item now." in said
    wirewatch.run("run", "--once")
    assert urls(wirewatch.search("dredge")) == [room.url("/open")]


def test_a_hub_brings_news_before_the_next_poll(
    tmp_path: Path, room: Newsroom, processes: list[Process]
) -> None:
    port = free_port()
    room.pages = {
        "/feed": ("application/rss+xml", rss(room, item(room, "first"), hub=True)),
        "/first": page("first"),
    }
    settings = f"[websub]\ncallback_url = 'http://127.0.0.1:{port}/websub/'\nport = {port}\n"
    wirewatch = reader(tmp_path, room, settings, every=3600)
    process = wirewatch.start("run")
    processes.append(process)
    wait_until(lambda: bool(room.confirmed), "the subscription")
    assert room.confirmed == ["c"]
    assert room.forms[0]["hub.topic"] == room.url("/feed")

    room.pages["/second"] = page("second")
    assert room.push(rss(room, item(room, "second")).encode()) == 202
    wait_until(lambda: room.url("/second") in wirewatch.archived(), "what the hub sent")
    assert room.asked.count("/feed") == 1
    process.terminate()
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert "Traceback" not in err


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(params=["embedded", "kafka"])
def log_settings(request: pytest.FixtureRequest) -> str:
    """The settings for one of the two logs."""
    if request.param == "embedded":
        return ""
    servers = request.getfixturevalue("kafka")
    return f"[kafka]\nbootstrap_servers = '{servers}'\nprefix = '{new_prefix()}.'\nsession_seconds = {SESSION_SECONDS}\n"


def granted(wirewatch: Wirewatch) -> str:
    """When the hub last granted the subscription, as far as is known."""
    paths = Paths(data=wirewatch.data, feeds=wirewatch.feeds, topics=None)
    with open_log(load(wirewatch.config), paths) as log:
        [kept] = [decode(value, Subscription) for value in log.latest(SUBSCRIPTIONS.name).values()]
    return str(kept.granted)


def test_a_hub_may_call_any_of_several_pollers_and_what_was_accepted_outlives_a_kill(
    tmp_path: Path, room: Newsroom, processes: list[Process], log_settings: str
) -> None:
    ports = [free_port(), free_port()]
    room.pages = {"/feed": ("application/rss+xml", rss(room, item(room, "first"), hub=True))}
    room.pages |= {f"/{name}": page(name) for name in ("first", "by-0", "by-1", "killed-0", "killed-1")}
    settings = f"{log_settings}[websub]\ncallback_url = 'http://127.0.0.1:{ports[0]}/websub/'\nport = "
    first = reader(tmp_path, room, f"{settings}{ports[0]}\n", every=3600)
    second = Wirewatch(first.data, shutil.copy(first.config, tmp_path / "second.toml"), first.feeds)
    second.config.write_text(first.config.read_text().replace(f"port = {ports[0]}", f"port = {ports[1]}"))

    def start() -> None:
        processes.extend([first.start("run"), second.start("poll")])

    start()
    wait_until(lambda: bool(room.confirmed) and all(map(listens, ports)), "the subscription")
    wait_until(lambda: granted(first) != "None", "its owner's note of it")
    polls = room.asked.count("/feed")
    for number, port in enumerate(ports):  # one of them does not have the feed
        room.turn, before = port, granted(first)
        room.confirm(room.forms[0])
        wait_until(lambda before=before: granted(first) > before, "the owner's note of another question")  # type: ignore[misc]
        assert room.push(rss(room, item(room, f"by-{number}")).encode()) == 202
    assert room.confirmed == ["c"] * 3
    found = {room.url(f"/{name}") for name in ("first", "by-0", "by-1")}
    wait_until(lambda: set(first.archived()) == found, "what was sent to either")

    for number, port in enumerate(ports):
        room.turn = port
        assert room.push(rss(room, item(room, f"killed-{number}")).encode()) == 202
    for process in processes:
        process.kill()
        process.wait()
    start()
    found |= {room.url(f"/killed-{number}") for number in (0, 1)}
    wait_until(lambda: set(first.archived()) == found, "what was accepted before the kill")
    assert room.asked.count("/feed") == polls, "all that came after was sent"
