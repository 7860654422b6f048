"""Decides whose a surname is: a listed person's, a relative's or namesake's, or unknown from the document.

A wrong id of a listed person is the worst possible error. A surname alone counts as his only if the document gives his full
name or his office (`President Assad`), and names nobody else with that surname. After another given name it is never his.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from tomllib import loads

from enrich.names.features import name_flag
from enrich.names.gazetteer import Gazetteer, Mention, Named, joined
from query.match import Words
from query.tokens import stands_alone, terms

_MOST_GIVEN = 4
_TITLE_CASE = 0.7  # share of capitalised words from which a line is a headline in capitals
_PATRONYMICS = (
    "ович",
    "евич",
    "ич",
    "овна",
    "евна",
    "ична",
    "ovich",
    "evich",
    "ovna",
    "evna",
    "вича",
    "вичу",
    "вичем",
)
_SHORT_HAN = 2  # characters of a full name in Chinese, which most often has three
_LONGEST_ENDING = 2  # letters that a case ending of a Slavic name adds
_SHORTEST_HEADLINE, _LONGEST_HEADLINE = 3, 40  # words
_HYPHENS = ("-", "‑")
_ARTICLES, _SONS = frozenset(("al", "el")), frozenset(("bin", "ibn", "bint"))
_SENTENCE_SIGNS = '.!?…:\n“"'
_SIGNS = ("·", "・", "‧")
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


class Kind(Enum):
    """The interpretation of a listed name in a text."""

    FULL = auto()
    """His full name."""
    OFFICE = auto()
    """His surname after an office: `President Assad`."""
    BARE = auto()
    """His surname alone, or with fitting initials."""
    OTHER = auto()
    """Someone else's: a relative's or namesake's."""
    OPEN = auto()
    """Unknown whose it is."""
    NONE = auto()
    """Not a person: a family, a street, a company."""


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


@dataclass(frozen=True)
class Read:
    """What a listed name in a text was read as, with all words of the name: from `first` to before `last`."""

    kind: Kind
    first: int
    last: int


@dataclass(frozen=True)
class _Sight:
    """What is known at a listed name: the text, his given names, whether the text is a headline, whether the name stands in
    full, and whether given names would follow it."""

    words: Words
    given: frozenset[str]
    is_headline: bool
    is_full: bool
    surname_first: bool


@cache
def cues() -> Cues:
    """The words to go by."""
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


def settled(parts: Sequence[tuple[Words, Sequence[Mention]]], gazetteer: Gazetteer) -> list[list[Mention]]:
    """The mentions of each part of a document, where each listed person is sure to be meant; the others are left open.

    Args:
        parts: the title and the text, each with what the gazetteer knows of it, in order.
        gazetteer: what it knows of people.
    """
    reads = [
        {
            mention: read(mention, words, gazetteer.people[mention.named])
            for mention in known
            if _is_listed(mention, gazetteer)
        }
        for words, known in parts
    ]
    in_full = {
        mention.named
        for one in reads
        for mention, its in one.items()
        if its.kind is Kind.FULL or (its.kind is Kind.OFFICE and _may_hold_office(mention.named, gazetteer))
    }
    others = {
        words.terms[mention.last - 1]
        for (words, _), one in zip(parts, reads, strict=True)
        for mention, its in one.items()
        if its.kind is Kind.OTHER or (its.kind is Kind.OPEN and not mention.alone)
    }
    bearers = _bearers(in_full, gazetteer)
    return [
        apart(
            after
            for mention in known
            for after in (
                _settled(mention, one[mention], words, in_full, others, bearers)
                if mention in one
                else (mention,)
            )
        )
        for (words, known), one in zip(parts, reads, strict=True)
    ]


def apart(mentions: Iterable[Mention]) -> list[Mention]:
    """The mentions without those that a longer one overlaps: `Jordan` in `Jordan Volkov`."""
    kept: list[Mention] = []
    for mention in mentions:
        while kept and kept[-1].last > mention.first and _size(kept[-1]) <= _size(mention):
            kept.pop()
        if not kept or kept[-1].last <= mention.first:
            kept.append(mention)
    return kept


