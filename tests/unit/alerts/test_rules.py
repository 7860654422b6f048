from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.alerts import NOW, article, definition, mention, restarted

from alerts import pacing, rules
from alerts.decision import Decision, Firing, apply
from alerts.definitions import Definition
from alerts.state import Judged, State, Watermark

MINUTE = timedelta(minutes=1)


def fire(
    wanted: Definition, state: State, numbers: list[int], at: datetime = NOW, **fields: str
) -> list[Firing]:
    return [
        one for n in numbers for one in done(rules.consider(wanted, mention(n, **fields), state, at), state)
    ]


def done(decision: Decision, state: State) -> list[Firing]:
    """Apply a decision to the state; returns its firings."""
    apply(decision, state)
    return list(decision.firings)


def tick(wanted: Definition, state: State, at: datetime) -> list[Firing]:
    return done(pacing.release({wanted.name: wanted}, state, at), state)


class TestIsNews:
    def test_an_article_is_news_once(self) -> None:
        state = State()
        assert rules.is_news(article(), state, NOW)
        apply(rules.note(article()), state)
        assert not rules.is_news(article(), state, NOW)

    def test_a_feeds_backlog_is_not_news(self) -> None:
        assert not rules.is_news(article(backfill=True), State(), NOW)

    def test_what_was_seen_days_ago_is_a_replay(self) -> None:
        assert not rules.is_news(article(seen=NOW - timedelta(days=3) - MINUTE), State(), NOW)
        assert rules.is_news(article(seen=NOW - timedelta(days=3)), State(), NOW)

    def test_what_was_seen_before_alerts_began_is_not_news(self) -> None:
        state = State([Watermark(since=NOW)])
        assert not rules.is_news(article(seen=NOW - MINUTE), state, NOW)
        assert rules.is_news(article(seen=NOW), state, NOW)

    def test_a_clock_that_was_set_back_silences_nobody(self) -> None:
        assert rules.is_news(article(seen=NOW), State(), NOW - timedelta(days=10))


class TestWants:
    def test_both_source_and_language_must_match(self) -> None:
        wanted = definition(sources=["HERALD"], languages=["en"])
        assert rules.wants(wanted, article(source="Herald"))
        assert not rules.wants(wanted, article(source="Courier"))
        assert not rules.wants(definition(languages=["de"]), article())

    def test_by_default_all_are_wanted(self) -> None:
        assert rules.wants(definition(), article())
        assert rules.wants(definition(languages=["en"]), article())
        assert rules.wants(definition(sources=["herald"]), article())


class TestStories:
    def test_a_story_is_reported_once_whoever_carries_it(self) -> None:
        state = State()
        told = fire(definition(), state, [1, 2, 3], story="s")
        assert [one.mentions[0].article for one in told] == [f"{1:032x}"]
        assert state.fired["talks", "s"].also == 2

    def test_even_after_a_crash(self) -> None:
        state = State()
        fire(definition(), state, [1], story="s")
        assert fire(definition(), restarted(state), [2], story="s") == []

    def test_each_article_if_the_alert_wants_it(self) -> None:
        assert len(fire(definition(first_in_story=False), State(), [1, 2, 3], story="s")) == 3

    def test_the_reason_says_what_was_reported(self) -> None:
        (first,) = fire(definition(), State(), [1])
        (each,) = fire(definition(first_in_story=False), State(), [1])
        assert (first.reason, each.reason) == ("the first article of its story", "an article matches")

    def test_a_story_is_forgotten_thirty_days_after_its_last_article(self) -> None:
        state, wanted, month = State(), definition(), timedelta(days=30)
        fire(wanted, state, [1], story="s")
        assert rules.forget({"talks": wanted}, state, NOW + month).dropped == ()
        assert rules.forget({"talks": wanted}, state, NOW + month + MINUTE).dropped == (
            state.fired["talks", "s"],
        )

    def test_reported_stories_are_known(self) -> None:
        state = State()
        fire(definition(), state, [1], story="s")
        assert rules.was_told(definition(), mention(2, story="s"), state)
        assert not rules.was_told(definition(), mention(2, story="t"), state)
        assert not rules.was_told(definition("other"), mention(2, story="s"), state)

    def test_one_alert_knows_nothing_of_another(self) -> None:
        state = State()
        assert (
            len(fire(definition("a"), state, [1], story="s") + fire(definition("b"), state, [2], story="s"))
            == 2
        )

    def test_a_story_that_lives_on_is_remembered_and_a_dead_one_forgotten(self) -> None:
        state, wanted, day = State(), definition(), timedelta(days=1)
        fire(wanted, state, [1], story="s")
        fire(wanted, state, [2], at=NOW + 20 * day, story="s")
        apply(rules.forget({"talks": wanted}, state, NOW + 40 * day), state)
        assert fire(wanted, state, [3], at=NOW + 40 * day, story="s") == []
        apply(rules.forget({"talks": wanted}, state, NOW + 80 * day), state)
        assert not state.fired


