"""Tells by rules what an edit changed in an article, and where each change is in both versions: pure."""

import re
from collections.abc import Iterable, Sequence

from ingest.edits.noise import news_of
from ingest.page.furniture import normalise
from query.tokens import terms
from stream.delta import Hunk, hunks
from stream.messages import Article, Change, ChangeKind

MOST_CHANGES = 50
"""The most changes that are listed for one edit."""
QUOTED = 300
"""The most code points that are quoted from a change."""
_PASSAGE = 6  # words that make a passage
_SHORT = 12  # the most words of a change that can be one of a number or a name
_NEAR = 30  # the most characters between two changes in a sentence that count as one

_NUMBER_WORDS = frozenset(
    {
        *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight"),
        *("nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
        *("eighteen", "nineteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty"),
        *("ninety", "hundred", "thousand", "million", "billion", "dozen", "dozens", "hundreds", "thousands"),
        *("zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"),
        *("deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
        *("dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"),
    }
)  # fmt: skip
_ENDS = re.compile(r"[.!?…。！？]\s|\n")
_CAPITALISED = re.compile(r"(?<![.!?…]\s)(?<!^)(?<!\n)\b[^\W\d_a-z]\w+")
_NOT_NAMES = frozenset(
    {
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february"),
        *("march", "april", "may", "june", "july", "august", "september", "october", "november"),
        *("december", "the", "a", "an", "in", "on", "at", "he", "she"),
        *("it", "they", "we", "but", "and"),
    }
)  # fmt: skip
_NOTE = re.compile(
    r"\W{0,3}(?:"
    r"corrections?\b|corrected\b|clarifications?\b|editor['’]?s['’]? note|editors['’] note|correction appended|retraction"
    r"|(?:an? )?(?:earlier|previous) version of this|this (?:article|story|report|piece|post|headline) (?:was|has been)"
    r" (?:amended|corrected|updated to correct|changed|edited|revised)"
    r"|berichtigung|korrektur|richtigstellung|anmerkung der redaktion|in einer früheren (?:version|fassung)"
    r"|rectificatif|correctif|erratum|errata|note de la rédaction|ndlr|une (?:première|précédente) version"
    r"|corrección|rectificación|fe de errores|nota del editor|nota de la redacción|una versión anterior"
    r"|rettifica|correzione|errata corrige|nota della redazione|correção|nota do editor|nota da redação"
    r"|rectificatie|correctie|rättelse|rettelse|sprostowanie|korekta|düzeltme"
    r"|исправление|уточнение|поправка|от редакции|примечание редакции|виправлення|уточнення|від редакції"
    r"|تصحيح|تنويه|توضيح|更正|勘误|编者按|訂正|おわび"
    r")",
    re.IGNORECASE,
)


def changes(before: Article, after: Article) -> tuple[Change, ...]:
    """What changed between two versions of an article; () if only furniture, counters, dates, case or punctuation did."""
    titles = frozenset(map(normalise, (before.title, after.title)))
    found = [*_headline(before, after), *_in_text(before.text, after.text, titles)]
    return tuple(found[:MOST_CHANGES])


def _headline(before: Article, after: Article) -> Iterable[Change]:
    """The change of the headline, if both versions took theirs from the same place."""
    if before.title_from != after.title_from or news_of(before.title) == news_of(after.title):
        return ()
    return (
        Change(
            kind="headline",
            field="title",
            start=0,
            end=len(after.title),
            old_start=0,
            old_end=len(before.title),
            before=before.title[:QUOTED],
            after=after.title[:QUOTED],
        ),
    )


def _in_text(before: str, after: str, titles: frozenset[str]) -> Iterable[Change]:
    for hunk in _joined(hunks(after, before), after):
        if _is_news(hunk, before, after, titles):
            yield _change(hunk, before, after)


def _joined(found: Sequence[Hunk], after: str) -> Iterable[Hunk]:
    """The stretches, merged if only a few words of one sentence lie between them."""
    current: Hunk | None = None
    for hunk in found:
        if current and hunk.start - current.end <= _NEAR and not _ENDS.search(after, current.end, hunk.start):
            current = Hunk(current.start, hunk.end, current.other_start, hunk.other_end)
            continue
        if current:
            yield current
        current = hunk
    if current:
        yield current


def _is_news(hunk: Hunk, before: str, after: str, titles: frozenset[str]) -> bool:
    """Whether the lines of a stretch now say something different. A headline above the text does not count."""
    old, new = _lines(before, hunk.other_start, hunk.other_end), _lines(after, hunk.start, hunk.end)
    return news_of(_untitled(old, titles)) != news_of(_untitled(new, titles))


def _untitled(lines: str, titles: frozenset[str]) -> str:
    return "\n".join(line for line in lines.split("\n") if normalise(line) not in titles)


def _lines(text: str, start: int, end: int) -> str:
    """The whole lines of a stretch; none if it is empty and stands between two lines."""
    first = text.rfind("\n", 0, start) + 1
    if end == 0 or text[end - 1] == "\n":
        return text[first:end]
    last = text.find("\n", end)
    return text[first : last if last >= 0 else len(text)]


def _change(hunk: Hunk, before: str, after: str) -> Change:
    start, end = _trimmed(after, hunk.start, hunk.end)
    old_start, old_end = _trimmed(before, hunk.other_start, hunk.other_end)
    return Change(
        kind=_kind(hunk, before, after),
        field="text",
        start=start,
        end=end,
        old_start=old_start,
        old_end=old_end,
        before=before[old_start:old_end][:QUOTED],
        after=after[start:end][:QUOTED],
    )


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _kind(hunk: Hunk, before: str, after: str) -> ChangeKind:
    old, new = before[hunk.other_start : hunk.other_end], after[hunk.start : hunk.end]
    if _notes(_lines(after, hunk.start, hunk.end)) > _notes(_lines(before, hunk.other_start, hunk.other_end)):
        return "correction"
    old_words, new_words = terms(old), terms(new)
    if 3 * len(new_words) < len(old_words) >= _PASSAGE:
        return "removed"
    if 3 * len(old_words) < len(new_words) >= _PASSAGE:
        return "added"
    if max(len(old_words), len(new_words)) > _SHORT:
        return "text"
    if _differ(_numbers(old_words), _numbers(new_words)):
        return "number"
    if _differ(_names(before, hunk.other_start, hunk.other_end), _names(after, hunk.start, hunk.end)):
        return "name"
    return "text"


def _notes(lines: str) -> int:
    """How many lines say that something was corrected."""
    return sum(_NOTE.match(line) is not None for line in lines.split("\n"))


def _differ(old: frozenset[str], new: frozenset[str]) -> bool:
    return bool(old and new and old != new)


def _numbers(words: Iterable[str]) -> frozenset[str]:
    return frozenset(
        word for word in words if word in _NUMBER_WORDS or any(letter.isdigit() for letter in word)
    )


def _names(text: str, start: int, end: int) -> frozenset[str]:
    """The words with a capital that don't begin a sentence."""
    around = max(start - 3, 0)
    found = (match for match in _CAPITALISED.finditer(text, around, end) if match.start() >= start)
    return frozenset(match.group().casefold() for match in found) - _NOT_NAMES
