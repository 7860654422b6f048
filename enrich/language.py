"""Detects the language of a text.

py3langid (n-grams, Naive Bayes), with thresholds, since a wrong language is worse than none. On 606 headlines of real feeds
(bench/language.py), without help: 1 % wrong, 37 % unknown; told what the feed declares, as in the pipeline, 98 % right, 1 %
wrong. Its best guess without thresholds is wrong on 19 %, lingua's on 13 (9 s to load, 790 MB) to 30 %, cld3's on 12 %, cld2's
on 2 % with 9 % unknown. cld2 would be ten times as fast, but has no wheels for Python 3.14. On sentences all are right on 98 %.
"""

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNKNOWN = "unknown"

# Probabilities as the model gives them; on headlines of real feeds all 49 answers of at least 0.5 were right.
_SURE = 0.9  # at or above this, the declared language is ignored
_ENOUGH_ALONE = 0.5  # at or above this, no confirmation is needed
_PLAUSIBLE = (
    0.2  # fraction of the best answer's probability that the declared language needs if detection is unsure
)
_LOOKED_AT = 1000  # characters: more make no difference
# The languages of news that the model knows: without the small ones short texts are right more often.
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
    if not any(map(str.isalpha, text[:_LOOKED_AT])):
        return UNKNOWN
    ranked = dict(_identifier().rank(text[:_LOOKED_AT]))
    best = next(iter(ranked))
    if ranked[best] < _SURE and ranked.get(declared, 0.0) >= _PLAUSIBLE * ranked[best]:
        return declared
    return str(best) if ranked[best] >= _ENOUGH_ALONE else UNKNOWN


@cache
def _identifier() -> LanguageIdentifier:
    """The model; loading takes some 0.5 s."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES)
    return identifier