class TestAtLeast:
    def test_enough_articles_within_the_time(self) -> None:
        wanted, state = definition(at_least=3, within="10m"), State()
        assert fire(wanted, state, [1]) == []
        assert fire(wanted, state, [2], at=NOW + 11 * MINUTE) == []  # the first is too old now
        assert fire(wanted, state, [3], at=NOW + 12 * MINUTE) == []
        (told,) = fire(wanted, state, [4], at=NOW + 13 * MINUTE)
        assert [one.article[-1] for one in told.mentions] == ["2", "3", "4"]
        assert told.reason == "3 articles within 10 minutes"

    def test_it_takes_as_many_again_for_the_next(self) -> None:
        wanted, state = definition(at_least=2), State()
        assert [len(fire(wanted, state, [n])) for n in range(1, 7)] == [0, 1, 0, 1, 0, 1]

    def test_outlets_are_counted_once(self) -> None:
        wanted, state = definition(at_least=2, of="outlets", same_story=False), State()
        assert fire(wanted, state, [1, 2, 3], source="Herald") == []
        (told,) = fire(wanted, state, [4], source="Courier")
        assert told.reason == "2 outlets within 1 hour"

    def test_the_same_article_counts_once(self) -> None:
        assert fire(definition(at_least=2), State(), [1, 1, 1]) == []

    def test_every_story_in_the_message_counts_as_reported(self) -> None:
        wanted, state = definition(at_least=2), State()
        fire(wanted, state, [1], story="a")
        fire(wanted, state, [2], story="b")
        assert {story for _, story in state.fired} == {"a", "b"}
        assert {one.message for one in state.fired.values()} == {"a"}

    def test_what_is_too_old_no_longer_counts(self) -> None:
        wanted, state = definition(at_least=2, within="10m"), State()
        fire(wanted, state, [1])
        fire(wanted, state, [2], at=NOW + 11 * MINUTE)
        assert [key[-1] for key in state.counted["talks"]] == ["2"]
        assert len(fire(wanted, state, [3], at=NOW + 21 * MINUTE)) == 1

    def test_outlets_are_those_of_one_story(self) -> None:
        wanted, state = definition(at_least=2, of="outlets", within="2h"), State()
        assert fire(wanted, state, [1], story="a", source="Herald") == []
        assert fire(wanted, state, [2], story="b", source="Courier") == []
        assert fire(wanted, state, [3], story="a", source="Herald") == []
        (told,) = fire(wanted, state, [4], story="a", source="Radio")
        assert [one.article[-1] for one in told.mentions] == ["1", "3", "4"]
        assert told.reason == "2 outlets with the same story within 2 hours"
        assert [one.mention.story for one in state.counted["talks"].values()] == ["b"], (
            "the other story counts on"
        )
        assert fire(wanted, state, [5], story="a", source="Voice") == [], "the story was told"
        assert len(fire(wanted, state, [6], story="b", source="Voice")) == 1

    def test_outlets_of_different_stories_count_together_if_the_alert_wants_it(self) -> None:
        wanted, state = definition(at_least=2, of="outlets", same_story=False), State()
        assert fire(wanted, state, [1], story="a", source="Herald") == []
        (told,) = fire(wanted, state, [2], story="b", source="Courier")
        assert told.reason == "2 outlets within 1 hour"

    def test_counting_survives_a_crash(self) -> None:
        wanted, state = definition(at_least=2), State()
        fire(wanted, state, [1])
        assert len(fire(wanted, restarted(state), [2])) == 1


