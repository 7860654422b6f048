"""Letters that writers of one language use for one another. query/tokens.py folds with them, and nothing else does.

Case, accents and compatibility forms follow from Unicode; these don't, and each is a choice:

- Arabic letters. Keyboards and encodings differ (windows-1256 has no Persian yeh, Egypt's papers end words in ى), so one word
  comes with several letters: ی and ى are ي, ک is ك, ٱ is ا, and ة, ہ, ھ, ە are ه. (Hamza and madda are marks, and dropped as
  such: أ إ آ are ا, ؤ is و, ئ is ي.) It follows Lucene's ArabicNormalizer, PersianNormalizer and SoraniNormalizer, but keeps
  Urdu's ے apart from ی: they tell لڑکے (boys) from لڑکی (girl), and nobody types one for the other. ھ and ہ, which tell a few
  words apart in Urdu, do become one: on Arabic and Persian keyboards ه is typed for either, and Arabs type ھ for ه.
- Decimal digits of every script are 0 to 9.
- Devanagari and Gujarati. Before a consonant, a nasal is written as a letter or as anusvara (हिन्दी, हिंदी): both are anusvara,
  and so is candrabindu. The nukta, which many leave out, is dropped; the letters ऩ ऱ ऴ, which Unicode has whole, keep it.
- Chinese. A traditional character is its simplified form (data/han.txt, from OpenCC): 台灣 is 台湾. One character at a time,
  so 乾 and 幹 both are 干. The characters that only Japan has simplified (沢) stay.
"""

import re
import unicodedata
from collections.abc import Iterator
from importlib.resources import files

_ARABIC = {
    "\u0649": "\u064a",  # alef maksura, and
    "\u06cc": "\u064a",  # Farsi yeh: yeh
    "\u06a9": "\u0643",  # keheh: kaf
    "\u0671": "\u0627",  # alef wasla: alef
    "\u0629": "\u0647",  # teh marbuta,
    "\u06c3": "\u0647",  # teh marbuta goal,
    "\u06c1": "\u0647",  # heh goal,
    "\u06be": "\u0647",  # heh doachashmee, and
    "\u06d5": "\u0647",  # ae: heh
}

# The scripts of India stand in Unicode in parallel blocks; these are the places within a block.
_DEVANAGARI, _GUJARATI = 0x0900, 0x0A80
_CANDRABINDU, _ANUSVARA, _NUKTA, _VIRAMA = 0x01, 0x02, 0x3C, 0x4D
_K, _C, _RETROFLEX, _T, _P = (range(first, first + 4) for first in (0x15, 0x1A, 0x1F, 0x24, 0x2A))
_SIBILANTS = range(0x36, 0x39)
_NASALS = {
    0x19: (_K,),
    0x1E: (_C,),
    0x23: (_RETROFLEX,),
    0x28: (_K, _C, _RETROFLEX, _T, _P, _SIBILANTS),  # in foreign words: एजेन्सी, इन्टरनेट
    0x2E: (_P,),
}
"""The consonants before which each nasal may also be written as anusvara."""


def _han() -> Iterator[tuple[str, str]]:
    _, *lines = files("query").joinpath("data", "han.txt").read_text("utf-8").splitlines()
    pairs = "".join(lines)
    return zip(pairs[::2], pairs[1::2], strict=True)


def _of_block(block: int) -> dict[str, str]:
    return {chr(block + _CANDRABINDU): chr(block + _ANUSVARA)}


_LETTERS = {**_ARABIC, **_of_block(_DEVANAGARI), **_of_block(_GUJARATI), **dict(_han())}


def letter(char: str) -> str:
    """What a character, already folded by Unicode's rules, is folded to."""
    digit = unicodedata.decimal(char, None)
    return _LETTERS.get(char, char) if digit is None else str(digit)


def _nasals(block: int) -> str:
    """A pattern of nasals that may be written as anusvara. One that begins a word may not: a mark follows a letter."""
    kinds = (
        f"{chr(block + nasal)}(?={chr(block + _VIRAMA)}[{''.join(_span(block, one) for one in before)}])"
        for nasal, before in _NASALS.items()
    )
    return f"(?<=.)(?:{'|'.join(kinds)}){chr(block + _VIRAMA)}"


def _span(block: int, places: range) -> str:
    return f"{chr(block + places[0])}-{chr(block + places[-1])}"


_BLOCKS = {
    chr(block + _ANUSVARA): (re.compile(f"[{chr(block)}-{chr(block + 0x7F)}]"), re.compile(_nasals(block)))
    for block in (_DEVANAGARI, _GUJARATI)
}
_NUKTAS = str.maketrans("", "", chr(_DEVANAGARI + _NUKTA) + chr(_GUJARATI + _NUKTA))


def respelt(word: str) -> str:
    """A folded word in NFC, after the rules that need more than one letter: nuktas and nasals of Devanagari and Gujarati."""
    for anusvara, (of_block, nasals) in _BLOCKS.items():
        if of_block.search(word):
            word = nasals.sub(anusvara, word.translate(_NUKTAS))
    return word
