"""Finds the people, organisations and places named in an article, each with all its mentions.

Found by the gazetteer, in any language, and by a recogniser: the shipped models (learned.py) in eleven languages; in English
alone simple rules (rules.py), or a spaCy pipeline that the user has installed (spacy_model.py). Demonyms ('Russian') are not
places.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from enrich.names.bearers import reopened, settled, surnames_of_others
from enrich.names.coreference import Found, one_reading, remembered
from enrich.names.corrections import Correction, corrected
from enrich.names.exonyms import in_language
from enrich.names.gazetteer import Gazetteer, Mention, Named, find
from enrich.names.namesakes import placed, without_people
from query.match import Prepared, Words
from stream.messages import MAX_SPANS, Entity, Field, Span

Recogniser = Callable[[Words, Sequence[Mention], str], Sequence[Mention]]
"""Maps a text, its mentions from the gazetteer and its language to all its mentions, in order and without overlaps."""


def find_entities(
    prepared: Prepared,
    gazetteer: Gazetteer,
    language: str,
    recognise: Recogniser,
    corrections: Sequence[Correction] = (),
    source: str = "",
) -> tuple[Entity, ...]:
    """The entities of an article, in the order of their first mention; spans are those of the bare names.

    Args:
        prepared: the article's title and text.
        gazetteer: the names that are known.
        language: ISO 639-1; everything except the gazetteer is for English only.
        recognise: finds names that are not in the gazetteer.
        corrections: the user's corrections.
        source: the name of the article's source, which corrections may depend on.
    """
    english = language == "en"
    gazetteer = in_language(gazetteer, language)
    fields: tuple[tuple[Field, Words], ...] = (("title", prepared.title), ("text", prepared.text))
    both = [words for _, words in fields]
    known = settled([(words, list(find(gazetteer, words))) for words in both], gazetteer)
    known = placed(list(zip(both, known, strict=True)))
    parts = [
        Found(field, words, recognise(words, of_field, language))
        for (field, words), of_field in zip(fields, known, strict=True)
    ]
    apart = without_people([(part.words, part.mentions) for part in parts])
    parts = [replace(part, mentions=mentions) for part, mentions in zip(parts, apart, strict=True)]
    parts = one_reading(parts)
    others = frozenset(
        surname for part in parts for surname in surnames_of_others(part.words, part.mentions, gazetteer)
    )
    parts = [replace(part, mentions=reopened(part.words, part.mentions, others)) for part in parts]
    spans: dict[Named, list[Span]] = defaultdict(list)
    parts = remembered(parts, english=english, listed=gazetteer.people)
    for part in corrected(parts, corrections, source, language):
        tokens = part.words.tokens
        for mention in part.mentions:
            where = Span(part.field, tokens[mention.first].start, tokens[mention.last - 1].end)
            spans[replace(mention.named, own=False)].append(where)
    return tuple(
        Entity(name=named.name, type=named.type, id=named.id, spans=tuple(where[:MAX_SPANS]))
        for named, where in spans.items()
        if named.type != "none"
    )
