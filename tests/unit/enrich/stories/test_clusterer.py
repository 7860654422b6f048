import random
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from demo.world import bundled
from enrich.stories.clusterer import Placed, Stories
from enrich.stories.state import Told

NOW = datetime(2026, 3, 14, tzinfo=UTC)
KEEP = timedelta(days=3)
LATER = NOW + KEEP + timedelta(hours=1)


def words(seed: int, number: int = 100) -> list[str]:
    chosen = random.Random(seed)
    return [f"w{chosen.randrange(3000)}" for _ in range(number)]


def text(seed: int) -> str:
    return " ".join(words(seed))


def copied(stories: Stories, key: str, body: str, seen: datetime = NOW) -> Placed:
    return stories.place(key, "", "", body, seen)


def told(stories: Stories, key: str, title: str, lead: str = "", seen: datetime = NOW) -> str:
    return stories.place(key, title, lead, lead, seen).story


def test_the_demo_worlds_wire_stories_are_found_as_copies_and_nothing_else() -> None:
    stories, carried = Stories(KEEP, 1000), {}
    for article in bundled().articles:
        whole = "\n".join(block.text for block in article.blocks)
        key = f"{article.outlet.key}/{article.slug}"
        placed = stories.place(key, article.title, whole[:1000], whole, NOW)
        carried.setdefault(placed.copies, []).append(key)
    several = [found for found in carried.values() if len(found) > 1]
    assert len(several) == 8
    assert sum(map(len, several)) == 26


def test_small_edits_make_copies_and_the_first_article_names_them() -> None:
    stories, original = Stories(KEEP, 100), words(1)
    assert copied(stories, "a", " ".join(original)).copies == "a"
    edited = [word if number % 25 else "other" for number, word in enumerate(original)]
    assert copied(stories, "b", " ".join(original[:70])).copies == "a"
    assert copied(stories, "c", " ".join(edited)).copies == "a"
    assert copied(stories, "d", text(2)).copies == "d"


def test_copies_are_one_story() -> None:
    stories = Stories(KEEP, 100)
    copied(stories, "a", text(1))
    assert copied(stories, "b", text(1)).story == "a"


def test_own_reports_of_one_event_are_one_story_but_not_copies() -> None:
    stories = Stories(KEEP, 100)
    assert told(stories, "a", "Ferry sinks off Zamboanga, 40 missing", "The Lady Mirela capsized.") == "a"
    second = "Coast guard searches for survivors of the Lady Mirela, the ferry that sank off Zamboanga."
    placed = stories.place("b", "Dozens missing as ferry Lady Mirela goes down", second, second, NOW)
    assert (placed.story, placed.copies) == ("a", "b")
    assert (
        told(stories, "c", "Volcano closes the airport of Catania", "Ash from Etna grounds flights.") == "c"
    )


def test_reports_weeks_apart_are_two_stories_though_they_are_found_at_once() -> None:
    stories, lead = Stories(KEEP, 100), "The Lady Mirela capsized off Zamboanga with 40 people."
    for key, time in (("a", NOW - timedelta(days=30)), ("b", NOW - timedelta(days=29)), ("c", NOW)):
        stories.place(key, "Ferry Lady Mirela sinks off Zamboanga", lead, "", NOW, time)
    found = {key: stories.place(key, "", "", "", NOW).story for key in "abc"}
    assert found == {"a": "a", "b": "a", "c": "c"}


def test_a_date_beyond_all_bounds_begins_a_story() -> None:
    stories = Stories(KEEP, 100)
    told(stories, "a", "Ferry Lady Mirela sinks", "It capsized off Zamboanga.")
    for key, year in (("b", 1), ("c", 9999)):
        when = datetime(year, 6, 1, tzinfo=UTC)
        assert (
            stories.place(key, "Ferry Lady Mirela sinks", "It capsized off Zamboanga.", "", NOW, when).story
            == key
        )


def test_reports_in_two_languages_are_one_story_and_other_news_of_the_country_is_not() -> None:
    stories = Stories(KEEP, 100)

    def story(key: str, title: str, lead: str, language: str) -> str:
        return stories.place(key, title, lead, lead, NOW, language=language).story

    story("a", "Ferry Lady Mirela sinks off Zamboanga, 40 missing", "The ferry capsized on Monday.", "en")
    lead = "La nave volcó el lunes frente a la costa de Zamboanga."
    assert story("b", "Se hunde el transbordador Lady Mirela: 40 desaparecidos", lead, "es") == "a"
    lead = "In Zamboanga demonstrieren Lehrer für mehr Lohn."
    assert story("c", "Tausende Lehrer protestieren in Zamboanga", lead, "de") == "c"
    assert story("d", "Лайнер «Lady Mirela»: паром затонул у Замбоанги", "Пропали 40 человек.", "ru") == "a"


def test_two_events_in_one_country_are_two_stories() -> None:
    stories = Stories(KEEP, 100)
    told(stories, "a", "France: farmers block motorways over milk prices", "Tractors stood near Lyon.")
    assert (
        told(stories, "b", "France beat Wales in the rugby", "A late try decided the game in Cardiff.") == "b"
    )


def test_an_article_keeps_its_story_when_it_comes_again() -> None:
    stories = Stories(KEEP, 100)
    copied(stories, "a", text(1))
    copied(stories, "b", text(1))
    again = copied(stories, "b", text(9), NOW + KEEP)
    assert (again.story, again.told) == ("a", None)


