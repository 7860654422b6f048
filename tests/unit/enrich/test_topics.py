from dataclasses import replace
from fnmatch import fnmatchcase
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.topics import Topic, load_topics, needed_terms, tag
from query.lint import lint
from query.match import match, prepare
from query.parse import parse
from stream.errors import ConfigError
from stream.messages import Span

GOOD = """
[[topic]]
id = "syria"
name = "Syria"
query = 'syria OR "peace talks"'
description = "About Syria."
colour = "#8c564b"

[[topic]]
id = "aid"
name = "Aid"
query = "aid AND NOT (kit OR first)"
"""


def topics(text: str) -> tuple[Topic, ...]:
    return load_topics(text.encode(), "topics.toml")


def one(**keys: str) -> str:
    given = {"id": '"x"', "name": '"X"', "query": '"word"'} | keys
    return "[[topic]]\n" + "".join(f"{key} = {value}\n" for key, value in given.items() if value)


def test_a_byte_order_mark_does_no_harm() -> None:
    assert topics("\ufeff" + GOOD) == topics(GOOD)


def test_topics_are_read_in_order() -> None:
    syria, aid = topics(GOOD)
    assert (syria.id, syria.name, syria.colour, syria.description) == (
        "syria",
        "Syria",
        "#8c564b",
        "About Syria.",
    )
    assert (aid.id, aid.colour, aid.description) == ("aid", "", "")
    assert syria.tree == parse('syria OR "peace talks"')
    assert topics("") == ()


def test_tags_carry_the_clause_and_what_matched() -> None:
    title, text = "Peace talks", "Aid for Syria.\nSyria waits."
    syria, aid = tag(topics(GOOD), prepare(title, text, {}))
    assert (syria.topic, syria.name, syria.clause) == ("syria", "Syria", '(syria OR "peace talks")')
    fields = {"title": title, "text": text}
    assert [fields[span.field][span.start : span.end] for span in syria.spans] == [
        "Peace talks",
        "Syria",
        "Syria",
    ]
    assert [fields[span.field][span.start : span.end] for span in aid.spans] == ["Aid"]


def test_article_about_nothing_has_no_tags() -> None:
    assert tag(topics(GOOD), prepare("First aid kit", "Talks about peace", {})) == ()


SALIENT = one(query="'word'", mention="'salient'")


@pytest.mark.parametrize(
    ("title", "text", "tagged"),
    [
        ("A word", "", True),
        ("", "One word. " + "other " * 100, True),
        ("", "other " * 100 + "word", False),
        ("", "other " * 100 + "word, word", False),
        ("", "other " * 100 + "word, word, word", True),
        ("", "other", False),
    ],
)
def test_a_topic_may_require_a_salient_mention(title: str, text: str, tagged: bool) -> None:
    assert bool(tag(topics(SALIENT), prepare(title, text, {}))) == tagged


def test_what_is_about_a_part_is_about_the_whole() -> None:
    whole = one(id="'whole'", name="'Whole'", query="'world'")
    part = one(id="'part'", parent="'whole'")
    smallest = one(id="'smallest'", parent="'part'", query="'tiny'")
    found = tag(topics(part + whole + smallest), prepare("", "A tiny thing", {}))
    assert [(one.topic, one.clause, len(one.spans)) for one in found] == [
        ("part", "topic:smallest", 1),
        ("whole", "topic:part", 1),
        ("smallest", "tiny", 1),
    ]
    (both,) = (
        one for one in tag(topics(whole + part), prepare("", "word of the world", {})) if one.topic == "whole"
    )
    assert both.clause == "world"


