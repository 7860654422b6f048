"""Links a model's finds to the gazetteer, but only if the type fits."""

from collections.abc import Iterable, Sequence

from enrich.names.gazetteer import Mention, Named
from query.match import Words

_MOST_WORDS = 12
"""A longer span is not a name, but text that a page has run together."""


def linked(found: Iterable[Mention], known: Sequence[Mention]) -> list[Mention]:
    """Merge the mentions that a model found with those from the gazetteer, without overlaps.

    A place that the model takes for an organisation is left without an id: `China` in a table of results is a team. An
    organisation that it takes for a place, as the Kremlin, is an organisation.

    Args:
        found: the model's finds, in order, unlinked.
        known: the gazetteer's mentions, in order.
    """
    by_word = {index: mention for mention in known for index in range(mention.first, mention.last)}
    kept: list[Mention] = []
    taken: set[int] = set()
    for mention in found:
        chosen = _chosen(mention, by_word)
        if chosen and not taken & set(range(chosen.first, chosen.last)):
            kept.append(chosen)
            taken.update(range(chosen.first, chosen.last))
    kept += [mention for mention in known if not taken & set(range(mention.first, mention.last))]
    return sorted(kept, key=lambda mention: mention.first)


def _chosen(mention: Mention, by_word: dict[int, Mention]) -> Mention | None:
    """The mentions at the place of a find: the find, the gazetteer's, or none."""
    here = list(dict.fromkeys(by_word[i] for i in range(mention.first, mention.last) if i in by_word))
    if mention.last - mention.first > _MOST_WORDS:
        return None
    for known in here:
        if known.is_sure and (
            _are_equal(known, mention) or (mention.named.type == "place" and not known.named.id)
        ):
            return known
        if _are_equal(known, mention):
            return _of_equal(mention, known)
        if mention.named.type == known.named.type == "person" and not known.weak and not known.is_open:
            if mention.first < known.first and not mention.weak and not known.named.own:
                return mention  # `Hafez Bashar al-Assad` is someone else
            return known  # `Obama Hold` in a headline is Obama
        wider = known.first <= mention.first and known.last >= mention.last
        if wider or (known.named.own and not known.weak):
            return known
    return mention


def _are_equal(known: Mention, mention: Mention) -> bool:
    return (known.first, known.last) == (mention.first, mention.last)


def _of_equal(mention: Mention, known: Mention) -> Mention | None:
    """The find or the gazetteer's mention, if both are the same words."""
    if known.named.own:
        return known
    if known.named.type == "none":
        return None
    is_person = known.named.type == "person" and not known.weak
    if is_person and mention.named.type != "person" and (known.alone or known.is_open):
        return known  # `Talks between Macron and Scholz`
    if known.weak or known.is_open:
        return mention  # coreference decides whether it is the person named in full
    fits = known.named.type == mention.named.type
    return known if fits or (known.named.type, mention.named.type) == ("organisation", "place") else mention


def unlinked(kind: str, first: int, last: int, words: Words) -> Mention:
    """A find, under the name in the text."""
    text = words.text[words.tokens[first].start : words.tokens[last - 1].end]
    return Mention(Named(" ".join(text.split()), kind), first, last)  # type: ignore[arg-type]
