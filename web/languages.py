"""How a language is written."""

from typing import Literal

_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ku", "ps", "sd", "syr", "ug", "ur", "yi"}
)


def direction(language: str | None) -> Literal["ltr", "rtl", "auto"]:
    """The value of a `dir` attribute; `auto` for a language that is not known: the first letter decides then.

    Args:
        language: ISO 639, perhaps with a region (`ar-EG`).
    """
    if not language:
        return "auto"
    return "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
