"""What someone may have meant who mistyped a name."""

import difflib
from collections.abc import Collection
from itertools import islice

NAMED = 10
"""Known names that are listed where none is close."""
_CLOSE = 0.55
"""The least similarity of a name that is suggested, from 0 to 1 (`difflib`)."""


def did_you_mean(name: str, known: Collection[str]) -> str:
    """The end of an error's sentence: the closest known name, whatever its case, or a few of them; '' where none is known."""
    folded = {one.casefold(): one for one in known}
    wanted = name.casefold()
    longer = [one for one in folded if one.startswith(wanted)]
    close = longer or difflib.get_close_matches(wanted, folded, n=1, cutoff=_CLOSE)
    if close:
        return f"; did you mean {folded[close[0]]!r}?"
    names = ", ".join(map(repr, islice(known, NAMED)))
    return f"; expected one of {names}{', ...' if len(known) > NAMED else ''}" if known else ""
