import msgspec
import pytest
from samples.alerts import TEXT, alert, article, definition

from alerts.message import body, marked, mention_of, reason_of
from alerts.why import TopicClause
from enrich.topics import load_topics, tag
from query.article import prepare_enriched
from stream.messages import Enriched, Entity, Span

TOPICS = load_topics(
    b"""
[[topic]]
id = "middle-east"
name = "Middle East"
query = "lebanon"

[[topic]]
id = "syria"
name = "Syria"
parent = "middle-east"
query = 'damascus OR "peace talks" OR truce'
""",
    "topics.toml",
)


def tagged() -> Enriched:
    enriched = article()
    start = TEXT.index("Geneva")
    geneva = Entity(name="Geneva", type="place", id="wikidata:Q71", spans=(Span("text", start, start + 6),))
    return msgspec.structs.replace(
        enriched, topics=tag(TOPICS, prepare_enriched(enriched)), entities=(geneva,)
    )


def told(query: str) -> tuple[str, str]:
    """The reason, and the sentence with its marks."""
    enriched = tagged()
    mention = mention_of(enriched, definition(query=query).tree, prepare_enriched(enriched))
    return reason_of(mention), marked(mention, "<", ">")


TALKS = (
    "They agreed that <peace talks> on Syria would open in Geneva, and that a <truce> had to hold until then."
)


@pytest.mark.parametrize(
    ("query", "reason", "sentence"),
    [
        ("topic:syria", 'topic:syria (syria: ("peace talks" OR truce))', TALKS),
        ("topic:syr*", 'topic:syr* (syria: ("peace talks" OR truce))', TALKS),
        ("topic:middle-east", 'topic:"middle east" (middle-east: ("peace talks" OR truce))', TALKS),
        ("topic:syria AND NOT topic:weather", None, TALKS),
        ("topic:syria OR lebanon", 'topic:syria (syria: ("peace talks" OR truce))', TALKS),
        ("topic:syria AND munich", None, "<MUNICH> — World powers met on Friday."),
        (
            "entity:q71 AND NOT topic:weather",
            None,
            TALKS.replace("<", "").replace(">", "").replace("Geneva", "<Geneva>"),
        ),
        ("NOT topic:weather", "NOT topic:weather", ""),
    ],
)
def test_a_match_by_topic_or_entity_shows_the_words_it_was_found_by(
    query: str, reason: str | None, sentence: str
) -> None:
    found = told(query)
    assert found[1] == sentence
    if reason is not None:
        assert found[0] == reason


def test_the_message_says_it() -> None:
    enriched = tagged()
    mention = mention_of(enriched, definition(query="topic:syria").tree, prepare_enriched(enriched))
    assert mention.topics == (TopicClause("syria", "Syria", '("peace talks" OR truce)'),)
    said = body(alert(mentions=(mention,)))
    assert 'Why: topic:syria (syria: ("peace talks" OR truce)) in the text at 54-65' in said
