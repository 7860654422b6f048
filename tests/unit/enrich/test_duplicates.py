import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from demo.world import bundled
from enrich.duplicates import PLACES, Stories, signature_of

NOW = datetime(2026, 3, 14, tzinfo=UTC)
KEEP = timedelta(days=3)


def words(seed: int, number: int = 100) -> list[str]:
    chosen = random.Random(seed)
    return [f"w{chosen.randrange(3000)}" for _ in range(number)]


def text(seed: int) -> str:
    return " ".join(words(seed))


def test_the_demo_worlds_wire_stories_are_found_and_nothing_else() -> None:
    stories, carried = Stories(KEEP, 1000), {}
    for article in bundled().articles:
        whole = article.title + "\n" + "\n".join(block.text for block in article.blocks)
        key = f"{article.outlet.key}/{article.slug}"
        told, _ = stories.relate(key, whole, NOW)
        carried.setdefault(told.story, []).append(key)
    several = [found for found in carried.values() if len(found) > 1]
    assert len(several) == 8
    assert sum(map(len, several)) == 26


def test_small_edits_keep_the_story_and_the_first_article_names_it() -> None:
    stories, original = Stories(KEEP, 100), words(1)
    assert stories.relate("a", " ".join(original), NOW)[0].story == "a"
    cut = original[:70]
    edited = [word if number % 25 else "other" for number, word in enumerate(original)]
    assert stories.relate("b", " ".join(cut), NOW)[0].story == "a"
    assert stories.relate("c", " ".join(edited), NOW)[0].story == "a"
    assert stories.relate("d", text(2), NOW)[0].story == "d"


def test_an_article_keeps_its_story_when_it_comes_again() -> None:
    stories = Stories(KEEP, 100)
    stories.relate("a", text(1), NOW)
    stories.relate("b", text(1), NOW)
    assert stories.relate("b", text(9), NOW + KEEP)[0].story == "a"


def test_short_texts_are_stories_of_their_own() -> None:
    stories = Stories(KEEP, 100)
    for key in "abc":
        assert stories.relate(key, "Subscribe to read on", NOW)[0].story == key
        assert stories.relate(f"{key}-", "", NOW)[0].story == f"{key}-"


def test_what_is_too_old_or_too_much_is_forgotten() -> None:
    stories = Stories(KEEP, 10)
    stories.relate("old", text(0), NOW)
    _, gone = stories.relate("new", text(0), NOW + KEEP + timedelta(hours=1))
    assert gone == ("old",)
    for number in range(1, 40):
        stories.relate(f"a{number}", text(number), NOW + KEEP + timedelta(hours=1))
    assert len(stories) == 10
    again, _ = stories.relate("again", text(0), NOW + KEEP + timedelta(hours=1))
    assert again.story == "again"


def test_forgetting_goes_on_over_many_more_articles_than_fit() -> None:
    stories = Stories(KEEP, 300)
    for number in range(1500):
        stories.relate(f"a{number}", text(number % 299), NOW)
    assert len(stories) == 300
    assert stories.relate("z", text(5), NOW)[0].story.startswith("a")


def test_what_was_remembered_is_taken_up_again() -> None:
    stories = Stories(KEEP, 100)
    known = [stories.relate(key, text(seed), NOW)[0] for key, seed in (("a", 1), ("b", 2), ("c", 1))]
    restarted = Stories(KEEP, 100, known)
    assert restarted.relate("d", text(1), NOW)[0].story == "a"
    assert "b" in restarted


def test_signatures_do_not_change_between_versions() -> None:
    """They lie in people's logs."""
    assert signature_of(text(1)).hex()[:32] == "bf2ed345da668ac4b1a780f4065352a2"


@given(st.text(max_size=3000))
def test_a_signature_is_of_one_size_and_the_same_each_time(any_text: str) -> None:
    found = signature_of(any_text)
    assert len(found) in (0, PLACES)
    assert found == signature_of(any_text)
