"""Rison: JSON as Kibana writes it into its addresses. The grammar is that of https://github.com/Nanonid/rison.

No library that is still maintained writes it.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_BARE = re.compile(r"[^-0-9 '!:(),*@$][^ '!:(),*@$]*")
_KEPT = "!'()*@:$,;"
"""What Kibana's `encodeUriQuery` leaves as it is, besides letters, digits and `-_.~`."""


def rison(value: Any) -> str:
    """What JSON can say, in Rison, with the keys of objects in alphabetical order; raises ValueError for NaN and infinity."""
    match value:
        case None:
            return "!n"
        case bool():
            return "!t" if value else "!f"
        case int() | float():
            return _number(value)
        case str():
            return _text(value)
        case Mapping():
            return f"({','.join(f'{_text(key)}:{rison(value[key])}' for key in sorted(value))})"
        case _:
            return f"!({','.join(map(rison, value))})"


def in_address(value: Any) -> str:
    """A value in Rison, percent-encoded as Kibana does it for a parameter of an address."""
    return quote(rison(value), safe=_KEPT, errors="replace")


def _text(text: str) -> str:
    if _BARE.fullmatch(text):
        return text
    escaped = text.replace("!", "!!").replace("'", "!'")
    return f"'{escaped}'"


def _number(number: float) -> str:
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError(f"{number} can't be written in Rison")
    return repr(number).replace("+", "")
