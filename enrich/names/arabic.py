"""Arabic names with the words that are written together with them: `وموسكو` (and Moscow), `لبوتين` (to Putin)."""

from collections.abc import Iterator

_CLITICS = ("و", "ف", "ب", "ل", "ك")
_ARTICLE = "ال"
_SHORTEST = 4
"""Letters of a name that is looked for so: a shorter one with a letter before it is often another word."""


def with_clitics(name: str) -> Iterator[str]:
    """An Arabic name after a conjunction or a preposition; nothing for other names."""
    if not "ء" <= name[:1] <= "ي" or len(name.split(" ", maxsplit=1)[0]) < _SHORTEST:
        return
    for clitic in _CLITICS:
        joined = (
            f"ل{name.removeprefix('ا')}" if clitic == "ل" and name.startswith(_ARTICLE) else clitic + name
        )
        yield joined
