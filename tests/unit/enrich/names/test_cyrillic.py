import pytest

from enrich.names.cyrillic import case_forms, is_cyrillic, stem


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Москва", "Москве"),
        ("Россия", "России"),
        ("Киев", "Киевом"),
        ("Київ", "Києва"),
        ("Прага", "Празі"),
        ("Нидерланды", "Нидерландов"),
        ("Владимир Путин", "Владимира Путина"),
        ("Владимир Путин", "Владимиром Путиным"),
        ("Володимир Зеленський", "Володимиром Зеленським"),
        ("Эльвира Набиуллина", "Эльвиру Набиуллину"),
        ("Эльвира Набиуллина", "Эльвирой Набиуллиной"),
    ],
)
def test_name_has_its_case_forms(name: str, form: str) -> None:
    assert form in set(case_forms(name))


@pytest.mark.parametrize(
    "name",
    [
        "Moscow",
        "",
        "москва",  # no name
        "Совет Безопасности Организации Объединённых Наций",  # too long: not every word changes
    ],
)
def test_other_names_have_none(name: str) -> None:
    assert list(case_forms(name)) == []


def test_acronym_and_vowel_at_the_end_do_not_change() -> None:
    assert set(case_forms("ООН")) == {"ООН"}
    assert set(case_forms("Тбилиси")) >= {"Тбилиси"}


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("москве", "москв"),
        ("россией", "росси"),
        ("путиным", "путин"),
        ("київ", "київ"),
        ("paris", "paris"),
        ("", ""),
    ],
)
def test_stem_has_no_case_ending(term: str, expected: str) -> None:
    assert stem(term) == expected


def test_what_is_cyrillic() -> None:
    assert is_cyrillic("Ростов-на-Дону")
    assert is_cyrillic("Шкром’юк")
    assert not is_cyrillic("BMW Россия")
    assert not is_cyrillic("-")
