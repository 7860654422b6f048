"""The stages apart, over a real Kafka and a real Elasticsearch; some of them killed amid the work."""

import signal
import subprocess
from collections.abc import Callable

from conftest import PROCESSES, Wirewatch, World, urls, wait_until


def test_every_article_is_found_once_though_stages_are_killed(
    serve_world: Callable[..., World],
    reading: Callable[[World], Wirewatch],
    processes: list["subprocess.Popen[str]"],
    kafka: str,
    elasticsearch: str,
) -> None:
    world = serve_world("--head-start", "40", "--every", "0.7")
    wirewatch = reading(world)
    with wirewatch.config.open("a") as config:
        config.write(
            f"[kafka]\nbootstrap_servers = '{kafka}'\nprefix = 'scaleout-{world.port}.'\npartitions = 4\n"
            f"[elasticsearch]\nhosts = ['{elasticsearch}']\nprefix = 'scaleout-{world.port}'\n"
        )
    wirewatch.run("setup")
    processes += [wirewatch.start(*names) for names in PROCESSES]
    wait_until(lambda: len(wirewatch.search()) > 15, 90, "fifteen articles")
    for number in (1, 3, 4):
        processes[number].kill()
    processes += [wirewatch.start("extract", "enrich"), wirewatch.start("relate", "index")]
    wait_until(lambda: set(urls(wirewatch.search())) == world.expected("indexed"), 150, "all articles")

    found = urls(wirewatch.search())
    assert len(found) == len(set(found)), "an article was indexed twice"
    wait_until(
        lambda: all(stage["lag"] == 0 for stage in wirewatch.status()["stages"]), 30, "nothing left to do"
    )
    status = wirewatch.status()
    assert sum(pile["count"] for pile in status["quarantine"]) == len(world.expected("quarantined"))
    assert wirewatch.run("show", wirewatch.search('"peace talks"')[0]["id"]).stdout
    alive = [process for process in processes if process.poll() is None]
    assert len(alive) == 5
    for process in alive:
        process.send_signal(signal.SIGTERM)
    for process in alive:
        _, err = process.communicate(timeout=15)
        assert process.returncode == 0, err
