import pytest
from endless import must_end

from ingest.page.furniture import RULES, is_furniture, without_furniture

TEXT = (
    "The talks began on Monday.",
    "Both sides said that they were ready.",
    "“It can not start so”, said the negotiator.",
    "The envoy will report on Friday.",
)


@pytest.mark.parametrize(
    "line",
    [
        "Share", "ADVERTISEMENT", "- Advertisement -", "Related stories:", "Sign up for our newsletter!",
        "Read more: Truce holds in north",
        "Lesen Sie auch:", "Publicité", "LIRE AUSSI : Le retrait continue", "Читайте также", "Czytaj też: Rozmowy trwają",
        "إعلان", "広告",
        "Editor’s pick", "Cookie settings",
        "Bild anzeigen", "Partager sur Instagram", "Utilizamos cookies", "Últimas notícias", "Riproduzione riservata",
        "Plaats een reactie", "Beeld: ANP", "Последние новости", "Матеріали за темою:", "Читайте ще: Переговори тривають",
        "جميع الحقوق محفوظة", "مقالات ذات صلة", "Polityka prywatności",
    ],
)  # fmt: skip
def test_lines_of_furniture(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        "Share prices fell on Monday.", "The advertisement was withdrawn.", "He said: read more.",
        "Related to this is the question of aid.",
        "Read more: the minister's own advice, he said, was to go to the library.", "“Yes.”",
        "Lire est un plaisir.", "Accept the deal, he said.", *TEXT,
        "Das Bild zeigt den Hafen.", "Últimas horas para votar.", "Le dossier est clos.", "Het beeld is somber.",
        "Останні новини з фронту тривожні.", "Нагадаємо, переговори почалися в понеділок.", "عاجل أو آجل، سيعودون.",
    ],
)  # fmt: skip
def test_sentences_are_not_furniture(line: str) -> None:
    assert not is_furniture(line)


def test_headline_before_the_text_is_removed_but_not_later() -> None:
    assert without_furniture("\n".join(("Talks  begin", *TEXT)), "Talks begin") == "\n".join(TEXT)
    later = "\n".join((*TEXT[:2], "Talks begin.", *TEXT[2:]))
    assert without_furniture(later, "Talks begin") == later


def test_related_headlines_at_the_end_are_removed() -> None:
    trailing = ("Envoy: Only Plan B is 'return to war'", "Oil price falls as talks go on")
    assert without_furniture("\n".join((*TEXT, *trailing)), "") == "\n".join(TEXT)


@pytest.mark.parametrize(
    "end",
    [
        "Reported by us",
        "- one of the points on a list",
        "He asked: “Why now?”",
        "They agreed on three points:",
    ],
)
def test_other_ends_stay(end: str) -> None:
    text = "\n".join((*TEXT, end))
    assert without_furniture(text, "") == text


def test_text_that_does_not_write_full_stops_is_left_alone() -> None:
    text = "\n".join(f"a line of some poem number {number}" for number in range(8))
    assert without_furniture(text, "") == text


def test_empty_lines_are_removed() -> None:
    assert without_furniture(" \n\nOne sentence. \n", "") == "One sentence."


@pytest.mark.parametrize("line", ["!" * 500_000 + "a", "“" * 500_000, " .a" * 300_000])
def test_a_hostile_line_stalls_nothing(line: str) -> None:
    with must_end():
        without_furniture("\n".join((line, *TEXT, line)), line)


@pytest.mark.parametrize("line", ["—", "* * *", "***", "_____", "•", "…"])
def test_a_line_without_a_word_is_furniture(line: str) -> None:
    assert without_furniture("\n".join((*TEXT[:2], line, *TEXT[2:])), "") == "\n".join(TEXT)


def test_a_line_of_one_word_or_number_stays() -> None:
    assert not is_furniture("3", RULES)
    assert not is_furniture("– Да", RULES)
