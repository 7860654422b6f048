"""`wirewatch feeds`: the list as a user edits it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from acceptance.command import Wirewatch, World, hosts_of


def listed(wirewatch: Wirewatch) -> list[dict[str, object]]:
    rows: list[dict[str, Any]] = wirewatch.ask("feeds", "list")["feeds"]
    assert rows == wirewatch.lines("feeds", "list")
    return rows


def test_a_feed_is_found_behind_its_site_and_can_be_removed(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch], tmp_path: Path
) -> None:
    world = serve_world()
    wirewatch = reading(world)
    full = wirewatch.feeds.read_text()
    host = min(hosts_of(full))
    for feed in listed(wirewatch):
        if host in str(feed["url"]):
            wirewatch.run("feeds", "remove", str(feed["url"]))
    before = len(listed(wirewatch))

    said = wirewatch.run(
        "feeds", "add", f"http://{host}:{world.port}/", "--title", "Mine", "--folder", "Desk"
    ).stdout
    assert "Added Mine" in said
    added = [feed for feed in listed(wirewatch) if feed["title"] == "Mine"]
    assert len(listed(wirewatch)) == before + 1
    assert added[0]["folder"] == "Desk"
    assert "in the list already" in wirewatch.run("feeds", "add", str(added[0]["url"]), code=2).stderr
    assert "Removed Mine" in wirewatch.run("feeds", "remove", "Mine").stdout
    assert (
        "no feed in the list has the URL or title" in wirewatch.run("feeds", "remove", "Mine", code=2).stderr
    )

    other = tmp_path / "other.opml"
    other.write_text(full)
    assert "already in the list" in wirewatch.run("feeds", "import", str(other)).stdout
    wirewatch.run("feeds", "export", str(tmp_path / "exported.opml"))
    assert hosts_of((tmp_path / "exported.opml").read_text()) == hosts_of(full)


def test_something_other_than_a_feed_is_not_added(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch]
) -> None:
    world = serve_world()
    wirewatch = reading(world)
    host = min(hosts_of(wirewatch.feeds.read_text()))
    said = wirewatch.run("feeds", "add", f"http://{host}:{world.port}/nothing-here", code=2).stderr
    assert "the server answered 404" in said
