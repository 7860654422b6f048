"""What someone may have meant who mistyped a name."""

import difflib
from collections.abc import Sequence

NAMED = 10


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """The end of an error's sentence: the closest known name, or a few of them; '' where none is known."""
    folded = {one.casefold(): one for one in known}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {folded[close[0]]!r}?"
    names = ", ".join(map(repr, known[:NAMED]))
    return f"; expected one of {names}{', ...' if len(known) > NAMED else ''}" if known else ""