def test_short_texts_are_not_copies() -> None:
    stories = Stories(KEEP, 100)
    for key in "abc":
        assert copied(stories, key, "Subscribe to read on").copies == key
        assert copied(stories, f"{key}-", "").copies == f"{key}-"


def test_what_is_too_old_or_too_much_is_forgotten() -> None:
    stories = Stories(KEEP, 10)
    copied(stories, "old", text(0))
    assert copied(stories, "new", text(0), LATER).gone == ["old"]
    for number in range(1, 40):
        copied(stories, f"a{number}", text(number), LATER)
    assert len(stories) == 10
    assert copied(stories, "again", text(0), LATER).copies == "again"


def test_forgetting_goes_on_over_many_more_articles_than_fit() -> None:
    stories, keys = Stories(KEEP, 300), set()
    for number in range(2500):
        keys.add(f"a{number}")
        keys -= set(copied(stories, f"a{number}", text(number % 299)).gone)
    assert len(stories) == len(keys) == 300
    assert copied(stories, "z", text(5)).copies.startswith("a")


def test_a_story_keeps_its_name_after_its_first_article_is_forgotten() -> None:
    stories = Stories(KEEP, 3000)
    for number in range(2500):
        seen = NOW + number * timedelta(hours=1)
        assert copied(stories, f"a{number}", text(1), seen).copies == "a0"


def test_remembered_articles_are_loaded_again() -> None:
    stories = Stories(KEEP, 100)
    ferry = "Ferry Lady Mirela sinks off Zamboanga"
    known = [copied(stories, "a", text(1)), copied(stories, "b", text(2)), copied(stories, "c", text(1))]
    known.append(stories.place("d", ferry, "", "", NOW))
    restarted = Stories(KEEP, 100, [one.told for one in known if one.told])
    assert copied(restarted, "e", text(1)).copies == "a"
    assert copied(restarted, "b", text(1)).told is None
    assert told(restarted, "f", f"{ferry}, 40 missing") == "d"


def test_a_restart_without_the_first_article_keeps_the_name_of_the_story() -> None:
    stories = Stories(KEEP, 100)
    copied(stories, "a", text(1))
    second = copied(stories, "b", text(1)).told
    assert second is not None
    restarted = Stories(KEEP, 100, [second])
    assert copied(restarted, "c", text(1)).copies == "a"


def test_what_an_older_version_remembered_still_counts() -> None:
    """It wrote signatures of 128 bytes, and nothing to find them by; this is that of `text(1)`."""
    old = Told(key="a", story="a", seen=NOW, signature=bytes.fromhex(OLD))
    stories = Stories(KEEP, 100, [old])
    assert copied(stories, "b", text(1)).copies == "a"
    assert copied(stories, "c", text(2)).copies == "c"


OLD = (
    "bf2ed345da668ac4b1a780f4065352a29c0c6dd00068595410b2c982bcb667b721432319c55402224c2f1fccae7bb537"
    "e448cbb28027bf3c6bc4ff4b90b6c3b8698e1b3c3475991b6e2715a15ab27a115283ef1102d51226b21a4a641b9d42d7"
    "4ec084326c6f0e48e1881c188603c5fd0210d394ef3b40e559d2ed518418867b"
)


def test_a_state_is_taken_up_with_what_was_merged_and_split_since() -> None:
    before = Stories(KEEP, 100)
    known = [copied(before, key, text(seed)).told for key, seed in (("a", 1), ("b", 2), ("c", 1))]
    after = Stories(KEEP, 100, state=before.state())
    assert len(after) == len(known) == 3
    after.follow({"c": "c"})  # it was split off
    late = copied(Stories(KEEP, 100), "d", text(1)).told
    assert late is not None
    after.take_up([msgspec.structs.replace(late, story="c")])
    found = {key: after.place(key, "", "", "", NOW).story for key in "abcd"}
    assert found == {"a": "a", "b": "b", "c": "c", "d": "c"}
    after.follow({"c": "b", "d": "b"})
    assert {after.place(key, "", "", "", NOW).story for key in "bcd"} == {"b"}


@pytest.mark.parametrize("seed", [0, 4])
def test_the_archive_that_follows_the_messages_agrees_with_the_memory_through_restarts(seed: int) -> None:
    chance, stories = random.Random(seed), Stories(KEEP, 1000)
    archive: dict[str, str] = {}
    records: dict[str, Told] = {}
    articles = chance.sample(bundled().articles, k=len(bundled().articles))
    for number, article in enumerate(articles):
        key, whole = f"{article.outlet.key}/{article.slug}", "\n".join(block.text for block in article.blocks)
        seen = NOW + timedelta(seconds=number + chance.randrange(20))  # not quite in the order of arrival
        placed = stories.place(
            key, article.title, whole[:1000], whole, seen, article.published, article.outlet.language
        )
        archive[key] = placed.story
        for change in placed.regrouped:
            assert change.was != change.story
            archive |= {one: change.story for one, story in archive.items() if change.moves(one, story)}
        records |= {key: placed.told} if placed.told else {}
        records |= {one: msgspec.structs.replace(records[one], story=to) for one, to in placed.moved.items()}
        if chance.random() < 0.06:
            stories = Stories(KEEP, 1000, records.values())
    assert archive == {key: stories.place(key, "", "", "", NOW).story for key in archive}
