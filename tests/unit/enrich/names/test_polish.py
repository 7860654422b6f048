import pytest

from enrich.names.polish import base_forms, polish_forms, polish_forms_of_person


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("Polska", {"Polski", "Polsce", "Polskę", "Polską"}),
        ("Francja", {"Francji", "Francję", "Francją"}),
        ("Hiszpania", {"Hiszpanii", "Hiszpanię"}),
        ("Niemcy", {"Niemiec", "Niemczech"}),
        ("Paryż", {"Paryża", "Paryżu", "Paryżem"}),
        ("Londyn", {"Londynu", "Londynie"}),
        ("Nowy Jork", {"Nowego Jorku", "Nowym Jorkiem", "Nowym Jorku"}),
        ("Stany Zjednoczone", {"Stanów Zjednoczonych", "Stanach Zjednoczonych"}),
        ("Korea Północna", {"Korei Północnej", "Koreę Północną"}),
    ],
)
def test_place_in_its_cases(name: str, forms: set[str]) -> None:
    assert forms <= set(polish_forms(name))


def test_name_without_a_pattern_stays() -> None:
    assert set(polish_forms("Peru")) == {"Peru"}
    assert list(polish_forms("Antigua i Barbuda")) == []


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("Donald Tusk", {"Donalda Tuska", "Donaldowi Tuskowi", "Donaldem Tuskiem"}),
        ("Wołodymyr Zełenski", {"Wołodymyra Zełenskiego", "Wołodymyrem Zełenskim"}),
        ("Andrzej Duda", {"Andrzeja Dudy", "Andrzejem Dudą"}),
        ("Maria Zacharowa", {"Marii Zacharowej", "Marię Zacharową"}),
        ("Angela Merkel", {"Angeli Merkel", "Angelą Merkel"}),
        ("Narendra Modi", {"Narendry Modi"}),
        ("Poroszenko", {"Poroszenki", "Poroszenką"}),
    ],
)
def test_person_in_its_cases(name: str, forms: set[str]) -> None:
    assert forms <= set(polish_forms_of_person(name))


@pytest.mark.parametrize(
    ("term", "base"),
    [
        ("krakowie", "krakow"),
        ("lublinie", "lublin"),
        ("kowalskiego", "kowalski"),
        ("nowakiem", "nowak"),
        ("warszawy", "warszawa"),
    ],
)
def test_base_of_a_case(term: str, base: str) -> None:
    assert base in base_forms(term)
    assert base_forms(term)[0] == term
