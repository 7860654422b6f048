"""What the feed list says of outlets: their groups and countries, which articles don't have."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import msgspec

from index.counts import Tally


class Outlet(msgspec.Struct, frozen=True):
    """An outlet.

    Attributes:
        groups: paths of its folders in the feed list, such as `World/Europe`.
        country: ISO 3166-1 alpha-2; '' if unknown.
    """

    groups: tuple[str, ...] = ()
    country: str = ""

    def bears(self, field: str) -> Collection[str]:
        """Its values of `group` (with the groups around it) or `country`."""
        if field == "country":
            return (self.country,) if self.country else ()
        return {path for group in self.groups for path in _around(group)}


Outlets = Callable[[], Mapping[str, Outlet]]
"""The outlets by name."""


def _around(group: str) -> Iterator[str]:
    """`World/Europe`: `World`, `World/Europe`."""
    parts = group.split("/")
    yield from ("/".join(parts[:end]) for end in range(1, len(parts) + 1) if group)


def named(outlets: Mapping[str, Outlet], field: str, value: str) -> tuple[str, ...]:
    """The outlets of a group or country."""
    return tuple(name for name, outlet in outlets.items() if value in outlet.bears(field))


def tallies(
    outlets: Mapping[str, Outlet], sources: Sequence[Tally], field: str, most: int
) -> tuple[Tally, ...]:
    """How many articles the outlets of each group or country have, the most frequent first.

    Args:
        outlets: by name.
        sources: the articles of each outlet.
        field: `group` or `country`.
        most: how many values.
    """
    counted: dict[str, int] = {}
    for source in sources:
        for value in outlets.get(source.value, Outlet()).bears(field):
            counted[value] = counted.get(value, 0) + source.articles
    ordered = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Tally(value, articles, 0) for value, articles in ordered[:most])
