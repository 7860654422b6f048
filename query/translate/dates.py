"""Times of publication in other languages."""

import re

_DAY = re.compile(r"(\d{4})(?:[-/.]?(\d{2})(?:[-/.]?(\d{2}))?)?")


def day(text: str) -> str | None:
    """A year, month or day as our language writes it: `20160314` and `2016/03/14` are `2016-03-14`. None for anything else.

    Days in another order, such as `03/14/2016`, differ by country and are not guessed.
    """
    found = _DAY.fullmatch(text.strip("\"'"))
    return "-".join(part for part in found.groups() if part) if found else None


def span(first: str, last: str) -> str | None:
    """From one day to another, both included."""
    since, until = day(first), day(last)
    return f"[{since} TO {until}]" if since and until else None


def compared(sign: str, text: str) -> str | None:
    """Before or after a day; `sign` is one of <, <=, >, >= or '' for the day itself."""
    found = day(text)
    return f"{sign}{found}" if found else None