def _size(mention: Mention) -> int:
    return mention.last - mention.first


def reopened(words: Words, mentions: Sequence[Mention], others: frozenset[str]) -> list[Mention]:
    """The same mentions; surnames alone that the recogniser found others to bear too are left open.

    Args:
        words: the text.
        mentions: of it.
        others: the last terms of the names of people whom no list has: see `surnames_of_others`.
    """
    return [
        _opened(mention, words) if mention.bare and words.terms[mention.last - 1] in others else mention
        for mention in mentions
    ]


def surnames_of_others(words: Words, mentions: Iterable[Mention], gazetteer: Gazetteer) -> Iterator[str]:
    """The last terms of the names, of two words or more, of people whom no list has."""
    for mention in mentions:
        if (
            mention.named.type == "person"
            and mention.last - mention.first > 1
            and mention.named not in gazetteer.people
        ):
            yield words.terms[mention.last - 1]


def stands_apart(first: int, last: int, words: Words, named: Named) -> bool:
    """Whether a person's surname stands by itself: not as a part of another's name, nor of what is named after its bearer."""
    names = frozenset({tuple(words.terms[first:last]), tuple(terms(named.name))})
    its = read(Mention(named, first, last), words, names, surname=True)
    return its.kind in (Kind.BARE, Kind.OFFICE)


def _is_listed(mention: Mention, gazetteer: Gazetteer) -> bool:
    return mention.named.type == "person" and mention.named in gazetteer.people


def _may_hold_office(named: Named, gazetteer: Gazetteer) -> bool:
    """Whether an office before the surname tells that this person is meant: only of those who come with wirewatch. Of a
    person on the user's list nobody knows the office, unless it is one of them."""
    if not named.own:
        return True
    full = {name for name in gazetteer.people[named] if _words_of(name) > 1}
    return any(not other.own and full & names for other, names in gazetteer.people.items())


def _bearers(in_full: Iterable[Named], gazetteer: Gazetteer) -> Mapping[str, set[Named]]:
    """The people whose full names are in the document, by the words of their names."""
    bearers: dict[str, set[Named]] = defaultdict(set)
    for named in in_full:
        for name in gazetteer.people[named]:
            bearers[name[-1]].add(named)
    return bearers


def _settled(
    mention: Mention,
    its: Read,
    words: Words,
    in_full: set[Named],
    others: set[str],
    bearers: Mapping[str, set[Named]],
) -> tuple[Mention, ...]:
    """The entity that a listed name refers to."""
    wide = replace(mention, first=its.first, last=its.last)
    surname = words.terms[mention.last - 1]
    match its.kind:
        case Kind.FULL:
            return (replace(wide, weak=False),)
        case Kind.OFFICE | Kind.BARE:
            is_named = mention.named in in_full or mention.alone
            if is_named and surname not in others and bearers.get(surname, set()) <= {mention.named}:
                return (replace(wide, bare=True, weak=mention.weak and mention.named not in in_full),)
        case Kind.OTHER if not mention.weak:
            return (_opened(wide, words),)
        case Kind.NONE:
            return ()
    return () if mention.weak else (_opened(mention, words),)


def _opened(mention: Mention, words: Words) -> Mention:
    """A person under the name that stands in the text."""
    text = words.text[words.tokens[mention.first].start : words.tokens[mention.last - 1].end]
    return Mention(Named(" ".join(text.split()), "person"), mention.first, mention.last, is_open=True)


