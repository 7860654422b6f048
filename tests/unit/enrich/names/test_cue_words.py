import pytest

from enrich.names.cue_words import CUES, cue, languages
from query.tokens import terms


@pytest.mark.parametrize(
    ("term", "language", "kind"),
    [
        ("presidente", "es", "people"),
        ("Ministerpräsidentin", "de", "people"),
        ("президента", "ru", "people"),  # `президент*`
        ("министерством", "ru", "organisations"),
        ("dijo", "es", "speaking"),
        ("مدينة", "ar", "places"),
        ("ووزارة", "ar", "organisations"),
        ("للبنك", "ar", "organisations"),
        ("وزارة", "ar", "organisations"),
        ("Landrat", "de", "people"),  # not as `*rat`
        ("gennaio", "it", "time"),
    ],
)
def test_word_has_its_kind(term: str, language: str, kind: str) -> None:
    (folded,) = terms(term)
    assert CUES[cue(folded, language) - 1] == kind


def test_other_words_have_none() -> None:
    assert cue("quintero", "es") == 0
    assert cue("presidente", "ja") == 0
    assert cue("", "es") == 0


def test_languages_have_every_kind() -> None:
    assert languages() == {"ar", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru", "uk"}
