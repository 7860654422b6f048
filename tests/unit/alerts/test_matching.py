from samples.alerts import article, dark_definition, definition

from alerts.matching import Matcher
from query.article import prepare_enriched


def matched(matcher: Matcher) -> list[str]:
    return list(matcher.match(prepare_enriched(article())))


def test_alerts_come_change_and_go() -> None:
    matcher = Matcher()
    matcher.update(
        {"a": definition("a", "syria"), "b": definition("b", '"peace talks"'), "c": definition("c", "x")}
    )
    assert matched(matcher) == ["a", "b"]
    matcher.update({"a": definition("a", "x"), "c": definition("c", "NOT x")})
    assert matched(matcher) == ["c"]
    matcher.update({})
    assert matched(matcher) == []


def test_an_alert_that_becomes_one_about_sources_matches_no_article() -> None:
    matcher = Matcher()
    matcher.update({"a": definition("a", "syria")})
    matcher.update({"a": dark_definition("a")})
    assert matched(matcher) == []


def test_too_many_alerts_without_a_word_are_refused_and_the_others_still_match() -> None:
    matcher = Matcher()
    many = {f"n{number}": definition(f"n{number}", f"NOT x{number}") for number in range(1_100)}
    matcher.update({**many, "last": definition("last", "syria")})
    found = matched(matcher)
    assert len(found) == 1_001
    assert "last" in found
