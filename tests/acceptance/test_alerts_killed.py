"""Each story is reported once, despite kill -9, a channel that is down, and replays."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from acceptance.alerting import EVERYTHING, Receiver, fired, first_poll, is_over, with_alerts
from acceptance.command import Wirewatch, World
from waiting import wait_until

from query.article import prepare_enriched
from query.match import matches
from query.parse import parse
from stream.messages import Enriched, decode
from wirewatch.config import Paths, load
from wirewatch.topics import RELATED, open_log

LIVES = 4


def related(wirewatch: Wirewatch) -> Iterator[Enriched]:
    """The articles as the stage `alert` got them, in this order; some of them several times."""
    paths = Paths(data=wirewatch.data, feeds=wirewatch.feeds, topics=None)
    with open_log(load(wirewatch.config), paths) as log, log.consumer("test", RELATED.name) as consumer:
        while records := consumer.poll(1000, 0.1):
            yield from (decode(record.value, Enriched) for record in records)


def due(wirewatch: Wirewatch) -> set[str]:
    """The stories that an alert on everything reports, by the names that they had then: each once, also if it is merged with
    another or split later."""
    reported: set[str] = set()
    known: set[str] = set()
    judged: set[str] = set()
    query = parse(EVERYTHING)
    for one in related(wirewatch):
        known.update(change.story for change in one.regrouped if change.was in known)
        is_new = one.article.id not in judged and not one.article.backfill
        judged.add(one.article.id)
        if is_new and one.story not in known and matches(query, prepare_enriched(one)):
            known.add(one.story)
            reported.add(one.story)
    return reported


def test_each_story_is_reported_once_despite_kills_a_dead_channel_and_replays(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch], desk: Receiver
) -> None:
    wirewatch, port = first_poll(reading)
    with_alerts(wirewatch, desk)
    assert not desk.got, "a feed's backlog is no news"
    world = serve_world("--head-start", "60", "--every", "0.25", port=port)
    chance = random.Random(5)
    for life in range(LIVES):
        if life == 1:
            desk.close()
        if life == 3:
            desk.open()
        process, before = wirewatch.start("run"), fired(wirewatch)
        wait_until(lambda: fired(wirewatch) > before or is_over(world), "an alert")  # noqa: B023 - called at once
        time.sleep(chance.uniform(0.0, 1.0))  # at any moment: there is nothing to wait for
        assert process.poll() is None, process.communicate()
        process.kill()
        process.communicate()
    wait_until(lambda: is_over(world), "the last article")
    wirewatch.run("run", "--once")
    wirewatch.run("quarantine", "retry", "--stage", "deliver")
    wirewatch.run("run", "--once")

    firings: list[dict[str, Any]] = wirewatch.ask("alerts", "history")["firings"]
    assert firings == wirewatch.lines("alerts", "history")
    stories = {one["story"] for one in firings if one["alert"] == "Everything"}
    assert stories == due(wirewatch)
    assert len(stories) > 10
    told = Counter(desk.keys())
    assert {key.split("|")[1] for key in told if key.startswith("Everything")} == stories
    # Sent again only if a kill came between sending and recording: with the same key. How many that are is chance.
    assert max(told.values()) <= 1 + LIVES
    assert sum(told.values()) - len(told) < len(told) / 2
    assert any(one["also"] for one in firings), "a story that several outlets carried"
    assert all(at for one in firings for at in one["delivered"].values())

    before = len(desk.got), (wirewatch.data / "alerts.jsonl").read_bytes()
    for stage in ("fetch", "index"):  # the longest path and the shortest
        wirewatch.run("replay", "--from", stage)
    assert (len(desk.got), (wirewatch.data / "alerts.jsonl").read_bytes()) == before
