"""Arabic names with the words that are written together with them: `وموسكو` (and Moscow), `لبوتين` (to Putin)."""

from collections.abc import Iterator
from functools import lru_cache

_CLITICS = ("و", "ف", "ب", "ل", "ك")
_CONJUNCTIONS = ("و", "ف")
_ARTICLE = "ال"
_SHORTEST = 4
"""Letters of a name that is looked for so: a shorter one with a letter before it is often another word."""
_OTHER_WORDS = frozenset(("بحماس",))
"""Longer ones that are: `with enthusiasm`."""


def with_clitics(name: str) -> Iterator[str]:
    """An Arabic name after a conjunction or a preposition; nothing for other names."""
    if not "ء" <= name[:1] <= "ي" or len(name.split(" ", maxsplit=1)[0]) < _SHORTEST:
        return
    for clitic in _CLITICS:
        joined = (
            f"ل{name.removeprefix('ا')}" if clitic == "ل" and name.startswith(_ARTICLE) else clitic + name
        )
        if joined not in _OTHER_WORDS:
            yield joined


@lru_cache(50_000)
def without_clitics(term: str) -> tuple[str, ...]:
    """What an Arabic term may be without the conjunction or preposition written together with it, itself first: `ووزارة`,
    `للبنك`, `وللبنك`; other terms alone."""
    found = [term]
    for size in (1, 2):
        if _is_joined(term, size) and len(term) - size >= _SHORTEST - 1:
            found.append(term[size:])
            if term[size - 1] == "ل" and term[size] == "ل":
                found.append(f"ال{term[size + 1 :]}")
    return tuple(found)


def _is_joined(term: str, size: int) -> bool:
    """Whether a term begins with one clitic, or with a conjunction and a preposition."""
    first, second = term[:1], term[1:2]
    return first in _CLITICS and (size == 1 or (first in _CONJUNCTIONS and second in _CLITICS))