def read(mention: Mention, words: Words, names: frozenset[tuple[str, ...]], *, surname: bool = False) -> Read:
    """What a listed person's name is at its place.

    Args:
        mention: where it stands.
        words: the text.
        names: all ways to write the name, as terms.
        surname: it is known to be a part of the name only.
    """
    found = tuple(words.terms[mention.first : mention.last])
    is_full = not surname and _is_full(found, names)
    if _is_nobody(mention, words, is_full=is_full) or _may_go_on(found, mention, words):
        return Read(Kind.NONE, mention.first, mention.last)
    given = _given_names(names)
    sight = _Sight(words, given, is_headline(words), is_full, _is_first(found, names))
    before = list(_beside(mention, sight, step=-1))
    after = list(_beside(mention, sight, step=1))
    first = min(before, default=mention.first)
    last = max(after, default=mention.last - 1) + 1
    beside = [
        words.terms[index] for index in (*before[::-1], *after) if words.terms[index] not in cues().particles
    ]
    is_strange = _has_strange_particle((*before, *after), words, names)
    if not beside and not is_strange:
        return Read(Kind.FULL if is_full else _alone(mention, words, names), mention.first, mention.last)
    kind = Kind.OTHER if is_strange else _with_given(beside, given, names, is_full=is_full)
    if kind is Kind.OTHER and not is_full and _is_doubtful(before, words):
        return Read(Kind.OPEN, mention.first, mention.last)
    return Read(kind, first, last)


def _has_strange_particle(beside: Iterable[int], words: Words, names: frozenset[tuple[str, ...]]) -> bool:
    """Whether a particle beside a name is in none of its spellings: `Maria dos Santos`, `Omar bin Haddad`, `Abu Omar`."""
    usual = _ARTICLES.union(*names)
    return any(words.terms[index] in cues().particles - usual for index in beside)


def _is_full(found: tuple[str, ...], names: frozenset[tuple[str, ...]]) -> bool:
    """Whether a written name is more than a surname: of two words without particles, or the only one that there is."""
    if all(map(stands_alone, found)):
        return not any(name != found and name[: len(found)] == found for name in names)
    if _words_of(found) > 1:
        return True
    return all(_words_of(name) == 1 for name in names)


def _words_of(name: tuple[str, ...]) -> int:
    return sum(term not in cues().particles for term in name)


@lru_cache(10_000)
def _given_names(names: frozenset[tuple[str, ...]]) -> frozenset[str]:
    """The words of the full names that are no surname."""
    surnames = {name[-1] for name in names if _words_of(name) == 1} | {
        name[-1] for name in names if _words_of(name) > 1
    }
    short = {name[-1] for name in names if _words_of(name) == 1}
    surname_first = {name for name in names if len(name) > 1 and name[0] in short and name[-1] not in short}
    words = {term for name in names - surname_first for term in name[:-1] if _words_of(name) > 1}
    words |= {term for name in surname_first for term in name[1:]}
    return frozenset(words - cues().particles - (surnames - words))


def _is_first(found: tuple[str, ...], names: frozenset[tuple[str, ...]]) -> bool:
    """Whether a surname stands before the given names: `Kim` of `Kim Jong-un`."""
    return any(len(name) > len(found) and name[: len(found)] == found for name in names)


def _beside(mention: Mention, sight: _Sight, *, step: int) -> Iterator[int]:
    """The places beside a name, from it outwards, whose words seem to belong to the same name."""
    index = mention.first - 1 if step < 0 else mention.last
    for _ in range(_MOST_GIVEN):
        if not (0 <= index < len(sight.words.terms) and joined(sight.words, min(index, index - step))):
            return
        if not _is_of_name(index, sight, step=step):
            return
        yield index
        index += step


def _is_of_name(index: int, sight: _Sight, *, step: int) -> bool:
    """Whether a word beside a name seems to be of it."""
    words, known = sight.words, cues()
    term, token = words.terms[index], words.tokens[index]
    surface, next_sign = words.text[token.start : token.end], words.text[token.end : token.end + 1]
    sign = next_sign if step < 0 else words.text[token.start - 1]
    if stands_alone(term):
        return sign in _SIGNS
    if surface[0].islower():
        return _is_particle_of_name(index, sight, step=step)
    if _fits(term, sight.given) or (len(term) == 1 and surface.isupper() and next_sign == "."):
        return True
    if is_no_name(index, words):
        return term in known.juniors and step > 0
    if not surface[0].isupper():
        return term in known.given  # Arabic, Hebrew and others have no capitals
    return sign in _HYPHENS or _seems_name(term, sight, step=step, hyphened=next_sign in _HYPHENS)


