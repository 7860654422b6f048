"""The words beside a person's name that show what it is: offices, titles, relatives, things named after a person."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from tomllib import loads

from query.match import Words
from query.tokens import terms

SENTENCE_SIGNS = '.!?…:\n“"'
_OFFICE_ENDINGS = (
    "chef",
    "minister",
    "präsident",
    "kanzler",
    "kanzlerin",
    "sprecher",
    "führer",
    "haber",
    "trainer",
    "kandidat",
    "politiker",
)
_TITLE_CASE = 0.7  # share of capitalised words that makes a line a headline in capitals
_SHORTEST_HEADLINE, _LONGEST_HEADLINE = 3, 40  # words


@dataclass(frozen=True)
class Cues:
    """Words, as terms, beside a surname: see data/bearers.toml."""

    offices: frozenset[tuple[str, ...]]
    titles: frozenset[str]
    feminine: frozenset[tuple[str, ...]]
    women: frozenset[str]
    nobody: frozenset[str]
    after_han: frozenset[str]
    ships: frozenset[str]
    juniors: frozenset[str]
    elder: frozenset[str]
    families: frozenset[str]
    never: frozenset[str]
    particles: frozenset[str]
    given: frozenset[str]


@cache
def cues() -> Cues:
    """The words from the data file."""
    table = loads(files("enrich").joinpath("data/bearers.toml").read_text("utf-8"))
    phrases = {key: frozenset(tuple(terms(phrase)) for phrase in table[key]) for key in table}
    words = {key: frozenset(chain.from_iterable(phrases[key])) for key in phrases}
    return Cues(
        offices=phrases["offices"],
        feminine=phrases["feminine"],
        nobody=words["kin"] | words["things"],
        **{
            key: words[key]
            for key in (
                "titles",
                "women",
                "ships",
                "after_han",
                "juniors",
                "elder",
                "families",
                "never",
                "particles",
                "given",
            )
        },
    )


def is_no_name(index: int, words: Words) -> bool:
    """Whether a word beside a name is no part of it: a title, a word that begins sentences or the like."""
    term, known = words.terms[index], cues()
    return (
        term in known.never
        or term in known.titles
        or _ends_office(index, words)
        or any(map(str.isdigit, term))
    )


def _ends_office(index: int, words: Words) -> bool:
    """Whether the words before a place end with an office or a woman's title."""
    known = cues()
    ends = {tuple(words.terms[max(0, index + 1 - size) : index + 1]) for size in (1, 2)}
    return bool(ends & (known.offices | known.feminine)) or words.terms[index].endswith(_OFFICE_ENDINGS)


def is_named_by(first: int, words: Words, kinds: frozenset[str]) -> bool:
    """Whether the word before a name, in the same sentence, is one of the given ones: `the tanker Viktor Volkov`."""
    if first == 0 or words.terms[first - 1] not in kinds:
        return False
    gap = words.text[words.tokens[first - 1].end : words.tokens[first].start]
    return not any(sign in gap for sign in SENTENCE_SIGNS[:-2] + ",;()")


def is_headline(words: Words) -> bool:
    """Whether most words of a text are capitalised, as in a headline, so that capitals mean nothing."""
    if len(words.terms) > _LONGEST_HEADLINE or words.text.rstrip()[-1:] == ".":
        return False
    letters = [words.text[token.start] for token in words.tokens if words.text[token.start].isalpha()]
    return len(letters) >= _SHORTEST_HEADLINE and sum(map(str.isupper, letters)) >= _TITLE_CASE * len(letters)
