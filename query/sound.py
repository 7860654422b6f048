"""What a name sounds like in any of three scripts: one key for `Ihor Terekhov`, `Игорь Терехов` and `إيهور تيريخوف`.

The key is the consonants of each word, those alike made one (b and p, v and f, all hisses), since scripts and their spellings
keep these and little else. So it joins only names that are written in different scripts, which two strangers rarely share.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Literal

from query.tokens import terms

Script = Literal["latin", "cyrillic", "arabic", ""]

_CYRILLIC = {
    **dict(zip("абвгґдеєзиіїйклмнопрстуфхэыў", "abvhhdeeziiiiklmnoprstufheiu", strict=True)),
    **dict.fromkeys("жцчшщ", "S"),
    "ё": "e",
    "ю": "u",
    "я": "a",
}
_ARABIC = {
    **dict(zip("بپتطثدضذحخهرزسصظغفڤقكکگلمنويىئؤعاأإآ", "bptttdddhhhrzsszhffkkkhlmnuiaiuaaaaa", strict=True)),
    **dict.fromkeys("جچشژ", "S"),
}
_LATIN = (
    (re.compile("schtsch|shch|tsch|tch|sch|sh|ch(?=[aeiouy])|dzh|zh|dj|cz|sz|ts|tz|cs|gi(?=[aou])"), "S"),
    (re.compile("kh|gh|ch|h|x(?=a)"), "h"),
    (re.compile("ph"), "f"),
    (re.compile("th"), "t"),
    (re.compile("ck(?=[iy]$)"), "Sk"),
    (re.compile("qu|ck|q"), "k"),
    (re.compile("c(?=[eiy]|$)"), "s"),
    (re.compile("c"), "k"),
    (re.compile("x"), "ks"),
    (re.compile("^j(?=[aeou])"), "S"),
    (re.compile("[jy](?![aeiou])|(?<=[aeiou])y"), "i"),
    (re.compile("w"), "v"),
)
_CLASSES = {
    **dict.fromkeys("bp", "P"),
    **dict.fromkeys("fv", "F"),
    **dict.fromkeys("szZS", "S"),
    **dict.fromkeys("gh", "H"),
    **dict.fromkeys("td", "T"),
    **{letter: letter.upper() for letter in "klmnr"},
}
_PARTICLES = frozenset(
    (  # noqa: SIM905 - a list of words is read best so
        "al el as ash ar at an ad аль эль ас аш ар bin ibn ben бин бен ибн بن ابن de da do di du van von der"
    ).split()
)
_ABD = re.compile("^(?:(abd|абд)(?:al|el|oul|ul|аль|ель|эль|ул|уль)|(عبد)(?:ال)?)(?=..|$)")
"""`Abdel`, `Abdul` and what they begin: the servant of whom the rest names."""
_ARTICLE = re.compile("^ال(?=...)|^ال(?=له$)")
_FINAL = re.compile("(?<=[aeiouy])h$|(?<=[аеэ])х$|(?<=.)[هح]$")
"""An h at the end, before which Arabic writes no vowel: `Fattah`, `Haniyeh`."""
_AT_AN_END = re.compile("^[وي]|[وي]$")
_MAY_BE = {"i": {"i", "e"}, "u": {"u", "o"}}
"""What the long vowels that Arabic writes may be in other scripts."""
_VOWELS_AT_END = frozenset("aeiouyhаеёиоуыэюяієїй")
_LIKE_I = frozenset("ieyиыйеэіїє")
_FEWEST = 4
"""Consonants of a key that names are joined by."""
_LONG = 4
_A_FULL_NAME = 2  # words


def script(name: str) -> Script:
    """The script of a name; '' for another one, or several."""
    found = {_script_of(char) for char in name if char.isalpha()}
    return found.pop() if len(found) == 1 else ""


def _script_of(char: str) -> Script:
    name = unicodedata.name(char, "")
    scripts: tuple[tuple[str, Script], ...] = (
        ("LATIN", "latin"),
        ("CYRILLIC", "cyrillic"),
        ("ARABIC", "arabic"),
    )
    return next((one for start, one in scripts if name.startswith(start)), "")


def sound(name: str) -> str:
    """The key of a name of two words or more; '' where it has too few letters to tell one from another."""
    written = script(name)
    words = _words(name)
    if not written or len(words) < _A_FULL_NAME:
        return ""
    keys = [_key(word, written) for word in words]
    return " ".join(keys) if sum(map(len, keys)) >= _FEWEST and all(keys) else ""


def _key(word: str, written: Script) -> str:
    """The consonants of a word by their classes; a first vowel counts as one."""
    latin = _in_latin(word, written)
    classes = "".join(_CLASSES.get(char, "") for char in latin)
    begins = "A" if latin[:1] and latin[0] in "aeiouy" else ""
    key = begins + "".join(char for char, _ in groupby(classes))
    return (
        key.removeprefix("AL") if len(key) > _LONG else key
    )  # the Arabic article, or what looks like it: `Alexander`


def _in_latin(word: str, written: Script) -> str:
    word = _FINAL.sub("", _ARTICLE.sub("", word))
    if written == "cyrillic":
        return "".join(_CYRILLIC.get(char, "") for char in word.replace("дж", "ж").replace("тч", "ч"))
    if written == "arabic":
        return "".join(_ARABIC.get(char, "") for char in word.replace("تش", "ش"))
    for pattern, sound_of in _LATIN:
        word = pattern.sub(sound_of, word)
    return word


def alike(one: str, other: str) -> bool:
    """Whether names in two scripts can be one: their keys are equal, and no vowel that is written speaks against it."""
    if script(one) == script(other) or _keys(one).isdisjoint(_keys(other)):
        return False
    pairs = zip(_words(one), _words(other), strict=True)
    if "arabic" in (script(one), script(other)):
        return all(_long_vowels_agree(*pair) for pair in pairs)
    return all(_vowels(left) == _vowels(right) for left, right in pairs)


@lru_cache(10_000)
def _keys(name: str) -> frozenset[str]:
    """The keys that a name may have: a `w` is a v or a u."""
    spellings = (name, name.lower().replace("w", "u")) if script(name) == "latin" else (name,)
    return frozenset(filter(None, map(sound, spellings)))


def _words(name: str) -> list[str]:
    """The words of a name that count."""
    apart = (part for word in terms(name) for part in _servant(word))
    return [word for word in apart if word not in _PARTICLES and len(word) > 1]


def _servant(word: str) -> tuple[str, ...]:
    """A word; `Abdelaziz` as two, as Arabic has it."""
    found = _ABD.match(word)
    return tuple(filter(None, (found[1] or found[2], word[found.end() :]))) if found else (word,)


def _vowels(word: str) -> str:
    """The vowels of a word, those side by side as one: `ia` is `a`, `ei` is `e`."""
    latin = _in_latin(word, script(word)).replace("ou", "u")
    groups = re.findall("[aeiouy]+", latin)
    return "".join(next((char for char in group if char not in "iy"), "i") for group in groups)


def _long_vowels_agree(one: str, other: str) -> bool:
    """Whether the long vowels that the Arabic one of two words writes may be those of the other at their places: `حسين` is no
    `Hassan`, `محمود` no `Mohamed`, `منصوري` no `Mansour`."""
    arabic, latin = (one, other) if script(one) == "arabic" else (other, one)
    if not _ends_agree(arabic, latin):
        return False
    there = _by_place(_in_latin(latin.replace("w", "u"), script(latin)))
    written = _by_place(_in_latin(_AT_AN_END.sub("ا", arabic), "arabic"))
    return all(
        place not in there or there[place] & _MAY_BE[vowel]
        for place, vowels in written.items()
        for vowel in vowels & _MAY_BE.keys()
    )


def _ends_agree(arabic: str, other: str) -> bool:
    """Whether an Arabic word's last letter and that of a word in another script may be one: `سلامة` is no `Salam`."""
    if arabic[-1] == "ه":
        return other[-1] in _VOWELS_AT_END
    if arabic[-1] == "ي":
        return other[-1] in _LIKE_I
    return other[-1] != "i"


def _by_place(latin: str) -> Mapping[int, set[str]]:
    """The vowels of a word by how many consonants stand before them, those alike in a row as one."""
    found: dict[int, set[str]] = {}
    place, last = 0, ""
    for char in latin:
        if char in "aeiou":
            found.setdefault(place, set()).add(char)
        elif _CLASSES.get(char, last) != last:
            place, last = place + 1, _CLASSES[char]
    return found


def same(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Names in groups, in order: those that are alike in different scripts are in one, at most one of a script."""
    groups: list[list[str]] = []
    for name in names:
        fitting = (group for group in groups if all(alike(name, one) for one in group))
        group = next(fitting, None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    return [tuple(group) for group in groups]
