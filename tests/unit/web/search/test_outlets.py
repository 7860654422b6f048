"""Groups and countries of outlets, which the feed list knows."""

from pathlib import Path

from samples.page import page_over, texts, tree
from samples.reading import make_archive
from samples.settings import settings_in

from index.counts import Tally
from web.search.outlets import Outlet, named, tallies

OUTLETS = {
    "Wire": Outlet(("World/Europe", "Fast"), "FR"),
    "Post": Outlet(("World",), "GB"),
    "Echo": Outlet((), "FR"),
    "Moon": Outlet(),
}
OPML = """<opml version="2.0"><body><outline text="World">
<outline text="Harbour Wire" xmlUrl="https://wire.example/rss" country="FR"/>
<outline text="Near"><outline text="Lowland Post" xmlUrl="https://post.example/rss" country="GB"/></outline></outline>
<outline text="Valley Herald" xmlUrl="https://herald.example/rss"/></body></opml>"""


def test_a_group_has_the_outlets_of_the_groups_within_it() -> None:
    assert named(OUTLETS, "group", "World") == ("Wire", "Post")
    assert named(OUTLETS, "group", "World/Europe") == ("Wire",)
    assert named(OUTLETS, "country", "FR") == ("Wire", "Echo")
    assert named(OUTLETS, "country", "") == ()


def test_articles_of_groups_are_those_of_their_outlets() -> None:
    sources = [Tally("Wire", 5, 1), Tally("Echo", 4, 1), Tally("Post", 2, 1), Tally("Unknown", 9, 1)]
    assert tallies(OUTLETS, sources, "country", 8) == (Tally("FR", 9, 0), Tally("GB", 2, 0))
    assert [one.value for one in tallies(OUTLETS, sources, "group", 2)] == ["World", "Fast"]


async def test_groups_and_countries_include_exclude_and_are_taken_back(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    settings.paths.feeds.write_text(OPML)
    make_archive(settings.paths.index)
    async with page_over(tmp_path) as client:
        shown = await tree(await client.get("/?q=talks&all=1"))
        assert texts(shown, "[data-by=group] .number") == ["2", "1"]
        assert texts(shown, "[data-by=country] td:first-child a:first-child") == ["FR", "GB"]
        assert texts(shown, "[data-by=kind] td:first-child a:first-child") == ["full"]
        (include,) = shown.cssselect("[data-by=country] tr[data-value=FR] td:first-child a:first-child")
        narrowed = await tree(await client.get(str(include.get("href"))))
        assert texts(narrowed, ".hit .by b") == ["Harbour Wire"]
        assert texts(narrowed, ".chip") == ["talks ×", "country: FR ×"]
        (back,) = narrowed.cssselect(".chip:last-child a")
        assert back.get("href") == "/?q=talks&all=1"
        (exclude,) = shown.cssselect("[data-by=group] tr[data-value=World] .not")
        others = await tree(await client.get(str(exclude.get("href"))))
        assert texts(others, ".hit .by b") == ["Valley Herald"]
        (only,) = shown.cssselect("[data-by=group] tr[data-value='World/Near'] .about")
        assert only.get("href") == "/?group=World%2FNear"
        lines = (await (await client.get("/search.jsonl?q=talks&country=-GB")).text()).splitlines()
        assert len(lines) == 2
        assert await (await client.get("/search.jsonl?q=talks&section=World")).text() == ""
        found = await (await client.get("/api/v1/counts?q=talks&group=World&by=source")).json()
        assert found["articles"] == 2
