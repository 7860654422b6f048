"""`wirewatch run` as a long-lived process: signals, restarts, and other commands meanwhile."""

import signal
from collections.abc import Callable

import pytest
from acceptance.command import Wirewatch, World, urls
from waiting import PATIENCE, wait_until


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly_and_the_next_start_goes_on(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch], number: signal.Signals
) -> None:
    world = serve_world("--head-start", "100", "--every", "0.2")
    wirewatch = reading(world)
    process = wirewatch.start("run")
    wait_until(lambda: bool(wirewatch.archived()), "the first article, so that it is amid the work")
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert "indexed" in out
    assert "Traceback" not in err
    assert "level=info" in err, "plain structured lines where nobody watches"

    again = wirewatch.start("run")
    wait_until(lambda: set(wirewatch.archived()) == world.expected("indexed"), "all articles")
    again.send_signal(number)
    again.communicate(timeout=PATIENCE)
    assert again.returncode == 0
    assert len(urls(wirewatch.search())) == len(set(urls(wirewatch.search())))


def test_search_status_and_feeds_work_beside_a_running_pipeline(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch]
) -> None:
    wirewatch = reading(serve_world("--head-start", "30", "--every", "0.2"))
    process = wirewatch.start("run")
    wait_until(lambda: len(wirewatch.archived()) >= 20, "20 articles")
    assert wirewatch.status()["articles"] >= 20
    second = wirewatch.run("run", "--once", code=2)
    assert "another wirewatch" in second.stderr
    listed = wirewatch.run("feeds", "list").stdout
    assert "ok" in listed
    process.terminate()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_a_feed_that_is_added_while_it_runs_is_polled(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch]
) -> None:
    wirewatch = reading(serve_world())
    everything = wirewatch.feeds.read_bytes()
    listed = wirewatch.lines("feeds", "list")
    for feed in listed[1:]:
        wirewatch.run("feeds", "remove", feed["url"])
    process = wirewatch.start("run")
    wait_until(lambda: len(wirewatch.archived()) >= 3, "the articles of one feed")
    few = len(wirewatch.archived())
    wirewatch.feeds.write_bytes(everything)
    wait_until(lambda: len(wirewatch.archived()) > few + 10, "the articles of the other feeds")
    process.terminate()
    process.communicate(timeout=PATIENCE)


def test_private_addresses_are_not_reached_unless_allowed(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch]
) -> None:
    wirewatch = reading(serve_world())
    wirewatch.config.write_text(wirewatch.config.read_text().replace("allow_private = ['127.0.0.0/8']", ""))
    refused = wirewatch.run("run", "--once", code=1).stdout
    assert "blocked" in refused or "not public" in refused
    assert wirewatch.archived() == []
    wirewatch.run("run", "--once", "--allow-private", "127.0.0.0/8")
    assert len(wirewatch.archived()) > 50
