"""The normalised form in which values of value fields are compared."""

from collections.abc import Iterable


def value_key(value_terms: Iterable[str]) -> str:
    """The terms of a value, joined by spaces. `Peace-talks` and `peace talks` are one.

    Cut at 1,000 characters: untrusted values may have any length, but a store's keys may not.
    """
    return " ".join(value_terms)[:1000]
