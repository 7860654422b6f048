import pytest

from enrich.names.gazetteer import Gazetteer, default_gazetteer, find, load_gazetteer
from query.match import Words
from stream.errors import ConfigError

HEADER = "name,type,id,aliases\n"
NAMES = (
    HEADER
    + "Syria,place,iso3166:SY,Syrie\nUnited States,place,iso3166:US,US|U.S.\nUnited Nations,organisation,,UN\n"
    "UN Security Council,organisation,,\nBashar al-Assad,person,,Assad\nJohn Kerry,person,,~Kerry\nGeneva,place,,\n"
    "Geneva Convention,none,,\nTurkey,place,,\n"
)


def gazetteer(text: str = NAMES) -> Gazetteer:
    return load_gazetteer([("names.csv", text.encode())])


def names(text: str) -> list[tuple[str, str]]:
    words = Words(text)
    return [
        (mention.named.name, text[words.tokens[mention.first].start : words.tokens[mention.last - 1].end])
        for mention in find(gazetteer(), words)
        if not mention.weak
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Syria, and la Syrie", [("Syria", "Syria"), ("Syria", "Syrie")]),
        (
            "The UN Security Council met at the UN.",
            [("UN Security Council", "UN Security Council"), ("United Nations", "UN")],
        ),
        (
            "Bashar al-Assad; Assad's men",
            [("Bashar al-Assad", "Bashar al-Assad"), ("Bashar al-Assad", "Assad")],
        ),
        ("U.S. and US troops told us", [("United States", "U.S"), ("United States", "US")]),
        ("TELL US ABOUT SYRIA", [("Syria", "SYRIA")]),
        ("a turkey and syria", []),
        ("The United. States", []),
        ("in the UN\nSecurity Council", [("United Nations", "UN")]),
        (
            "the Geneva Convention in Geneva",
            [("Geneva Convention", "Geneva Convention"), ("Geneva", "Geneva")],
        ),
        ("Kerry spoke", []),
        ("Syrian talks", []),
        ("", []),
    ],
)
def test_names_are_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert names(text) == expected


def test_weak_alias_is_marked() -> None:
    assert [mention.weak for mention in find(gazetteer(), Words("John Kerry. Kerry"))] == [False, True]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["line 1", "name, type, id, aliases"]),
        ("name;type\n", ["line 1", "name, type, id, aliases"]),
        (HEADER + "Syria,place\n", ["line 2", "4 columns", "2"]),
        (HEADER + "Syria,planet,,\n", ["line 2", "'type'", "'planet'"]),
        (HEADER + "Syria,place,,a|...\n", ["line 2", "column 'aliases'", "letters", "'...'"]),
        (HEADER + ",place,,\n", ["line 2", "column 'name'", "letters"]),
        ("name,type,type\n", ["line 1", "name, type, id, aliases"]),
        ("name,type,colour\n", ["line 1", "name, type, id, aliases"]),
        ("type,aliases\n", ["line 1", "name, type, id, aliases"]),
        (HEADER + '"Syria,place,,\n', ["not valid CSV"]),
        ("\xff\xfe", ["UTF-8"]),
    ],
)
def test_fault_of_a_file_is_named(text: str, told: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_gazetteer([("my.csv", text.encode("latin-1"))])
    assert all(part in str(caught.value) for part in ["my.csv", *told]), str(caught.value)


def test_default_gazetteer_knows_the_world() -> None:
    alike = default_gazetteer().aliases.values()
    found = {alias.named for group in alike for aliases in group.by_terms.values() for alias in aliases}
    codes = [named.id for named in found if named.id.startswith("iso3166:")]
    assert len(codes) == len(set(codes)) == 249
    assert sum(named.type == "person" for named in found) >= 120
    assert sum(named.type == "organisation" for named in found) >= 100


def test_columns_may_stand_in_any_order_and_some_be_missing() -> None:
    made = load_gazetteer([("names.csv", b"\xef\xbb\xbfType, Name\nlaw,Habeas Corpus Act\n")])
    (mention,) = find(made, Words("the Habeas Corpus Act"))
    assert (mention.named.name, mention.named.type, mention.named.id) == ("Habeas Corpus Act", "law", "")


def test_own_names_take_precedence() -> None:
    made = load_gazetteer(
        [("names.csv", NAMES.encode())], [("own.csv", b"name,type,id\nSyria,product,desk:1\n")]
    )
    (mention,) = find(made, Words("Syria"))
    assert (mention.named.type, mention.named.id, mention.named.own) == ("product", "desk:1", True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وزیر خارجه ایران در سوریه", {"iso3166:IR", "iso3166:SY"}),
        ("نمایندگان روسیه و اوکراین", {"iso3166:RU", "iso3166:UA"}),
        ("الرئيس السورى فى سورية وايران", {"iso3166:SY", "iso3166:IR"}),
        ("پاکستان اور افغانستان", {"iso3166:PK", "iso3166:AF"}),
        ("中國和烏克蘭", {"iso3166:CN"}),
    ],
)
def test_shipped_names_are_found_in_each_spelling(text: str, expected: set[str]) -> None:
    assert {mention.named.id for mention in find(default_gazetteer(), Words(text))} == expected


def test_own_names_are_found_in_each_spelling() -> None:
    own = load_gazetteer(
        [], [("own.csv", "name,type,id,aliases\nKaraj,place,x:1,کرج\nGaya,place,x:2,गया ज़िला\n".encode())]
    )
    found = [mention.named.id for mention in find(own, Words("در كرج ... गया जिला"))]
    assert found == ["x:1", "x:2"]
