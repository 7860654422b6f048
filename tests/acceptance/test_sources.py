"""`wirewatch sources` and `wirewatch feeds show`: the sources' health, and when they are next polled."""

from collections.abc import Callable

from acceptance.command import Wirewatch, World


def test_sources_before_and_after_a_round(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch]
) -> None:
    wirewatch = reading(serve_world())
    assert "12 not polled yet" in wirewatch.run("sources").stdout
    wirewatch.run("run", "--once")

    assert "12 sources: 12 well. 12 answered when last due" in wirewatch.run("sources").stdout
    rows = wirewatch.ask("sources", "--all")["sources"]
    assert rows == wirewatch.lines("sources", "--all")
    assert {row["health"]["status"] for row in rows} == {"well"}
    assert wirewatch.run("sources", "--silent").stdout.startswith("12 sources")

    url = rows[0]["url"]
    shown = wirewatch.run("feeds", "show", url).stdout
    assert "the interval is fixed by poll.every_seconds" in shown
    known = wirewatch.ask("feeds", "show", url)
    assert (known["url"], known["schedule"]["why"], known["health"]["status"]) == (url, "fixed", "well")
    assert (
        "no feed in the list has the URL or title" in wirewatch.run("feeds", "show", "nobody", code=2).stderr
    )
