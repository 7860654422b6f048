"""Words with wildcards: `?` is one character of a term, `*` any number of them."""

import re
from functools import lru_cache

_WILDCARDS = re.compile(r"[*?]")


@lru_cache(maxsize=50_000)
def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a wildcard pattern, for `fullmatch`.

    Each `*` takes as little as it must and never backtracks (an atomic group), so a match costs at most the word's length times
    the pattern's: what the last `*` leaves must be at the word's end.
    """
    first, *rest = (re.escape(piece).replace(r"\?", ".") for piece in re.split(r"\*+", pattern))
    if not rest:
        return re.compile(first, re.DOTALL)
    *inner, last = rest
    return re.compile(first + "".join(f"(?>.*?{piece})" for piece in inner) + f".*{last}", re.DOTALL)


def literal_start(pattern: str) -> str:
    """What a pattern has before its first wildcard."""
    return _WILDCARDS.split(pattern, maxsplit=1)[0]


def literal_end(pattern: str) -> str:
    """What a pattern has after its last wildcard."""
    return _WILDCARDS.split(pattern)[-1]