def _is_particle_of_name(index: int, sight: _Sight, *, step: int) -> bool:
    """Whether a small word beside a name is of it: `Asma al Assad`, `Omar Haddad al-Masri`, but not `Bruder von Volkov`."""
    words, term = sight.words, sight.words.terms[index]
    if step > 0:
        after = words.text[words.tokens[index].end : words.tokens[index].end + 1]
        return term in _SONS or (term in _ARTICLES and after in _HYPHENS)
    if sight.is_full or term not in cues().particles or not _has_capital_before(index, words):
        return False
    return term in _ARTICLES | _SONS or bool(name_flag(words.terms[index - 1]))


def is_no_name(index: int, words: Words) -> bool:
    """Whether a word beside a name is a title, a word that begins sentences or the like."""
    term, known = words.terms[index], cues()
    return (
        term in known.never
        or term in known.titles
        or _ends_office(index, words)
        or any(map(str.isdigit, term))
    )


def _seems_name(term: str, sight: _Sight, *, step: int, hyphened: bool) -> bool:
    """Whether a capitalised word beside a name is taken for a part of it."""
    if step < 0:
        return bool(name_flag(term)) or term in cues().given or not (sight.is_headline or sight.is_full)
    if term in cues().juniors:
        return True
    if sight.surname_first or not term.isascii():
        return hyphened or not sight.is_headline
    return bool(name_flag(term)) and not sight.is_headline


def _ends_office(index: int, words: Words) -> bool:
    """Whether the words up to a place are an office or a woman's title."""
    known = cues()
    ends = {tuple(words.terms[max(0, index + 1 - size) : index + 1]) for size in (1, 2)}
    return bool(ends & (known.offices | known.feminine)) or words.terms[index].endswith(_OFFICE_ENDINGS)


def _has_capital_before(index: int, words: Words) -> bool:
    """Whether a particle follows a capitalised word, as in `Asma al Assad`."""
    return index > 0 and joined(words, index - 1) and words.text[words.tokens[index - 1].start].isupper()


def _alone(mention: Mention, words: Words, names: frozenset[tuple[str, ...]]) -> Kind:
    """The interpretation of a surname without a given name."""
    known, before = cues(), mention.first - 1
    if before < 0:
        return Kind.BARE
    ends = {tuple(words.terms[max(0, before + 1 - size) : before + 1]) for size in (1, 2)}
    if words.terms[before] in known.families:
        return Kind.NONE
    if words.terms[before] in known.elder:
        return Kind.OPEN
    if ends & known.feminine:
        return Kind.BARE if _given_names(names) & known.women else Kind.OTHER
    gap = words.text[words.tokens[before].end : words.tokens[mention.first].start]
    return Kind.OFFICE if ends & known.offices and gap == " " else Kind.BARE


def _may_go_on(found: tuple[str, ...], mention: Mention, words: Words) -> bool:
    """Whether a name of two Chinese characters may be the beginning of one of three: `陈伟` in `陈伟明`."""
    if len(found) != _SHORT_HAN or mention.last >= len(words.terms) or not all(map(_is_han, found)):
        return False
    following = words.terms[mention.last]
    is_next = words.tokens[mention.last].start == words.tokens[mention.last - 1].end
    return is_next and _is_han(following) and following not in cues().after_han


def _is_han(term: str) -> bool:
    return "\u4e00" <= term[0] <= "\u9fff"


def is_named_by(first: int, words: Words, kinds: frozenset[str]) -> bool:
    """Whether the word before a name, of the same sentence, is one of some: `the tanker Viktor Volkov`."""
    if first == 0 or words.terms[first - 1] not in kinds:
        return False
    gap = words.text[words.tokens[first - 1].end : words.tokens[first].start]
    return not any(sign in gap for sign in _SENTENCE_SIGNS[:-2] + ",;()")


