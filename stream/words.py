"""Numbers and durations in plain English."""

from datetime import timedelta

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def plural(number: int, noun: str, nouns: str = "") -> str:
    """`1 article`, `1,200 articles`; `nouns` is the plural if it is irregular."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def span(length: timedelta | float) -> str:
    """A duration (a timedelta, or seconds) in its two largest units: `1 hour 30 minutes`, `2 days`."""
    left = round(length.total_seconds() if isinstance(length, timedelta) else length)
    said = []
    for size, unit in _UNITS:
        number, left = divmod(left, size)
        if number:
            said.append(plural(number, unit))
        elif said:
            break  # `1 day 5 seconds` is `1 day`
    return " ".join(said[:2]) or "0 seconds"


def byte_size(number: int) -> str:
    """Bytes in decimal units, as disks are sold: `512 bytes`, `46.9 kB`, `1.2 GB`."""
    if number < 1000:
        return plural(number, "byte")
    size, unit = number / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if size < 999.95:
            break
        size, unit = size / 1000, larger
    return f"{size:,.1f} {unit}"


def rate(times: int, days: int) -> str:
    """How often something happens that happened so many times in so many days: `about 3 a day`, `about one every 5 days`."""
    if times / days >= 0.95:
        return f"about {times / days:,.0f} a day"
    return f"about one every {days / times:,.0f} days" if times > 1 else f"in {plural(days, 'day')}"


def frequency(per_day: float) -> str:
    """How often something happens, by its average number a day: `12 a day`, `2.5 a week`, `less than 1 a month`."""
    for days, period in ((1, "day"), (7, "week"), (30, "month")):
        number = per_day * days
        if number >= 0.95:
            return (
                f"{number:,.0f} a {period}"
                if number >= 9.95
                else f"{f'{number:.1f}'.removesuffix('.0')} a {period}"
            )
    return "less than 1 a month"
