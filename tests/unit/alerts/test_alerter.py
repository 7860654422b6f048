from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from samples.alerts import NOW, article, dark_definition, definition, source_state

from alerts.alerter import Alerter
from alerts.channels.definitions import BUILT_IN
from alerts.definitions import Definition, Definitions
from alerts.message import Alert, Coverage
from alerts.sources import SourceState
from alerts.state import Fired, Held, Judged, Record
from stream.stage import Forget, Topic

STATES = Topic("alert-states", Record, compacted=True)
HEARD = Coverage(2, 1, ("Radio",))


class World:
    """An alerter's surroundings, and its results as the log would hold them."""

    def __init__(self, *definitions: Definition) -> None:
        self.now = NOW
        self.records: dict[str, Any] = {}
        self.coverage: Callable[[], Coverage | None] = lambda: HEARD
        self.sources: list[SourceState] | None = []
        self.looks = 0
        self.define(*definitions)

    def define(self, *definitions: Definition) -> None:
        self.definitions = Definitions({one.name: one for one in definitions}, BUILT_IN)

    def heard(self) -> Coverage | None:
        return self.coverage()

    def linked(self, alert: Alert) -> Alert:
        return msgspec.structs.replace(alert, kibana=f"https://kibana.example/{alert.alert}")

    def look(self) -> list[SourceState] | None:
        self.looks += 1
        return self.sources

    def alerter(self) -> Alerter:
        made = Alerter(
            lambda: self.definitions,
            self.records.values,
            STATES,
            self.heard,
            self.look,
            self.linked,
            lambda: self.now,
        )
        made.reload()
        return made

    def write(self, results: Sequence[Any]) -> list[Alert]:
        for one in results:
            if isinstance(one, Forget):
                self.records.pop(one.key, None)
            elif not isinstance(one, Alert):
                self.records[one.key] = one
        return [one for one in results if isinstance(one, Alert)]


async def test_an_article_fires_each_alert_on_each_of_its_channels() -> None:
    world = World(
        definition("a", channels=["file", "stdout"]),
        definition("b", query="syria"),
        definition("c", query="x"),
    )
    told = world.write(await world.alerter()(article(story="s")))
    assert {one.key for one in told} == {"a|s|file", "a|s|stdout", "b|s|file"}
    assert told[0].coverage == HEARD
    assert told[0].kibana == "https://kibana.example/a"
    assert told[0].fired == NOW


async def test_judging_an_article_again_fires_nothing_even_after_a_restart() -> None:
    world = World(definition(first_in_story=False))
    alerter = world.alerter()
    assert world.write(await alerter(article()))
    assert not world.write(await alerter(article()))
    assert not world.write(await world.alerter()(article()))


async def test_a_crash_before_the_results_are_written_fires_the_same_again() -> None:
    world = World(definition())
    first = [one for one in await world.alerter()(article(story="s")) if isinstance(one, Alert)]
    again = world.write(await world.alerter()(article(story="s")))
    assert [one.key for one in again] == [one.key for one in first]


async def test_an_article_that_matches_nothing_is_judged_too() -> None:
    world = World(definition(query="nothing"))
    world.write(await world.alerter()(article()))
    assert [type(one) for one in world.records.values()] == [Judged]


async def test_alerts_come_and_go_while_it_runs() -> None:
    world = World()
    alerter = world.alerter()
    assert not world.write(await alerter(article(1)))
    world.define(definition("new"))
    assert [one.alert for one in world.write(await alerter(article(2)))] == ["new"]
    world.define()
    assert not world.write(await alerter(article(3)))


async def test_a_muted_alert_sends_nothing_then_or_later() -> None:
    world = World(definition(muted_until=NOW + timedelta(hours=1)))
    alerter = world.alerter()
    assert not world.write(await alerter(article(1)))
    world.now += timedelta(hours=2)
    assert not world.write(await alerter.tick())
    assert world.write(await alerter(article(2, seen=world.now)))


