import msgspec
from hypothesis import given
from hypothesis import strategies as st
from samples.alerts import NOW, TEXT, alert, article, definition, mention, source_mention

from alerts.message import LONGEST, Alert, Coverage, body, coverage_line, headline, marked, mention_of
from query.article import prepare_enriched


def test_the_sentence_around_the_match_with_the_words_marked() -> None:
    found = mention()
    assert marked(found) == (
        "They agreed that **peace talks** on Syria would open in Geneva, and that a truce had to hold until then."
    )
    assert found.clause == '"peace talks"'
    (place,) = found.places
    assert TEXT[place.start : place.end] == "peace talks"


def test_a_match_in_the_title_alone_quotes_the_title() -> None:
    assert marked(mention(title="Peace talks open", text="Nothing here.")) == "**Peace talks** open"


def test_a_match_without_words_quotes_nothing() -> None:
    found = mention(wanted=definition(query="source:herald"))
    assert (found.sentence, found.marks, found.places) == ("", (), ())
    assert found.clause == "source:herald"


def test_every_match_in_the_sentence_is_marked() -> None:
    found = mention(wanted=definition(query='"peace talks" AND truce AND expect*'))
    assert marked(found, "<", ">").count("<") == 2


def test_an_alert_says_what_where_when_why_and_how_many_sources_answered() -> None:
    text = f"{headline(alert())}\n{body(alert())}"
    for part in (
        "[warning] talks: Powers agree",
        "Herald · 2026-03-14 12:00 UTC",
        "http://herald.example/1",
        "**peace talks**",
        'Why: "peace talks" in the text at 54-65',
        "the first article of its story",
        "38 of 40 sources answered in the last hour; dark: Radio A, Radio B.",
    ):
        assert part in text


def test_several_articles_each_have_their_headline() -> None:
    told = alert(mentions=(mention(1), mention(2, title="Talks open")), more=3)
    assert headline(told).endswith("Powers agree (and 4 more)")
    assert "Talks open\nHerald" in body(told)
    assert "... and 3 more." in body(told)


def test_an_alert_on_a_source_names_it_since_when_and_its_usual_rate() -> None:
    told = alert(alert="dark", mentions=(source_mention(),), reason="1 source went silent")
    assert headline(told) == "[warning] dark: Radio went silent"
    assert body(told).splitlines()[:3] == [
        "Radio · since 2026-03-14 04:00 UTC",
        "http://radio.example/feed",
        "Why: nothing new for 8 hours; 13 items were expected (40 a day)",
    ]
    assert "Fired because: 1 source went silent." in body(told)
    several = alert(mentions=(source_mention("A"), source_mention("B\x1b[2J")))
    assert headline(several).endswith("A went silent (and 1 more)")
    assert "B\ufffd[2J went silent\nB\ufffd[2J · since" in body(several)


def test_a_message_of_an_older_wirewatch_is_read() -> None:
    old = msgspec.to_builtins(alert())
    for one in old["mentions"]:
        del one["source_news"], one["topics"]
    assert msgspec.convert(old, Alert) == alert()


def test_coverage_in_words() -> None:
    assert coverage_line(Coverage(3, 3, ())) == "3 of 3 sources answered in the last hour."
    assert coverage_line(Coverage(9, 2, ("A",))).endswith("dark: A and 6 more.")
    assert coverage_line(Coverage(0, 0, ())) == "The sources are not known here."


def test_a_hostile_page_sends_no_control_characters() -> None:
    shown = body(alert(mentions=(mention(title="\x1b[2J", text="a\x07 peace talks \x1b]0;x\x07 b"),)))
    assert all(char.isprintable() or char == "\n" for char in shown)


@given(st.text(max_size=2000), st.text(max_size=2000))
def test_the_sentence_is_bounded_and_holds_the_match(before: str, after: str) -> None:
    enriched = article(text=f"{before} zyxw {after}", title="t")
    found = mention_of(enriched, definition(query="zyxw").tree, prepare_enriched(enriched))
    assert len(found.sentence) <= LONGEST + 4
    for start, end in found.marks:
        assert found.sentence[start:end].casefold().startswith("zyxw")
    assert found.seen == NOW
