"""`wirewatch run` as a long-lived process: signals, restarts, and other commands meanwhile."""

import signal
import time
from collections.abc import Callable

import pytest
from acceptance.command import Wirewatch, World, urls, wait_until


def found(wirewatch: Wirewatch) -> int:
    return len(wirewatch.search()) if (wirewatch.data / "index").exists() else 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly_and_the_next_start_goes_on(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch], number: signal.Signals
) -> None:
    world = serve_world("--head-start", "40", "--every", "0.4")
    wirewatch = reading(world)
    process = wirewatch.start("run")
    wait_until((wirewatch.data / "log.sqlite").exists, 30, "its beginning")
    time.sleep(2)
    before = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert time.monotonic() - before < 10
    assert process.returncode == 0, err
    assert "indexed" in out
    assert "Traceback" not in err
    assert "level=info" in err, "plain structured lines where nobody watches"

    again = wirewatch.start("run")
    wait_until(lambda: set(urls(wirewatch.search())) == world.expected("indexed"), 60, "all articles")
    again.send_signal(number)
    again.communicate(timeout=10)
    assert again.returncode == 0
    assert len(urls(wirewatch.search())) == len(set(urls(wirewatch.search())))


def test_search_status_and_feeds_work_beside_a_running_pipeline(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch]
) -> None:
    wirewatch = reading(serve_world("--head-start", "30", "--every", "0.5"))
    process = wirewatch.start("run")
    wait_until(lambda: found(wirewatch) >= 20, 40, "20 articles")
    assert wirewatch.status()["articles"] >= 20
    second = wirewatch.run("run", "--once", code=2)
    assert "another wirewatch" in second.stderr
    listed = wirewatch.run("feeds", "list").stdout
    assert "ok" in listed
    process.terminate()
    process.communicate(timeout=10)
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
    wait_until(lambda: found(wirewatch) >= 3, 40, "the articles of one feed")
    few = found(wirewatch)
    wirewatch.feeds.write_bytes(everything)
    wait_until(lambda: found(wirewatch) > few + 10, 40, "the articles of the other feeds")
    process.terminate()
    process.communicate(timeout=10)


def test_private_addresses_are_not_reached_unless_allowed(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch]
) -> None:
    wirewatch = reading(serve_world())
    wirewatch.config.write_text(wirewatch.config.read_text().replace("allow_private = ['127.0.0.0/8']", ""))
    refused = wirewatch.run("run", "--once").stdout
    assert "blocked" in refused or "not public" in refused
    assert found(wirewatch) == 0
    wirewatch.run("run", "--once", "--allow-private", "127.0.0.0/8", seconds=90)
    assert found(wirewatch) > 50
