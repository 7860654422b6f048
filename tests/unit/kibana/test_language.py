"""Queries in Kibana's two languages. tests/integration/test_kibana_parity.py asks a real Elasticsearch what they find."""

import pytest

from bench.material.kibana_search import kql_search
from kibana.language import say, to_kql, to_lucene
from query.parse import parse


@pytest.mark.parametrize(
    ("query", "kql"),
    [
        ("Syria", "syria"),
        ("syria talks", "syria and talks"),
        ("(a OR b) AND NOT c", "(a or b) and not c"),
        ("(a AND b) OR (c AND d)", "(a and b) or (c and d)"),
        ('"peace talks"', '"peace talks"'),
        ("title:sanction*", "title : sanction*"),
        ('"or" "not"', '"or" and "not"'),
        ("topic:peace-talks", 'topic : "peace talks"'),
        ('entity:"Vladimir Putin" lang:en', 'entity : "vladimir putin" and lang : en'),
        ('source:"Harbour Courier"', 'terms.source : "harbour courier"'),
        ("entity:vlad*", "terms.entity : vlad*"),
        (
            "published:2016-03-14",
            (
                '(published >= "2016-03-14T00:00:00Z" and published < "2016-03-15T00:00:00Z") or '
                '(published_doubt >= "2016-03-14T00:00:00Z" and published_doubt < "2016-03-15T00:00:00Z")'
            ),
        ),
        ("published:*", "published : *"),
        ("*burg", "*burg"),
        (
            "мир -войны",
            "(terms.title : мир or terms.text : мир) and not (terms.title : воины or terms.text : воины)",
        ),
        ("changed:any earlier:truce", "terms.changed : any and terms.earlier : truce"),
    ],
)
def test_kql(query: str, kql: str) -> None:
    said = say(parse(query))
    assert (said.language, said.text, said.differs) == ("kuery", kql, ())
    assert kql_search(kql)


@pytest.mark.parametrize("query", ["wom?n", '"a b"~5', "source:harbour-c*", "a OR NOT (b AND wom?n)"])
def test_what_kql_cannot_express(query: str) -> None:
    assert to_kql(parse(query)) is None
    assert say(parse(query)).language == "lucene"


@pytest.mark.parametrize(
    ("query", "lucene"),
    [
        ("syria talks", "syria AND talks"),
        ("a AND NOT b", "a AND NOT b"),
        ("NOT a", "*:* AND NOT a"),
        ("a OR NOT b", "a OR (*:* AND NOT b)"),
        ("-a -b", "(*:* AND NOT a) AND (*:* AND NOT b)"),
        ("wom?n", "wom?n"),
        ("source:harbour-c*", r"terms.source:harbour\ c*"),
        ('"or"', '"or"'),
        ("edited:[2016-03-14 TO *]", 'edited:["2016-03-14T00:00:00Z" TO *]'),
        ("войны", "terms.title:воины OR terms.text:воины"),
        ("title:войн*", "terms.title:воин*"),
        ('earlier:"peace talks"', 'terms.earlier:"peace talks"'),
        ("published:*", "_exists_:published"),
    ],
)
def test_lucene(query: str, lucene: str) -> None:
    assert to_lucene(parse(query)).text == lucene
    assert to_lucene(parse(query)).differs == ()


def test_differences_in_lucene_are_noted() -> None:
    said = say(parse('a OR NOT "b c"~5'))
    assert said.text == 'a OR (*:* AND NOT "b c"~5)'
    assert "counts how far words must be moved" in said.differs[0]
