"""What a word is: the one definition of a token, for live matching, for the stores and for the gazetteer.

The rules, in the order in which they apply:

1. Letters, digits and numerals make words; everything else separates them, `_` included. So `peace-talks`, `U.S.`, `AT&T`,
   `3.5` and `reuters.com` are two tokens each; in a query such a word is a phrase, and finds them with any
   separator (`U. S.`, `peace talks`).
2. Marks (UAX #44 category M) and invisible format characters (soft hyphen, joiners, direction marks) belong to the word that
   they follow, as in UAX #29 rule WB4: Hindi, vocalised Arabic and decomposed accents stay whole.
3. An apostrophe separates, and all its forms are one: ' ‘ ’ ʼ ʻ ＇. An `s` alone after it is the English possessive
   and is dropped: `Russia's` is `russia`; `l’Ukraine` is `l`, `ukraine`; `don't` is `don`, `t`.
4. Scripts written without spaces (Han, kana, Thai, Lao, Khmer, Myanmar) give one token a letter, with its marks; a word of
   them in a query is thus a phrase, and finds it inside any text. Their decimal digits make numbers, as everywhere.
5. A term has at most 255 characters, as in Lucene's standard tokenizer; a longer run of letters is cut into several.
6. The term is the token folded: case (Unicode casefold), compatibility forms (NFKC: full-width, ligatures), accents of
   Latin, Greek and Cyrillic, the vowel signs of Arabic and Hebrew, format characters. Marks that tell words apart
   (Indic, Thai, kana) stay. Letters with a stroke and the like fold as in Lucene's ASCIIFoldingFilter: `ł` is
   `l`, `ı` is `i`, `æ` is `ae`. Hence й is и, ё is е, and hamza on alef is dropped, as in ICU's folding.
7. Spellings of one word in Arabic, Persian, Urdu, Hindi and Chinese, and the digits of all scripts, are one term: the
   letters are in spellings.py.

A term tokenised again is itself. Offsets are code points of the text as it was given, not normalised.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import accumulate

import msgspec

from query.spellings import letter, respelt

RULES = f"2-unicode{unicodedata.unidata_version}"
"""The name of these rules: an index built under another name must be rebuilt."""

MAX_LENGTH = 255
"""Characters of the longest token."""

_USUAL, _MOST_KEPT = 32, 50_000
"""The longest word whose term is cached, in characters, and how many words are."""


class Token(msgspec.Struct, frozen=True, gc=False):
    """A word of a text: its folded form, and where it stood (code points, end exclusive)."""

    term: str
    start: int
    end: int


_APOSTROPHES = "'‘’ʼʻ＇"
_TATWEEL = "\u0640"  # stretches an Arabic word for appearance
_LETTERS_AS_MARKS = f"{_TATWEEL}\uff9e\uff9f"  # the last two are the half-width voice marks of kana
_NO_SPACES = (
    # The gaps are decimal digits.
    range(0x0E00, 0x0E50),  # Thai
    range(0x0E5A, 0x0ED0),  # Thai, Lao
    range(0x0EDA, 0x0F00),  # Lao
    range(0x1000, 0x1040),  # Myanmar
    range(0x104A, 0x1090),
    range(0x109A, 0x10A0),
    range(0x1780, 0x17E0),  # Khmer
    range(0x17EA, 0x1800),
    range(0x3005, 0x3008),  # 々〆〇
    range(0x3021, 0x302A),
    range(0x3031, 0x3036),
    range(0x3038, 0x303D),
    range(0x3041, 0x3100),  # Hiragana, Katakana
    range(0x31F0, 0x3200),
    range(0x3400, 0x4DC0),  # Han
    range(0x4E00, 0xA000),
    range(0xA9E0, 0xA9F0),  # Myanmar extended
    range(0xA9FA, 0xAA00),
    range(0xAA60, 0xAA80),
    range(0xF900, 0xFB00),
    range(0xFF66, 0xFF9E),  # half-width Katakana
    range(0x1AFF0, 0x1B170),
    range(0x20000, 0x323B0),
)
_DROPPED_MARKS = (
    range(0x0300, 0x0370),  # accents
    range(0x0483, 0x0488),
    range(0x0591, 0x05C8),  # Hebrew points
    range(0x0610, 0x061B),  # Arabic vowels and recitation marks
    range(0x064B, 0x0660),
    range(0x0670, 0x0671),
    range(0x06D6, 0x06EE),
    range(0x0711, 0x0712),  # Syriac
    range(0x0730, 0x074B),
    range(0x0898, 0x08A0),
    range(0x08CA, 0x0900),
    range(0x1AB0, 0x1B00),  # accents
    range(0x1DC0, 0x1E00),
    range(0x20D0, 0x2100),
    range(0xFE00, 0xFE10),  # variation selectors
    range(0xFE20, 0xFE30),
    range(0xE0100, 0xE01F0),
)
_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ħ": "h",
        "ŧ": "t",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "ŋ": "n",
    }
)


# Where Unicode has marks and format characters: everywhere but in Han, Hangul and the planes after the first two.
_MARKED = (range(0x80, 0x3100), range(0xA000, 0xAC00), range(0xF900, 0x1F000), range(0xE0000, 0xE0200))


def _within(char: str, ranges: Iterable[range]) -> bool:
    return any(ord(char) in span for span in ranges)


def _is_mark(char: str) -> bool:
    """Whether a character belongs to the word before it (rule 2). U+200B marks a gap between words, though it is Cf."""
    category = unicodedata.category(char)
    return category[0] == "M" or (category == "Cf" and char != "\u200b") or char in _LETTERS_AS_MARKS


def _as_class(ranges: Iterable[range]) -> str:
    """The inside of a regular expression's brackets."""
    return "".join(f"{chr(codes[0])}-{chr(codes[-1])}" for codes in ranges)


