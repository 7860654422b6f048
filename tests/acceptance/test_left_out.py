"""Empty items, through the real command."""

from pathlib import Path

from acceptance.command import Wirewatch
from servers.newsroom import newsroom


def test_items_with_nothing_in_them_are_counted_and_named(tmp_path: Path) -> None:
    items = "<item></item><item><guid isPermaLink='false'>x</guid></item><item><title>Bridge closed</title></item>"
    feed = f"<rss version='2.0'><channel><title>Harbour</title>{items}</channel></rss>"
    with newsroom() as room:
        room.pages["/feed"] = ("application/rss+xml", feed)
        feeds, config = tmp_path / "feeds.opml", tmp_path / "wirewatch.toml"
        feeds.write_text(
            f'<opml version="2.0"><body><outline text="Harbour" xmlUrl="{room.url("/feed")}"/></body></opml>'
        )
        config.write_text("[fetch]\nallow_private = ['127.0.0.0/8']\n")
        wirewatch = Wirewatch(tmp_path / "data", config, feeds)
        said = wirewatch.run("run", "--once").stdout
        assert "1 article found" in said
        assert "2 items left out so far" in said
        assert wirewatch.ask("status")["items_left_out"] == {room.url("/feed"): 2}
        assert "2 items left out so far" in wirewatch.run("feeds", "show", room.url("/feed")).stdout
