"""The group of each remembered article. A group is identified by the number of its first article, and named by that article's
id."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enrich.stories.chains import Rows


class Groups:
    """A column: the group of each row. Rows are numbered from the start of the process; the oldest of them may be gone.

    Args:
        name_of_row: the id of the article with a number that is in the arrays.
    """

    def __init__(self, name_of_row: Callable[[int], str]) -> None:
        self._name_of_row = name_of_row
        self._column: NDArray[np.uint32] = np.zeros(0, dtype=np.uint32)
        self.numbers: dict[str, int] = {}
        """The groups whose first article is gone, by name."""
        self._names: dict[int, str] = {}

    def make_room(self, rows: int) -> None:
        """Make room for this many rows."""
        self._column.resize(rows, refcheck=False)

    def put(self, index: int, group: int, name: str = "") -> None:
        """Set the group of a row; with the name of the group, if the row is not its first article."""
        self._column[index] = group
        if name and name != self.name(group):
            self._names[group] = name
            self.numbers[name] = group

    def of(self, rows: Rows) -> NDArray[np.uint32]:
        """The group of each row."""
        return self._column[rows]

    def at(self, row: int) -> int:
        """The group of one row."""
        return int(self._column[row])

    def rows(self, group: int, start: int, end: int) -> Rows:
        """The rows of a group, of those from one to another."""
        return np.flatnonzero(self._column[start:end] == group) + start

    def is_free(self, group: int, name: str, start: int, end: int) -> bool:
        """Whether no group has this number, of the rows from one to another, nor this name. A group may have lost the article
        that began it: when groups were merged and split, or when they were learned in another order after a restart."""
        return group not in self._names and name not in self.numbers and not len(self.rows(group, start, end))

    def move(self, rows: Rows, group: int) -> None:
        """Put rows into another group, which has a name."""
        self._column[rows] = group

    def name(self, group: int) -> str:
        """The id by which a group is known."""
        return self._names.get(group) or self._name_of_row(group)

    def state(self, rows: int) -> dict[str, Any]:
        """The first rows and the names, for `restore`."""
        return {"column": self._column[:rows].tobytes(), "names": self._names}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from a state; there is room for its rows."""
        column = np.frombuffer(state["column"], dtype=np.uint32)
        self._column[: len(column)] = column
        self._names = dict(state["names"])
        self.numbers = {name: group for group, name in self._names.items()}

    def drop(self, number: int, kept: int, first: int) -> None:
        """Drop the oldest rows, starting with number `first`; groups that continue without them keep their names."""
        living = self._column[number : number + kept]
        groups = np.unique(living).tolist()
        outlived = (group for group in groups if group < first + number or group in self._names)
        self._names = {group: self.name(group) for group in outlived}
        self.numbers = {name: group for group, name in self._names.items()}
        self._column[:kept] = living
