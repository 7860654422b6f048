"""Which alerts an article matches: the definitions of the moment, behind the one seam to the live matcher."""

from collections.abc import Iterator, Mapping

from alerts.definitions import Definition
from query.match import Prepared, matches
from query.tree import Node


class Matcher:
    """The alerts whose queries an article is held against; they may change at any time."""

    def __init__(self) -> None:
        self._trees: dict[str, Node] = {}

    def update(self, definitions: Mapping[str, Definition]) -> None:
        """Hold articles against these from now on."""
        for name in self._trees.keys() - definitions.keys():
            del self._trees[name]
        for name, definition in definitions.items():
            self._trees[name] = definition.tree

    def match(self, prepared: Prepared) -> Iterator[str]:
        """The names of the alerts that an article matches."""
        return (name for name, tree in self._trees.items() if matches(tree, prepared))
