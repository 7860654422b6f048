from datetime import timedelta

from samples.alerts import NOW, article, definition

from alerts.backtest import backtest

DAY = timedelta(days=1)


def test_a_day_at_a_time_by_the_rules_that_alerts_fire_by() -> None:
    found = [
        (NOW, article(1, story="a")),
        (NOW, article(2, story="a")),
        (NOW + 2 * DAY, article(3, story="a")),
        (NOW + 2 * DAY, article(4, story="b")),
    ]
    report = backtest(definition(), found, NOW, NOW + 3 * DAY)
    assert [(day.articles, day.stories, day.messages) for day in report.days] == [
        (2, 1, 1),
        (0, 0, 0),
        (2, 1, 1),
        (0, 0, 0),
    ]
    assert (report.articles, report.stories, report.messages, report.messages_a_day) == (4, 2, 2, 0.5)
    assert [sample.mentions[0].article[-1] for sample in report.samples] == ["4", "1"]


def test_conditions_count() -> None:
    found = [(NOW, article(n)) for n in range(1, 7)]
    assert backtest(definition(at_least=3), found, NOW, NOW).messages == 2
    assert backtest(definition(sources=["Courier"]), found, NOW, NOW).articles == 0
    assert backtest(definition(muted=True), found, NOW, NOW).messages == 6


def test_outlets_of_one_story_are_counted_as_live() -> None:
    stories = [
        ("a", "Herald"),
        ("b", "Courier"),
        ("a", "Radio"),
        ("c", "Voice"),
        ("b", "Radio"),
        ("b", "Voice"),
    ]
    found = [(NOW, article(n, story=story, source=source)) for n, (story, source) in enumerate(stories, 1)]
    any_story = definition(at_least=2, of="outlets", same_story=False)
    assert backtest(any_story, found, NOW, NOW).messages == 1
    same = backtest(definition(at_least=2, of="outlets"), found, NOW, NOW)
    assert [sample.story for sample in same.samples] == ["b", "a"]


def test_digests_and_throttles_are_released_when_they_come_due() -> None:
    found = [(NOW + timedelta(hours=hour), article(hour + 1)) for hour in range(30)]
    report = backtest(definition(digest="daily"), found, NOW, NOW + 3 * DAY)
    assert [day.messages for day in report.days] == [0, 1, 1, 0]
    throttled = backtest(definition(throttle="6h"), found, NOW, NOW + 3 * DAY)
    assert throttled.messages == 6
    assert sum(day.messages for day in throttled.days) == 6


def test_an_old_archive_is_as_good_as_a_new_one() -> None:
    found = [(NOW - 4000 * DAY, article(1, seen=NOW)), (NOW - 3999 * DAY, article(2, seen=NOW))]
    assert backtest(definition(), found, NOW - 4000 * DAY, NOW - 3999 * DAY).messages == 2