class TestHolding:
    def test_a_throttle_holds_back_and_then_sends_all(self) -> None:
        wanted, state = definition(throttle="30m"), State()
        assert len(fire(wanted, state, [1])) == 1
        assert fire(wanted, state, [2, 3], at=NOW + MINUTE) == []
        assert tick(wanted, state, NOW + 29 * MINUTE) == []
        state = restarted(state)
        (told,) = tick(wanted, state, NOW + 30 * MINUTE)
        assert [one.article[-1] for one in told.mentions] == ["2", "3"]
        assert told.reason == "held-back articles, 2 stories"
        assert tick(wanted, state, NOW + 60 * MINUTE) == []

    def test_a_clock_that_jumps_back_delays_by_one_throttle_at_most(self) -> None:
        wanted, state, day = definition(throttle="30m"), State(), timedelta(days=1)
        fire(wanted, state, [1], at=NOW + day)
        assert fire(wanted, state, [2], at=NOW) == []
        assert tick(wanted, state, NOW + 29 * MINUTE) == []
        assert len(tick(wanted, state, NOW + 31 * MINUTE)) == 1

    def test_a_clock_that_jumps_back_while_something_is_held(self) -> None:
        wanted, state, day = definition(throttle="30m"), State(), timedelta(days=1)
        fire(wanted, state, [1, 2], at=NOW + day)
        assert tick(wanted, state, NOW) == []
        assert len(tick(wanted, state, NOW + 31 * MINUTE)) == 1

    def test_quiet_hours_end_with_one_message(self) -> None:
        wanted, state = definition(quiet="22:00-06:00", zone="Europe/Berlin"), State()
        night = datetime(2026, 3, 14, 23, 0, tzinfo=UTC)
        assert fire(wanted, state, [1, 2], at=night) == []
        morning = datetime(2026, 3, 15, 5, 0, tzinfo=UTC)  # six o'clock in Berlin
        assert tick(wanted, state, morning - MINUTE) == []
        (told,) = tick(wanted, state, morning)
        assert len(told.mentions) == 2
        assert len(fire(wanted, state, [3], at=morning + MINUTE)) == 1

    def test_an_hourly_digest_comes_at_the_full_hour(self) -> None:
        wanted, state = definition(digest="hourly"), State()
        assert fire(wanted, state, [1, 2], at=NOW + 5 * MINUTE) == []
        assert tick(wanted, state, NOW + 59 * MINUTE) == []
        (told,) = tick(wanted, state, NOW + 60 * MINUTE)
        assert told.reason == "the hourly digest, 2 stories"
        assert tick(wanted, state, NOW + 120 * MINUTE) == []

    def test_a_daily_digest_comes_at_its_time(self) -> None:
        wanted, state = definition(digest="daily", digest_at="08:30"), State()
        fire(wanted, state, [1])
        assert tick(wanted, state, datetime(2026, 3, 15, 8, 29, tzinfo=UTC)) == []
        assert len(tick(wanted, state, datetime(2026, 3, 15, 8, 30, tzinfo=UTC))) == 1

    @pytest.mark.parametrize(("throttle", "next_one"), [("10m", 120), ("90m", 150)])
    def test_of_digest_and_throttle_the_later_one_wins(self, throttle: str, next_one: int) -> None:
        wanted, state = definition(digest="hourly", throttle=throttle), State()
        fire(wanted, state, [1])
        assert len(tick(wanted, state, NOW + 60 * MINUTE)) == 1
        fire(wanted, state, [2], at=NOW + 65 * MINUTE)
        assert tick(wanted, state, NOW + (next_one - 1) * MINUTE) == []
        assert len(tick(wanted, state, NOW + next_one * MINUTE)) == 1

    def test_a_long_digest_names_twenty_and_counts_the_rest(self) -> None:
        wanted, state = definition(digest="hourly"), State()
        fire(wanted, state, list(range(1, 51)))
        (told,) = tick(wanted, state, NOW + timedelta(hours=2))
        assert (len(told.mentions), told.more) == (20, 30)

    def test_new_articles_do_not_overtake_held_back_ones(self) -> None:
        wanted, state = definition(throttle="30m"), State()
        fire(wanted, state, [1])
        fire(wanted, state, [2], at=NOW + MINUTE)
        assert fire(wanted, state, [3], at=NOW + 31 * MINUTE) == []
        (told,) = tick(wanted, state, NOW + 31 * MINUTE)
        assert [one.article[-1] for one in told.mentions] == ["2", "3"]

    def test_the_limit_on_held_back_articles_is_exact(self) -> None:
        wanted, state = definition(digest="daily"), State()
        assert fire(wanted, state, list(range(1, 1_001))) == []
        (told,) = fire(wanted, state, [0])
        assert (len(told.mentions) + told.more, len(state.held["talks"])) == (1_001, 0)
        assert all(one.message == told.story for one in state.fired.values())

    def test_what_is_held_is_bounded_and_nothing_is_lost(self) -> None:
        wanted, state = definition(digest="daily"), State()
        told = fire(wanted, state, list(range(1, pacing.MOST_HELD + 11)))
        told += tick(wanted, state, NOW + timedelta(days=2))
        assert sum(len(one.mentions) + one.more for one in told) == pacing.MOST_HELD + 10
        assert len(told) == 2

    def test_a_removed_alert_holds_nothing(self) -> None:
        wanted, state = definition(digest="daily"), State()
        fire(wanted, state, [1])
        assert done(pacing.release({}, state, NOW), state) == []
        assert not state.held["talks"]


