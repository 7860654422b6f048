"""Detects the language of a text.

Two models decide together: fastText's lid.176 (a language's letters and words) and py3langid (byte n-grams, Naive Bayes). They
make different errors: on headlines each alone is wrong several times as often (bench/language.py). fastText runs twice, on the
text as written and in lower case, since capitals and acronyms mislead it. If both models are unsure, the language declared by
the page or feed decides; a wrong language is worse than none.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import fasttext
from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNKNOWN = "unknown"

# Probabilities of both models together, over the languages below.
_SURE = 0.9  # at or above this, the declared language is ignored
_ENOUGH_ALONE = 0.35  # at or above this, no confirmation is needed
_PLAUSIBLE = (
    0.2  # fraction of the best answer's probability that the declared language needs if detection is unsure
)
_SECOND_WEIGHT = 0.5  # of py3langid, whose probabilities are too near to 0 and 1
_LEAST, _LEAST_OF_SECOND = 1e-5, 1e-6  # so that no model rules a language out by itself
_LOOKED_AT = 1000  # characters; more make no difference
_SAME = {"nb": "no", "nn": "no"}
# The languages of news that both models know: without minor languages, short texts are right more often.
_LANGUAGES = (
    *("af", "am", "ar", "as", "az", "be", "bg", "bn", "bs", "ca", "cs", "da", "de", "el", "en", "es"),
    *("et", "eu", "fa", "fi", "fr", "ga", "gl", "gu", "ha", "he", "hi", "hr", "hu", "hy", "id", "is"),
    *("it", "ja", "ka", "kk", "km", "kn", "ko", "ky", "lo", "lt", "lv", "mk", "ml", "mn", "mr", "ms"),
    *("my", "ne", "nl", "no", "or", "pa", "pl", "ps", "pt", "ro", "ru", "si", "sk", "sl", "so", "sq"),
    *("sr", "sv", "sw", "ta", "te", "tg", "th", "tk", "tr", "uk", "ur", "uz", "vi", "zh"),
)


def detect(text: str, declared: str = "") -> str:
    """The language of a text: ISO 639-1, or `unknown` rather than a guess.

    Args:
        text: title and text, for example; only the first 1,000 characters are used.
        declared: as declared by the page or feed, ISO 639-1; used only if detection is unsure. '' if undeclared.
    """
    text = text[:_LOOKED_AT].replace("\n", " ")
    if not any(map(str.isalpha, text)):
        return UNKNOWN
    chances = _chances(text)
    best = max(chances, key=chances.__getitem__)
    if chances[best] < _SURE and chances.get(declared, 0.0) >= _PLAUSIBLE * chances[best]:
        return declared
    return best if chances[best] >= _ENOUGH_ALONE else UNKNOWN


def _chances(text: str) -> Mapping[str, float]:
    """The probability of each language, by both models."""
    written, small = _by_fasttext(text), _by_fasttext(text.lower())
    other = dict(_identifier().rank(text))
    scores = {}
    for language in _possible(text):
        first = (_log(written.get(language, 0.0), _LEAST) + _log(small.get(language, 0.0), _LEAST)) / 2
        scores[language] = first + _SECOND_WEIGHT * _log(other.get(language, 0.0), _LEAST_OF_SECOND)
    highest = max(scores.values())
    weights = {language: math.exp(score - highest) for language, score in scores.items()}
    total = sum(weights.values())
    return {language: weight / total for language, weight in weights.items()}


def _log(chance: float, least: float) -> float:
    return math.log(chance + least)


def _possible(text: str) -> Sequence[str]:
    """The languages that the letters of a text allow: kana are Japanese, and simplified characters are not."""
    han = [char for char in text if "一" <= char <= "鿿"]
    kana = sum("ぁ" <= char <= "ヺ" for char in text)
    if kana and kana + len(han) > len(text) / 2:
        return ("ja",)
    if han and not kana and not _are_used_in_japan("".join(han)):
        return [language for language in _LANGUAGES if language != "ja"]
    return _LANGUAGES


def _are_used_in_japan(characters: str) -> bool:
    """Whether these Chinese characters are all in Japan's character set."""
    try:
        characters.encode("shift_jis")
    except UnicodeEncodeError:
        return False
    return True


def _by_fasttext(text: str) -> Mapping[str, float]:
    labels, chances = _fasttext().predict(text, k=-1, threshold=0.0)
    found = ((label.removeprefix("__label__"), chance) for label, chance in zip(labels, chances, strict=True))
    return {_SAME.get(language, language): float(chance) for language, chance in found}


@cache
def _fasttext() -> Any:
    """The model; loading takes some 10 ms."""
    with as_file(files("enrich").joinpath("data/lid.176.ftz")) as path:
        return fasttext.load_model(str(path))


@cache
def _identifier() -> LanguageIdentifier:
    """The model; loading takes some 0.5 s."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES)
    return identifier
