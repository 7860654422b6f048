import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.parse import parse
from query.tree import And
from web.search.clauses import Chip, chips, clause, clauses, narrowed


def test_each_required_part_is_a_chip() -> None:
    assert chips(parse('syria AND "peace talks" NOT topic:sport')) == [
        Chip("syria", '"peace talks" AND NOT topic:sport', excludes=False),
        Chip('"peace talks"', "syria AND NOT topic:sport", excludes=False),
        Chip("NOT topic:sport", 'syria AND "peace talks"', excludes=True),
    ]
    assert chips(parse("syria OR iraq")) == [Chip("(syria OR iraq)", "", excludes=False)]
    assert chips(None) == []


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("", "topic:syria"),
        ("putin", "putin AND topic:syria"),
        ("a OR b", "(a OR b) AND topic:syria"),
        ("a b NOT c", "a AND b AND NOT c AND topic:syria"),
    ],
)
def test_a_click_on_a_facet_narrows_the_whole_query(query: str, meant: str) -> None:
    assert parse(narrowed(query, "topic:syria")) == parse(meant)


@given(st.text(min_size=1))
def test_whatever_a_value_is_its_clause_can_be_parsed_or_is_refused_as_a_query(value: str) -> None:
    from stream.errors import QueryError  # noqa: PLC0415

    try:
        node = parse(f"syria AND {clause('person', value)}")
    except QueryError:
        return
    assert isinstance(node, And)
    assert len(node.parts) == 2


def test_several_values_are_met_by_any() -> None:
    assert clauses("person", ["Ann"]) == 'entity:"Ann"'
    assert clauses("person", ["Ann", "Анна"]) == '(entity:"Ann" OR entity:"Анна")'