_MARKS = "".join(chr(code) for codes in _MARKED for code in codes if _is_mark(chr(code)))
_ALONE = _as_class(_NO_SPACES)
_RUN = rf"[^\W_{_APOSTROPHES}{_LETTERS_AS_MARKS}{_ALONE}]"
# The look-ahead is for speed: it spares most characters the walk through the long list of marks.
_MARK = rf"(?:(?=[^\w\0-\x7f]|[{_LETTERS_AS_MARKS}])[{_MARKS}])"
_REST = f"{{0,{MAX_LENGTH - 1}}}"
_RUN_FORM = rf"{_RUN}{{1,{MAX_LENGTH}}}+(?:{_MARK}(?:{_RUN}|{_MARK}){_REST})?"
_ALONE_FORM = rf"(?=\w)[{_ALONE}]{_MARK}{_REST}"
_ASCII_RUN = f"[0-9A-Za-z]{{1,{MAX_LENGTH}}}+"
# Both have two groups, the word and its possessive; `split` thus gives gap, word, possessive, gap, ..., gap.
_TOKEN = re.compile(
    rf"({_ASCII_RUN}(?![^\0-\x7f])|{_RUN_FORM}|{_ALONE_FORM})((?:[{_APOSTROPHES}][sS](?!{_RUN}|{_MARK}))?)"
)
_ASCII_TOKEN = re.compile(f"({_ASCII_RUN})((?:'[sS](?![0-9A-Za-z]))?)")


class _Foldings(dict[int, str]):
    """What each code point becomes in a term, computed on first use: a table for `str.translate`."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        self[code] = folded
        return folded


def _fold_character(char: str) -> str:
    if _drops(char):
        return ""
    folded = _without_accents(unicodedata.normalize("NFKD", char)).casefold()
    folded = unicodedata.normalize("NFC", _without_accents(unicodedata.normalize("NFKD", folded)))
    folded = "".join(map(letter, folded.translate(_LETTERS_WITHOUT_DECOMPOSITION)))
    return folded if _same_kind(char, folded) else char


def _drops(char: str) -> bool:
    return _is_mark(char) and (
        unicodedata.category(char) == "Cf" or char == _TATWEEL or _within(char, _DROPPED_MARKS)
    )


def _without_accents(text: str) -> str:
    return "".join(char for char in text if not _within(char, _DROPPED_MARKS))


def _same_kind(char: str, folded: str) -> bool:
    """Whether the folded form is what the character was: a mark, part of a run, or one letter that stands alone.

    Some are not: `½` decomposes into `1⁄2`, the Thai am into a mark and a letter, `ヿ` into two kana.
    """
    if _is_mark(char):
        return all(map(_is_mark, folded))
    form = _RUN_FORM if re.match(_RUN, char) else _ALONE_FORM
    return re.fullmatch(form, folded) is not None


_FOLDINGS = _Foldings()


class _Terms(dict[str, str]):
    """What each word folds to, computed on first use. A limited number of words of usual length is cached: what strangers write
    must not fill the memory."""

    def __missing__(self, word: str) -> str:
        term = _fold(word)
        if len(word) <= _USUAL:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[word] = term
        return term


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    return respelt(unicodedata.normalize("NFC", word.translate(_FOLDINGS)))[:MAX_LENGTH]


_TERMS = _Terms()


def tokenize(text: str) -> list[Token]:
    """The tokens of a text, in order. Linear in its length."""
    pieces = cut(text)
    return placed(pieces, folded(pieces))


def terms(text: str) -> list[str]:
    """The terms of `tokenize(text)`, without their places: faster."""
    return folded(cut(text))


def shortened(text: str, most: int) -> str:
    """At most the first `most` code points of a text, cut between words if possible."""
    if len(text) <= most:
        return text
    cut = max(text.rfind(separator, 0, most + 1) for separator in " \n")
    return text[: cut if cut > 0 else most]


def stands_alone(term: str) -> bool:
    """Whether a term is one letter of a script that is written without spaces (rule 4)."""
    return re.match(f"[{_ALONE}]", term) is not None


def folded(pieces: Sequence[str]) -> list[str]:
    """The terms of a text from `cut`."""
    return list(map(_TERMS.__getitem__, pieces[1::3]))


def placed(pieces: Sequence[str], terms: Iterable[str]) -> list[Token]:
    """The tokens of a text from `cut`, whose terms are known."""
    ends = list(accumulate(map(len, pieces)))  # the end of a gap is the start of a word
    return list(map(Token, terms, ends[0::3], ends[1::3]))


def cut(text: str) -> list[str]:
    """The whole text, cut into gap, word, possessive, gap, word, possessive, ..., gap."""
    return (_ASCII_TOKEN if text.isascii() else _TOKEN).split(text)
