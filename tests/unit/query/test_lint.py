import pytest

from query.lint import lint


@pytest.mark.parametrize(
    ("query", "warned"),
    [
        ("syria", []),
        ("(a OR b) c", []),
        ("a b c", []),
        ("a OR b OR c", []),
        ("aaa OR bbb AND ccc", [("precedence", 11)]),
        ("aaa bbb OR ccc", [("precedence", 8)]),
        ("aaa OR bbb NOT ccc", [("precedence", 11)]),
        ("(aaa OR bbb ccc) OR ddd eee", [("precedence", 12), ("precedence", 24)]),
        ("(aaa OR bbb) (ccc OR ddd)", []),
        ('title:aaa OR "b c" source:d', [("precedence", 19)]),
        ("sy* geneva", [("short-prefix", 0)]),
        ("syr*", []),
        ("Syria and Iraq", [("lower-case-operator", 6)]),
        ('"Syria and Iraq"', []),
        ("what now?", [("wildcard-at-end", 5)]),
        ("C++ code", [("punctuation", 0)]),
        ('U.S. "peace-talks"', []),
        ("сyria", [("mixed-scripts", 0)]),
        ("Путин putin", []),
        ("NOT syria", [("only-negation", 0)]),
        ("syria OR NOT iraq", [("only-negation", 9)]),
        ("syria NOT iraq", []),
        ("-aa -bb", [("only-negation", 0)]),
        ("NOT (NOT syria)", []),
        ("lang:english syria", [("never", 5)]),
        ("lang:(en OR deutsch)", [("never", 12)]),
        ("topic:syria", []),
        ("topic:peace-talks", []),
        ('topic:"Siria" aid', [("never", 6)]),
        ("syria lang:en lang:fr", [("never", 14)]),
        ("syria NOT syria", [("never", 6)]),
        ("syria OR (iraq -iraq)", [("never", 15)]),
        ("٢٠٢٦", []),
        ("AT&T 24/7 C# O'Brien rock'n'roll near the same NEAR", [("punctuation", 0), ("punctuation", 10)]),
        ("NEAR EAST", []),
        ("'Obama's' visit", []),
        ("rock 'n' roll states' rights", []),
        ("وقود", [("attached-words", 0)]),
        ("الحرب AND lang:ar", [("attached-words", 0)]),
        ("وقود OR *وقود", []),
        ("וקוד מלחמה", [("attached-words", 0)]),
        ("ایران", []),
        ("پیمان جنگ", []),
        ("war OR حرب", []),
        ('"حرب باردة"', []),
        ("في من", []),
    ],
)
def test_warnings(query: str, warned: list[tuple[str, int]]) -> None:
    found = lint(query, {"topic": ["syria", "peace-talks"]})
    assert [(warning.kind, warning.position) for warning in found] == warned
    assert all(warning.message for warning in found)


@pytest.mark.parametrize(
    ("query", "position", "instead"),
    [
        ("peace NEAR/5 talks", 6, '"peace talks"~5'),
        ("peace w/5 talks", 6, '"peace talks"~5'),
        ("peace near5 talks", 6, '"peace talks"~5'),
        ("peace ADJ3 talks", 6, '"peace talks"~3'),
        ("peace PRE/3 talks", 6, "order"),
        ("peace NEAR talks", 6, '"peace talks"~5'),
        ("peace NEAR/500 talks", 6, '"peace talks"~99'),
        ("(peace OR truce) NEAR/5 talks", 17, '"a b"~5'),
        ('"peace plan" w/5 talks', 13, '"peace plan talks"~5'),
        ("peace AROUND(5) talks", 6, '"a b"~5'),
        ("peace w/s talks", 6, '"peace talks"~20'),
        ("atleast5 syria", 0, "how often"),
        ("ATLEAST5(syria)", 0, "how often"),
        ("toyota/F50/ recall", 0, "title:"),
        ("title=syria", 0, "title:syria"),
        ("hl=syria truce", 0, "title:syria"),
        ("rst=reuters syria", 0, "source:reuters"),
        ("la=en syria", 0, "lang:en"),
        ("HEADLINE(peace talks)", 0, "title:(...)"),
        ("PLURAL(bank) fees", 0, "prefix*"),
        ("sanction! iran", 0, "sanction*"),
        ("sanction$ iran", 0, "sanction*"),
        ("sanction$3 iran", 0, "sanction*"),
        ("truce|ceasefire", 0, "truce OR ceasefire"),
        ("'peace talks'", 0, '"peace talks"'),
        ("‘peace talks’ syria", 0, '"peace talks"'),
        ("syria 'a deal in sight' now", 6, '"a deal in sight"'),
    ],
)
def test_forms_of_other_languages_are_named_with_ours(query: str, position: int, instead: str) -> None:
    warning, *more = [one for one in lint(query) if one.kind != "precedence"]
    assert (warning.kind, warning.position) == ("other-language", position)
    assert instead in warning.message
    assert not more


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("aa OR bb AND NOT cc", "(a OR b) AND NOT c"),
        ("aa OR bb -cc", "(a OR b) AND NOT c"),
        ("aa OR bb AND cc", "add brackets"),
    ],
)
def test_the_scope_of_not_is_explained(query: str, told: str) -> None:
    assert [(one.kind, told in one.message) for one in lint(query)] == [("precedence", True)]


def test_the_hint_on_attached_words_names_the_pattern_without_the_article() -> None:
    assert "*حرب finds" in lint("الحرب")[0].message
