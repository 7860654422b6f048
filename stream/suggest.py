"""Suggests the name that someone may have mistyped."""

import difflib
from collections.abc import Collection
from itertools import islice

NAMED = 10
"""How many known names to list if none is close."""
_CLOSE = 0.55
"""The least similarity for a suggestion, from 0 to 1 (`difflib`)."""


def did_you_mean(name: str, known: Collection[str]) -> str:
    """The end of an error message: the closest known name, whatever its case, or else a few of them; '' if none is known."""
    folded = {one.casefold(): one for one in known}
    wanted = name.casefold()
    longer = [one for one in folded if one.startswith(wanted)]
    close = longer or difflib.get_close_matches(wanted, folded, n=1, cutoff=_CLOSE)
    if close:
        return f"; did you mean {folded[close[0]]!r}?"
    names = ", ".join(map(repr, islice(known, NAMED)))
    return f"; expected one of {names}{', ...' if len(known) > NAMED else ''}" if known else ""