async def test_a_digest_is_sent_once_by_the_tick() -> None:
    world = World(definition(digest="hourly"))
    alerter = world.alerter()
    assert not world.write(await alerter(article(1)))
    world.now += timedelta(hours=1)
    (told,) = world.write(await alerter.tick())
    assert told.reason == "the hourly digest, 1 story"
    assert not world.write(await world.alerter().tick())
    assert [one.message for one in world.records.values() if isinstance(one, Fired)] == [
        told.mentions[0].story
    ]


async def test_a_silent_source_is_reported_once_by_the_tick_even_after_a_crash() -> None:
    world = World(dark_definition(channels=["file", "stdout"]))
    world.sources = [source_state()]
    lost = [one.key for one in await world.alerter().tick() if isinstance(one, Alert)]
    told = world.write(await world.alerter().tick())
    assert [one.key for one in told] == lost
    assert [one.channel for one in told] == ["file", "stdout"]
    assert (told[0].query, told[0].coverage) == ("", HEARD)
    assert not world.write(await world.alerter().tick())


async def test_sources_are_checked_once_a_minute_and_only_if_an_alert_is_about_them() -> None:
    world = World(definition())
    alerter = world.alerter()
    await alerter.tick()
    assert world.looks == 0
    world.define(dark_definition())
    world.sources = None  # the feed list is unknown at the moment
    for seconds, looks in ((30, 0), (31, 1), (30, 1), (31, 2)):
        world.now += timedelta(seconds=seconds)
        assert not world.write(await alerter.tick())
        assert world.looks == looks


async def test_no_article_fires_an_alert_about_sources() -> None:
    world = World(dark_definition())
    assert not world.write(await world.alerter()(article()))


async def test_unneeded_records_are_dropped() -> None:
    world = World(definition())
    alerter = world.alerter()
    world.write(await alerter(article()))
    assert len(world.records) == 3  # judged, fired, pace
    world.now += timedelta(days=40)
    world.write(await alerter.tick())
    assert [key.split("|")[0] for key in world.records] == ["pace"]


async def test_a_fault_leaves_the_state_as_it_was() -> None:
    world = World(definition("a", at_least=2), definition("b", digest="hourly"))
    alerter = world.alerter()
    world.write(await alerter(article(1)))
    world.now += timedelta(minutes=1)
    heard, world.coverage = world.coverage, broken
    with pytest.raises(ValueError, match="no list"):
        await alerter(article(2))
    world.coverage = heard
    told = world.write(await alerter(article(2)))
    assert [one.alert for one in told] == ["a"]
    assert len([one for one in world.records.values() if isinstance(one, Held)]) == 2


def broken() -> Coverage | None:
    raise ValueError("no list")


async def test_held_back_articles_and_a_new_silence_respect_the_throttle() -> None:
    world = World(dark_definition(throttle="30m"))
    alerter = world.alerter()
    for minutes, name, told in (
        (0, "A", ["A"]),
        (2, "B", []),
        (29, "C", ["B"]),
        (29, "D", []),
        (1, "E", ["C", "D"]),
    ):
        world.now += timedelta(minutes=minutes)
        world.sources = [source_state(name)]
        assert [one.source for alert in world.write(await alerter.tick()) for one in alert.mentions] == told


async def test_an_error_while_checking_sources_loses_nothing_held_back() -> None:
    world = World(definition(digest="hourly"), dark_definition())
    alerter = world.alerter()
    world.write(await alerter(article(1)))
    world.now += timedelta(hours=1)
    world.sources, world.coverage = [source_state()], broken
    with pytest.raises(ValueError, match="no list"):
        await alerter.tick()
    world.coverage = lambda: HEARD
    world.now += timedelta(minutes=1)
    assert [one.alert for one in world.write(await alerter.tick())] == ["talks", "dark"]