def test_a_tag_has_the_version_of_its_definition() -> None:
    def version(**keys: str) -> str:
        (found,) = topics(one(**keys))
        return found.version

    (tagged,) = tag(topics(one()), prepare("word", "", {}))
    assert tagged.version == version() == version(name="'Other'", query="' Word '", mention="'any'")
    assert len({version(), version(query="'words'"), version(mention="'salient'")}) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[topic]\n", ["not valid TOML", "line 1"]),
        ("\xff", ["UTF-8"]),
        ("topics = 1\n", ["'topics'", "[[topic]]"]),
        ("[topic]\nid = 'x'\n", ["[[topic]]"]),
        ("topic = [1]\n", ["topic number 1", "a table"]),
        (one(id=""), ["topic number 1", "'id'", "missing"]),
        (one(id='"Peace Talks"'), ["'Peace Talks'", "'id'", "lower-case"]),
        (one(id="7"), ["number 1", "'id'", "7"]),
        (one(name='" "'), ["topic 'x'", "'name'", "empty"]),
        (one(query=""), ["topic 'x'", "'query'", "missing"]),
        (one(query="'a AND (b'"), ["topic 'x'", "'query'", "position"]),
        (one(query="'topic:syria AND b'"), ["topic 'x'", "'query'", "topic:"]),
        (one(mention="'some'"), ["topic 'x'", "'mention'", "salient", "some"]),
        (one(parent="'y'"), ["topic 'x'", "'parent'", "another topic", "y"]),
        (one(parent="'x'"), ["topic 'x'", "'parent'", "part of themselves"]),
        (
            one(parent="'y'") + one(id="'y'", parent="'x'"),
            ["'parent'", "x is a part of y", "part of themselves"],
        ),
        (one(colour="'red'"), ["topic 'x'", "'colour'", "#1f77b4", "red"]),
        (one(color="'#ffffff'"), ["topic 'x'", "'color'", "colour"]),
        (one() + one(), ["'x'", "two topics have this id"]),
    ],
)
def test_fault_is_named(text: str, told: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_topics(text.encode("latin-1"), "my.toml")
    assert all(part in str(caught.value) for part in ["my.toml", *told]), str(caught.value)


QUERIES = st.recursive(
    st.sampled_from(
        [
            "alpha",
            "beta",
            '"alpha beta"',
            "title:gamma",
            "text:beta",
            "gam*",
            "source:alpha",
            '"beta gamma delta"',
        ]
    ),
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from(["AND", "OR"]), part).map(lambda parts: f"({' '.join(parts)})"),
        part.map(lambda query: f"(NOT {query})"),
    ),
    max_leaves=6,
)
WORDS = st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta"]), max_size=5).map(" ".join)


@given(QUERIES, WORDS, WORDS)
def test_an_article_that_matches_has_a_needed_term(query: str, title: str, text: str) -> None:
    tree = parse(query)
    needed = needed_terms(tree)
    if needed is not None and match(tree, prepare(title, text, {"source": ["alpha"]})) is not None:
        words = f"{title} {text}".split()
        assert any(fnmatchcase(word, one) for one in needed for word in words)


def default_topics() -> tuple[Topic, ...]:
    return load_topics(files("wirewatch").joinpath("defaults/topics.toml").read_bytes(), "topics.toml")


def test_default_topics_are_well_formed() -> None:
    found = default_topics()
    assert {"syria", "russia", "peace-talks"} < {topic.id for topic in found}
    assert len(found) >= 18
    assert all(topic.description and topic.colour and topic.needed for topic in found)
    assert not [warning for topic in found for warning in lint(topic.query) if warning.kind != "precedence"]
    assert len({topic.colour for topic in found}) == len(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The truce in Aleppo holds.", {"syria", "middle-east", "peace-talks"}),
        ("Der Waffenstillstand in Syrien hält.", {"syria", "middle-east", "peace-talks"}),
        ("Talks on a lasting peace went on.", {"peace-talks"}),
        ("Россией и санкциями", {"russia", "sanctions"}),
        ("Putin met the king in Moscow.", {"russia"}),
        ("ایران و روسیه", {"iran", "middle-east", "russia"}),
        ("تهران: مذاکرات صلح سوریه ادامه دارد", {"iran", "middle-east", "peace-talks", "syria"}),
        ("Путин встретился с королём в Москве.", {"russia"}),
        ("The central bank left its interest rates unchanged.", {"economy"}),
        ("An earthquake shook the coast.", {"disasters"}),
        ("Turkey soup is a fine way to use what is left of the bird.", set()),
        ("The climate in the dressing room was better after the goal.", set()),
        ("The couple talks about peace and quiet on the farm.", set()),
    ],
)
def test_default_topics_tag_what_they_should(text: str, expected: set[str]) -> None:
    assert {found.topic for found in tag(default_topics(), prepare("", text, {}))} == expected


def test_topic_that_asks_for_an_entity_has_the_places_of_its_names() -> None:
    russia = topics(one(id='"russia"', query="'entity:RU'", mention='"salient"'))
    where = Span("text", 3, 9)
    prepared = prepare("Le chef du Kremlin", "La Russie refuse.", {"entity": ["Russia", "RU"]})
    (found,) = tag(russia, replace(prepared, named={"russia": (where,), "ru": (where,)}))
    assert found.spans == (where,)
    assert not tag(russia, prepare("La France refuse", "", {"entity": ["FR"]}))


def test_the_same_file_is_parsed_once() -> None:
    data = b"[[topic]]\nid = 'floods'\nname = 'Floods'\nquery = 'flood*'\n"
    first = load_topics(data, "topics.toml")
    assert load_topics(bytes(bytearray(data)), "topics.toml") is first
    assert load_topics(data + b"colour = '#1f77b4'\n", "topics.toml") is not first
