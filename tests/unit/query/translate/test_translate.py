"""Queries of each language, with their translations and the differences."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from query.match import matches, prepare
from query.parse import parse
from query.translate.translate import LANGUAGES, Translation, translate
from stream.errors import QueryError

Case = tuple[str, str]

EXACT: dict[str, list[Case]] = {
    "factiva": [
        ("syria", "syria"),
        ("bill clinton or gore and george bush", '"bill clinton" OR (gore AND "george bush")'),
        ("syria not sport and iraq", "syria AND NOT sport AND iraq"),
        ("syria and not (sport or chess)", "syria AND NOT (sport OR chess)"),
        ("peace near5 talks", '"peace talks"~4'),
        ("peace /N5/ talks", '"peace talks"~4'),
        ("peace near1 talks", '"peace talks" OR "talks peace"'),
        ("peace adj talks", '"peace talks"'),
        ("peace adj1 talks", '"peace talks"'),
        ("(peace or truce) near3 talks", '"peace talks"~2 OR "truce talks"~2'),
        ("sanction$ and iran", "sanction* AND iran"),
        ("sanction* and wom?n", "sanction* AND wom?n"),
        ("hd=(peace or truce) and not sport", "title:(peace OR truce) AND NOT sport"),
        ("hd=peace talks and syria", 'title:"peace talks" AND syria'),
        ("by=smith and la=en", "author:smith AND lang:en"),
        ("sn=reuters and syria", "source:reuters AND syria"),
        ('"peas and carrots"', '"peas and carrots"'),
        ("“peas and carrots”", '"peas and carrots"'),
        ("bill clinton's 'economic plan'", '"bill clinton\'s economic plan"'),
        ("[syria or iraq] and oil", "(syria OR iraq) AND oil"),
        ("syria and date from 20160101 to 20160314", "syria AND published:[2016-01-01 TO 2016-03-14]"),
        ("syria and date after 2016-01-01", "syria AND published:>2016-01-01"),
        ("date before 2016 and syria", "published:<2016 AND syria"),
        ("date 20160314", "published:2016-03-14"),
        ("AT&T and U.S.", '"AT&T" AND "U.S."'),
        ("NOT syria", "NOT syria"),
    ],
    "nexis": [
        ('"syria!"', "syria*"),
        ("sanction! AND ir?n!", "sanction* AND ir?n*"),
        ("wom*n!", "wom?n*"),
        ("sanction! and not sport! or chess!", "sanction* AND NOT (sport* OR chess*)"),
        ("aa! or bb! and cc!", "(aa* OR bb*) AND cc*"),
        ("HEADLINE(sanction!)", "title:sanction*"),
        ("sanction! and date > 2016-01-01", "sanction* AND published:>2016-01-01"),
        (
            "sanction! and date geq 2016-01 and date bef 2017",
            "sanction* AND published:>=2016-01 AND published:<2017",
        ),
        ("sanction! but not iran!", "sanction* AND NOT iran*"),
        ("sanction! & iran!", "sanction* AND iran*"),
    ],
    "google": [
        ('"peace talks" OR "truce"', '"peace talks" OR truce'),
        ('"aa" OR "bb" "cc" -"dd"', "(aa OR bb) AND cc AND NOT dd"),
        ('"aa" | "bb"', "aa OR bb"),
        ('"peace" AROUND(3) "talks"', '"peace talks"~3'),
        ('intitle:"peace talks"', 'title:"peace talks"'),
        (
            '"syria" after:2016-01-01 before:2016-03-14',
            "syria AND published:>=2016-01-01 AND published:<2016-03-14",
        ),
        ('"syria" AND NOT "sport"', "syria AND NOT sport"),
        ('-("sport" OR "chess") "syria"', "NOT (sport OR chess) AND syria"),
    ],
    "kql": [
        ("title: (peace or truce) and not lang: en", "title:(peace OR truce) AND NOT lang:en"),
        ("peace talks", "peace OR talks"),
        ("aa or bb and cc", "aa OR (bb AND cc)"),
        ('"peace talks" and syri*', '"peace talks" AND syri*'),
        ("title: peace talks and syria", "title:(peace OR talks) AND syria"),
        ("terms.title : syria", "title:syria"),
        ("not (aa or bb)", "NOT (aa OR bb)"),
        ('published >= "2016-01-01" and source: "BBC News"', 'published:>=2016-01-01 AND source:"BBC News"'),
        ("@timestamp < 2016-01-01T00:00:00Z", "published:<2016-01-01"),
        ("published: 2016-03-14", "published:2016-03-14"),
        ("published: *", "published:*"),
        (r"a\:b", '"a:b"'),
        ("entity_names: Putin", "entity:Putin"),
    ],
}


@pytest.mark.parametrize(
    ("language", "query", "expected"),
    [(language, query, text) for language, cases in EXACT.items() for query, text in cases],
)
def test_translatable_parts_are_translated_exactly(language: str, query: str, expected: str) -> None:
    found = translate(language, query)
    assert (found.text, found.notes) == (expected, ())
    assert found.is_complete
    parse(expected)


@pytest.mark.parametrize(
    ("language", "query", "expected", "positions"),
    [
        ("factiva", "World Cup adj5 rugby", '"World Cup" AND "World Cup rugby"~4', [10, 10]),
        ("factiva", "president w/2 bush", '"president bush"~1', [10]),
        ("factiva", "sanction$ near5 iran", "sanction* AND iran", [10]),
        ("factiva", "economic sanction$", "economic AND sanction*", [0]),
        ("factiva", "telecom$3", "telecom*", [0]),
        ("factiva", "peace same talks", '"peace talks"~59', [6]),
        ("factiva", "toyota/F50/ and recall", "toyota AND recall", [6]),
        ("factiva", "atleast5 microsoft", "microsoft", [0]),
        ("factiva", "hlp=syria", "syria", [0]),
        ("factiva", "aa near3 bb near4 cc", '"aa bb cc"~5', [12]),
        ("factiva", "aa near200 bb", '"aa bb"~99', [3]),
        ("factiva", "(aa and bb) near3 cc", "(aa AND bb) AND cc", [12]),
        ("nexis", "doctor w/5 malpractice", '"doctor malpractice"~4', [0]),
        ("nexis", "southwest pre/2 air or airline", '"southwest air"~1 OR "southwest airline"~1', [0, 10]),
        ("nexis", "peace w/s talks", '"peace talks"~24', [0, 6]),
        ("nexis", "peace w/seg talks", "peace AND talks", [0, 6]),
        ("nexis", "ATLEAST5(syria!)", "syria*", [0]),
        ("nexis", "PLURAL(bank!)", "bank*", [0]),
        ("nexis", "bank**", "bank*", [0]),
        ("nexis", "HLEAD(syria!)", "syria*", [0]),
        ("google", "syria truce", "syria AND truce", [0]),
        ("google", '"peace * talks"', '"peace talks"~3', [0, 0]),
        ("google", 'allintitle:"peace"', "title:peace", [0]),
        ("google", 'site:bbc.com "syria"', 'url:"bbc.com" AND syria', [5]),
    ],
)
def test_differences_are_noted_with_their_place(
    language: str, query: str, expected: str, positions: list[int]
) -> None:
    found = translate(language, query)
    assert found.text == expected
    assert [note.position for note in found.notes] == positions
    assert {note.kind for note in found.notes} == {"differs"}
    assert found.is_complete


@pytest.mark.parametrize(
    ("language", "query", "expected", "positions"),
    [
        ("factiva", "rst=SFWSJ and syria", "syria", [0]),
        ("factiva", "syria and wc>500", "syria", [10]),
        ("factiva", "fds=IBM", None, [0]),
        ("factiva", "syria and date from 03/14/2016 to 05/01/2016", "syria", [10]),
        ("factiva", "syria not rst=SFWSJ", "syria", [6, 10]),
        ("factiva", "syria not (peace near3 talk$)", "syria", [6]),
        ("factiva", "syria not atleast5 chess", "syria", [6]),
        ("nexis", '"rico!" NOT W/5 "puerto!" and aa!', "rico* AND aa*", [8]),
        ("nexis", "SECTION(sports!) or football!", "football*", [0]),
        ("google", '"syria" filetype:pdf', "syria", [8]),
        ("google", '"syria" 10..20', "syria", [8]),
        ("kql", "foo.bar: x", None, [0]),
        ("kql", "@timestamp > now-7d and syria", "syria", [0]),
        ("kql", "source: * or syria", "syria", [0]),
    ],
)
def test_what_has_no_counterpart_is_left_out_and_named(
    language: str, query: str, expected: str | None, positions: list[int]
) -> None:
    found = translate(language, query)
    assert found.text == expected
    assert [note.position for note in found.notes if note.kind == "left-out"] == positions
    assert not found.is_complete


@pytest.mark.parametrize(
    ("language", "query", "position"),
    [
        ("factiva", "", 0),
        ("factiva", "(syria", 0),
        ("factiva", "syria)", 5),
        ("factiva", "syria and", 9),
        ("factiva", "and syria", 0),
        ("nexis", "syria w/5", 9),
        ("google", '"syria" OR', 10),
        ("kql", "items:{ name: x }", 6),
        ("kql", "title:", 6),
        ("kql", "(" * 200 + "a" + ")" * 200, 101),
        ("google", "a " * 5_001, 10_000),
        ("google", "a " * 2_000, 0),
    ],
)
def test_unreadable_queries_are_refused_with_the_place(language: str, query: str, position: int) -> None:
    with pytest.raises(QueryError) as refused:
        translate(language, query)
    assert refused.value.position == position


PIECES = st.sampled_from([
    "(", ")", "[", "]", '"', "!", "$", "*", "?", "|", "&", "-", "+", ":", "=", "aa", "bb", "syria", "and", "or", "not", "AND",
    "OR", "NOT", "near5", "adj", "w/3", "same", "/N3/", "/F9/", "wc>5", "hd=", "rst=", "HEADLINE(", "ATLEAST2(", "not w/5",
    "date aft 2016", "before:2016", "intitle:", "AROUND(3)", "site:x.y", "3..4", "title:", "published >=", "{}", "\\", "“",
    "’", "é", "北京", "",
])  # fmt: skip


def outcome(language: str, query: str) -> Translation | QueryError:
    try:
        return translate(language, query)
    except QueryError as error:
        return error


@given(st.sampled_from(sorted(LANGUAGES)), st.lists(PIECES, max_size=14).map(" ".join))
@example("factiva", "aa near5 bb " * 400)
@example("nexis", "aa and not bb " * 400)
@example("kql", "not " * 99 + "a")
def test_each_translation_is_a_query_or_the_original_is_refused(language: str, query: str) -> None:
    found = outcome(language, query)
    if isinstance(found, QueryError):
        assert 0 <= found.position <= len(query)
        return
    assert found.text is not None or not found.is_complete
    if found.text:
        parse(found.text)
    assert all(0 <= note.position <= len(query) and note.message for note in found.notes)


LEAVES = st.sampled_from(["aa", "bb", "cc", "dd"])
TREES = st.recursive(
    LEAVES, lambda part: st.tuples(st.sampled_from(["and", "or", "and not"]), part, part), max_leaves=6
)
Tree = str | tuple[str, "Tree", "Tree"]


def written(tree: Tree) -> str:
    """A tree written with all brackets, which mean the same in every language."""
    return tree if isinstance(tree, str) else f"({written(tree[1])} {tree[0]} {written(tree[2])})"


def meant(tree: Tree, held: frozenset[str]) -> bool:
    if isinstance(tree, str):
        return tree in held
    left, right = meant(tree[1], held), meant(tree[2], held)
    return {"and": left and right, "or": left or right, "and not": left and not right}[tree[0]]


@given(TREES, st.frozensets(LEAVES), st.sampled_from(sorted(LANGUAGES)))
def test_brackets_mean_the_same_in_every_language(tree: Tree, held: frozenset[str], language: str) -> None:
    query = written(tree)
    found = translate(language, query.upper() if language == "google" else query)
    assert found.text
    assert matches(parse(found.text), prepare("", " ".join(held), {})) == meant(tree, held)