class TestMuting:
    def test_for_good_or_for_a_while(self) -> None:
        assert pacing.is_muted(definition(muted=True), NOW)
        assert pacing.is_muted(definition(muted_until=NOW + MINUTE), NOW)
        assert not pacing.is_muted(definition(muted_until=NOW), NOW)

    def test_held_back_articles_wait_for_the_end_of_the_mute(self) -> None:
        wanted, state = definition(digest="hourly"), State()
        fire(wanted, state, [1])
        later = NOW + timedelta(hours=2)
        assert tick(definition(digest="hourly", muted=True), state, later) == []
        assert len(tick(wanted, state, later)) == 1


@given(
    steps=st.lists(st.tuples(st.integers(1, 12), st.integers(-90, 90), st.booleans()), max_size=40),
    throttle=st.sampled_from(["", "30m"]),
    digest=st.sampled_from(["", "hourly"]),
)
def test_each_story_is_reported_exactly_once_whatever_the_clock_and_crashes_do(
    steps: list[tuple[int, int, bool]], throttle: str, digest: str
) -> None:
    wanted, now = definition(throttle=throttle, digest=digest), NOW
    state, told = State(), []
    for number, minutes, crashes in steps:
        now += minutes * MINUTE
        told += fire(wanted, state, [number], at=now, story=f"s{number % 4}")
        told += tick(wanted, state, now)
        state = restarted(state) if crashes else state
    told += tick(wanted, state, now + timedelta(days=2))
    stories = [one.story for firing in told for one in firing.mentions]
    assert sorted(stories) == sorted({f"s{number % 4}" for number, _, _ in steps})


def test_forgetting_keeps_what_still_counts() -> None:
    wanted, state = definition(at_least=5, within="1d"), State()
    fire(wanted, state, [1])
    state.put(Judged(article="x", seen=NOW))
    day = timedelta(days=1)
    apply(rules.forget({"talks": wanted}, state, NOW + day), state)
    assert state.counted["talks"]
    apply(rules.forget({"talks": wanted}, state, NOW + day + MINUTE), state)
    assert not state.counted["talks"]
    apply(rules.forget({"talks": wanted}, state, NOW + 3 * day), state)
    assert state.judged
    apply(rules.forget({"talks": wanted}, state, NOW + 3 * day + MINUTE), state)
    assert not state.judged


@pytest.mark.parametrize("kind", ["articles", "outlets"])
def test_nothing_fires_for_what_does_not_match_enough(kind: str) -> None:
    assert fire(definition(at_least=1000, of=kind), State(), list(range(1, 100))) == []


@pytest.mark.parametrize(
    ("zone", "night", "twice"),
    [
        ("Europe/Berlin", datetime(2026, 10, 24, 12, 0, tzinfo=UTC), "02:30"),
        ("America/New_York", datetime(2026, 10, 31, 12, 0, tzinfo=UTC), "01:30"),
    ],
)
def test_the_night_with_the_hour_that_comes_twice_has_one_digest(
    zone: str, night: datetime, twice: str
) -> None:
    wanted, state, told = definition(digest="daily", digest_at=twice, zone=zone), State(), []
    for number in range(24 * 6):  # an article every ten minutes
        now = night + number * 10 * MINUTE
        told += fire(wanted, state, [number], at=now) + tick(wanted, state, now)
    assert [one.reason for one in told] == [
        f"the daily digest, {len(told[0].mentions) + told[0].more} stories"
    ]
