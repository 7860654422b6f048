import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.tokens import MAX_LENGTH, terms, tokenize


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Peace-talks in Geneva", ["peace", "talks", "in", "geneva"]),
        (
            "U.S. AT&T 3.5 reuters.com snake_case",
            ["u", "s", "at", "t", "3", "5", "reuters", "com", "snake", "case"],
        ),
        (
            "Russia's RUSSIA’S states' don't l’Ukraine",
            ["russia", "russia", "states", "don", "t", "l", "ukraine"],
        ),
        ("O'Brien Oʼbrien Hawaiʻi", ["o", "brien", "o", "brien", "hawai", "i"]),
        ("'s-Hertogenbosch rock'sx", ["s", "hertogenbosch", "rock", "sx"]),
        ("İstanbul Kılıç Wałęsa Straße Ægir", ["istanbul", "kilic", "walesa", "strasse", "aegir"]),
        ("café cafe\u0301 CAFÉ", ["cafe"] * 3),
        ("co\u00adoperation zero\u200bwidth", ["cooperation", "zero", "width"]),
        ("ﬁne Ｆｕｌｌ ½ ﷺ", ["fine", "full", "½", "ﷺ"]),
        ("हिन्दी संदेश", ["हिंदी", "संदेश"]),
        ("مُحَمَّد محمــد أحمد", ["محمد", "محمد", "احمد"]),
        ("שָׁלוֹם", ["שלום"]),
        ("ёлка ΆΘΗΝΑΣ", ["елка", "αθηνασ"]),
        ("中国's ガ ｶﾞ か\u3099", ["中", "国", "ガ", "ガ", "が"]),
        ("กำลัง", ["ก", "ำ", "ลั", "ง"]),
        ("ปี๒๕๖๗ ໒໐ ២០ ၂၀", ["ปี", "2567", "20", "20", "20"]),
        ("한국어 \u1112\u1161\u11ab", ["한국어", "한"]),
        ("", []),
        ("… — !", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_offsets_count_code_points_of_the_text_as_it_is() -> None:
    text = "İstanbul’s 😀 cafe\u0301, ﬁne"
    assert [text[token.start : token.end] for token in tokenize(text)] == ["İstanbul", "cafe\u0301", "ﬁne"]


def test_a_term_is_bounded() -> None:
    assert [len(term) for term in terms("a" * 600)] == [MAX_LENGTH, MAX_LENGTH, 90]
    assert all(
        len(term) <= MAX_LENGTH for term in terms("ß" * 300 + " e" + "\u0301" * 10_000 + "\u094d" * 10_000)
    )


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(words)
def test_a_term_tokenised_again_is_itself(text: str) -> None:
    for term in terms(text):
        assert terms(term) == [term]
        assert not any(char.isspace() for char in term)


@given(words)
def test_tokens_are_in_order_within_the_text_and_agree_with_terms(text: str) -> None:
    tokens = tokenize(text)
    assert [token.term for token in tokens] == terms(text)
    end = 0
    for token in tokens:
        assert end <= token.start < token.end <= len(text)
        end = token.end


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_the_quick_way_for_ascii_gives_what_the_general_way_gives(text: str) -> None:
    assert terms(text) == terms(text + " ё")[:-1]


@given(words)
def test_joined_by_spaces_the_terms_come_back(text: str) -> None:
    assert terms(" ".join(terms(text))) == terms(text)


def test_folding_a_character_twice_changes_nothing() -> None:
    unstable = [code for code in range(0x3400) for term in terms(chr(code)) if terms(term) != [term]]
    assert unstable == []
