"""Each stage as a process of its own, over one log: together they do what `wirewatch run` does."""

import json
import signal
import urllib.request
from collections.abc import Callable

from acceptance.command import PROCESSES, Wirewatch, World, urls
from servers.commands import Process
from servers.ports import free_port
from waiting import PATIENCE, wait_until


def test_separate_stages_do_what_they_do_together(
    serve_world: Callable[..., World],
    reading: Callable[[World], Wirewatch],
    processes: list[Process],
) -> None:
    world = serve_world("--head-start", "100", "--every", "0.2")
    wirewatch = reading(world)
    processes += [wirewatch.start(*names) for names in PROCESSES]
    wait_until(lambda: len(wirewatch.archived()) > 20, "twenty articles")
    processes[1].kill()  # one of the two fetchers: the other takes over its hosts
    wait_until(lambda: set(wirewatch.archived()) == world.expected("indexed"), "all articles")
    for process in processes[:1] + processes[2:]:
        process.send_signal(signal.SIGTERM)
    for process in processes[:1] + processes[2:]:
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err
    found = urls(wirewatch.search())
    assert len(found) == len(set(found))


def test_health_and_metrics_are_served_over_http(
    serve_world: Callable[..., World],
    reading: Callable[[World], Wirewatch],
    processes: list[Process],
) -> None:
    wirewatch = reading(serve_world())
    port = free_port()
    with wirewatch.config.open("a") as config:
        config.write(f"[service]\nport = {port}\n")
    processes.append(wirewatch.start("run"))

    def asked(path: str) -> dict[str, object] | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
                return json.load(answer)  # type: ignore[no-any-return]
        except OSError:
            return None

    wait_until(lambda: asked("/readyz") is not None, "readiness")
    report = asked("/healthz")
    assert report
    assert report["well"] is True
    assert report["stages"] == [
        "backfill",
        "fetch",
        "extract",
        "enrich",
        "reread",
        "relate",
        "index",
        "alert",
        "deliver",
    ]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
        assert b'wirewatch_stage_lag_messages{stage="index"}' in answer.read()