def _is_nobody(mention: Mention, words: Words, *, is_full: bool) -> bool:
    """Whether a name is a family's or a thing's: `the Assad family`, `Trump Tower`, `Volkov & Sons`, `the tanker Volkov`."""
    known = cues()
    if is_named_by(mention.first, words, known.ships):
        return True
    if mention.last >= len(words.terms):
        return False
    after = mention.last
    gap = words.text[words.tokens[after - 1].end : words.tokens[after].start]
    is_joined = joined(words, after - 1)
    if gap == " " and words.terms[after] == "and" and after + 1 < len(words.terms):
        after, gap = after + 1, " & "
    if words.terms[after] not in known.nobody or not (is_joined or gap == " & "):
        return False
    is_capital = words.text[words.tokens[after].start].isupper()
    return is_capital or not (is_full or gap == " & ")


def _with_given(
    beside: Sequence[str], given: frozenset[str], names: frozenset[tuple[str, ...]], *, is_full: bool
) -> Kind:
    """The interpretation of a name with given names or initials."""
    fitting = [term for term in beside if _fits(term, given)]
    others = [term for term in beside if term not in fitting and not term.endswith(_PATRONYMICS)]
    if is_full:
        return Kind.OTHER if others else Kind.FULL
    if [term for term in others if not _is_initial_of(term, given)]:
        return Kind.OTHER
    if any(len(term) > 1 for term in fitting) and _covers(fitting, names):
        return Kind.FULL
    return Kind.BARE if not any(term.endswith(_PATRONYMICS) for term in others) else Kind.OTHER


def _covers(fitting: Sequence[str], names: frozenset[tuple[str, ...]]) -> bool:
    """Whether given names are all those of one way to write the full name."""
    given = _given_names(names)
    wanted = [{term for term in name if term in given} for name in names if _words_of(name) > 1]
    return any(
        need and all(any(_fits(term, frozenset({one})) for term in fitting) for one in need)
        for need in wanted
    )


def _fits(term: str, given: frozenset[str]) -> bool:
    """Whether a word is one of some given names, in any case of a Slavic language, or its Latin or Cyrillic spelling."""
    return term in given or any(_is_form(term, one) for one in given)


def _is_form(term: str, name: str) -> bool:
    if term.isascii() and name.isascii():
        return False
    term, name = _romanised(term), _romanised(name)
    stem = name[:-1] if name[-1] in "aeiou" else name
    return len(stem) > 2 and term.startswith(stem) and len(term) - len(stem) <= _LONGEST_ENDING


def _is_initial_of(term: str, given: frozenset[str]) -> bool:
    return len(term) == 1 and any(_romanised(one)[:1] == _romanised(term) for one in given)


_CYRILLIC = str.maketrans(
    dict(zip("абвгдезиклмнопрстуфхыэієґ", "abvgdeziklmnoprstufhieieg", strict=True))
    | {"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "iu", "я": "ia", "ь": "", "ъ": ""}
    | {"w": "v", "y": "i", "j": "i", "c": "k"}  # what Latin spellings differ in
)


@lru_cache(20_000)
def _romanised(term: str) -> str:
    return term.translate(_CYRILLIC)


def _is_doubtful(before: Sequence[int], words: Words) -> bool:
    """Whether the only word that speaks for another may be one that begins a sentence: `Gestern Putin`."""
    if len(before) != 1:
        return False
    index = before[0]
    end = words.tokens[index - 1].end if index else 0
    gap = words.text[end : words.tokens[index].start]
    return (index == 0 or any(sign in gap for sign in _SENTENCE_SIGNS)) and not name_flag(words.terms[index])


def is_headline(words: Words) -> bool:
    """Whether most words of a text are capitalised, as in a headline, where capitals mean nothing."""
    if len(words.terms) > _LONGEST_HEADLINE or words.text.rstrip()[-1:] == ".":
        return False
    letters = [words.text[token.start] for token in words.tokens if words.text[token.start].isalpha()]
    return len(letters) >= _SHORTEST_HEADLINE and sum(map(str.isupper, letters)) >= _TITLE_CASE * len(letters)
