"""Corrects what the model finds outside English, by what is certain of a language: `ministra de Cultura` is no organisation."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace

from enrich.names.arabic import without_clitics
from enrich.names.cue_words import CUES, cue
from enrich.names.features import is_listed_place, is_native_name, name_flag
from enrich.names.gazetteer import Mention
from enrich.names.linking import unlinked
from query.match import Words

_MINISTER = re.compile("(?:vice|ex)?minist[reo]")
_OF = frozenset("de da do dos das del della dell dello dei delle di du des d von van voor fur".split())  # noqa: SIM905
_ARTICLES = frozenset("la le l el o a os as il lo i gli".split())  # noqa: SIM905
_SLAVIC_ADJECTIVE = re.compile("(?:ск|цк|ськ|цьк)(?:ий|ая|ое|ие|ой|ого|а|е|і|ої)$")
_ADJECTIVES = {"ru": _SLAVIC_ADJECTIVE, "uk": _SLAVIC_ADJECTIVE}
_ARABIC_ARTICLES = ("ال", "لل", "وال", "بال", "ولل", "فال", "كال")
_POSSESSIVES = ("ها", "هم", "هما", "هن")
_SHORTEST = 5
"""Letters of an Arabic word with a possessive, such as `مجملها`."""
_IN, _PEOPLE, _PLACES, _TIME = (CUES.index(kind) + 1 for kind in ("in", "people", "places", "time"))


def corrected(
    found: Iterable[Mention], known: Sequence[Mention], words: Words, language: str
) -> list[Mention]:
    """The model's finds without those that are none, each name apart; an Arabic one is called without the conjunction or the
    preposition that is written together with it.

    Args:
        found: the model's finds, unlinked.
        known: the gazetteer's mentions, in order.
        words: the text.
        language: of the text.
    """
    if language != "ar":
        return [*_names(found, known, words, language)]
    parts = (_without_days(part, words) for mention in found for part in _apart(mention, known, words))
    names = [*_names(parts, known, words, language)]
    called = {mention.named.name for mention in names}
    return [_bare(mention, called, words) for mention in names]


def _names(
    found: Iterable[Mention], known: Sequence[Mention], words: Words, language: str
) -> Iterator[Mention]:
    """The finds that are names; a listed place that the model takes for a team is a place where the text says so."""
    at = {(mention.first, mention.last): mention for mention in known}
    for mention in found:
        listed = at.get((mention.first, mention.last))
        is_team = listed is not None and (listed.named.type, mention.named.type) == ("place", "organisation")
        if is_team and _is_where(mention, words, language):
            yield replace(mention, named=replace(mention.named, type="place"))
        elif listed is not None or not _is_none(mention, words, language):
            yield mention


def _is_none(mention: Mention, words: Words, language: str) -> bool:
    """Whether a find that no list has is no name."""
    kind = mention.named.type
    if kind != "person" and _is_adjective(mention, words, language):
        return True
    if kind == "organisation":
        return _is_portfolio(mention, words)
    return language == "ar" and (
        _is_time(mention.first, words) or (kind == "place" and _is_common_in_arabic(mention, words))
    )


def _is_portfolio(mention: Mention, words: Words) -> bool:
    """Whether a find is what a minister is for: `ministra de Cultura`, `ministre de la Défense`."""
    first = mention.first - 1
    if first > 0 and words.terms[first] in _ARTICLES:
        first -= 1
    return first > 0 and words.terms[first] in _OF and _MINISTER.match(words.terms[first - 1]) is not None


def _is_adjective(mention: Mention, words: Words, language: str) -> bool:
    """Whether a find is a capitalised adjective before a noun or a quoted name: `Київське «Динамо»`."""
    pattern, after = _ADJECTIVES.get(language), mention.last
    if pattern is None or after - mention.first > 1 or after >= len(words.terms):
        return False
    gap = words.text[words.tokens[after - 1].end : words.tokens[after].start]
    is_noun = gap == " " and words.text[words.tokens[after].start].islower()
    is_before_noun = is_noun and mention.named.type == "organisation"
    return (is_before_noun or gap == " «") and pattern.search(words.terms[mention.first]) is not None


def _is_where(mention: Mention, words: Words, language: str) -> bool:
    """Whether a preposition or an office before a listed place says that the place is meant, no team: `líder da Ucrânia`."""
    before = words.terms[mention.first - 1] if mention.first else ""
    return before in _OF or cue(before, language) in (_IN, _PEOPLE)


def _is_common_in_arabic(mention: Mention, words: Words) -> bool:
    """Whether a place is a common noun with an article or a possessive, such as `البلدة` and `مجملها`: that of no list, and not
    called a city or the like."""
    first = words.terms[mention.first]
    is_one = mention.last - mention.first == 1
    is_possessed = is_one and len(first) >= _SHORTEST and first.endswith(_POSSESSIVES)
    if not (first.startswith(_ARABIC_ARTICLES) or is_possessed):
        return False
    before = words.terms[mention.first - 1] if mention.first else ""
    return cue(before, "ar") != _PLACES and not is_listed_place(words.terms[mention.first : mention.last])


def _without_days(mention: Mention, words: Words) -> Mention:
    """An Arabic find without days and months after the name, which have no capitals to tell them: `لجنة الرقابة الأسبوع`."""
    last = mention.last
    while last - mention.first > 1 and _is_time(last - 1, words):
        last -= 1
    return mention if last == mention.last else unlinked(mention.named.type, mention.first, last, words)


def _is_time(index: int, words: Words) -> bool:
    return cue(words.terms[index], "ar") == _TIME


def _apart(mention: Mention, known: Sequence[Mention], words: Words) -> Iterator[Mention]:
    """An Arabic find, cut before each `and` that begins another name: `بيروت والرياض`. What the gazetteer has is left to it."""
    inside = range(mention.first + 1, mention.last)
    begins = {one.first for one in known}
    cuts = [index for index in inside if _is_joined(words.terms[index], is_known=index in begins)]
    if not cuts:
        yield mention
        return
    listed = {(one.first, one.last) for one in known}
    for first, last in zip([mention.first, *cuts], [*cuts, mention.last], strict=True):
        if (first, last) not in listed:
            yield unlinked(mention.named.type, first, last, words)


def _is_joined(term: str, *, is_known: bool) -> bool:
    """Whether an Arabic word is a name after `and`, by the gazetteer or the lists of names and places."""
    if not term.startswith("و"):
        return False
    alone = term[1:]
    return is_known or (alone in without_clitics(term) and bool(name_flag(alone) or is_listed_place([alone])))


def _bare(mention: Mention, called: Set[str], words: Words) -> Mention:
    """An Arabic find under its name without what is written together with it, if the text has that, too, or its first word is
    someone's name then: `وسلمى بلعيد`. Its place in the text stays."""
    term, bare = words.terms[mention.first], mention.named.name[1:]
    is_person = mention.named.type == "person" and not is_native_name(term) and is_native_name(term[1:])
    if term[1:] in without_clitics(term) and (bare in called or is_person):
        return replace(mention, named=replace(mention.named, name=bare))
    return mention
