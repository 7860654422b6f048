import pytest

from enrich.names.polish import polish_forms


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
