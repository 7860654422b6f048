"""The values that fields have in the archive, kept for a while: many letters are typed in a minute."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import get_args

from index.store import Facet
from stream.errors import WirewatchError
from stream.messages import ChangeKind
from web.archive import Archive
from web.box.complete import Kind, Value, kinds_of_edits
from web.services import Services

KEPT_SECONDS = 60.0
MOST_VALUES = 20_000
"""Of a field, the most frequent: some 4 MB in all."""
_FACETS: Mapping[Kind, Facet] = {
    "topic": "topic",
    "source": "source",
    "language": "language",
    "entity": "entity",
}


class Values:
    """The values.

    Args:
        services: what the page is made over.
        archive: the store.
    """

    def __init__(self, services: Services, archive: Archive) -> None:
        self._services = services
        self._archive = archive
        self._turn = asyncio.Lock()
        self._until = float("-inf")
        self._known: Mapping[Kind, Sequence[Value]] = {}

    async def known(self) -> Mapping[Kind, Sequence[Value]]:
        """The values by what they are of; none of an archive that can't be read now."""
        async with self._turn:
            if time.monotonic() > self._until:
                self._known = await self._read()
                self._until = time.monotonic() + KEPT_SECONDS
        return self._known

    async def _read(self) -> Mapping[Kind, Sequence[Value]]:
        names = await asyncio.to_thread(self._services.topic_names)
        found: dict[Kind, Sequence[Value]] = {"kind of edit": kinds_of_edits(get_args(ChangeKind))}
        for kind, facet in _FACETS.items():
            counts = await self._counts(facet)
            values = [
                Value(value, number, names.get(value, "") if kind == "topic" else "")
                for value, number in islice(counts.items(), MOST_VALUES)
            ]
            found[kind] = values
        unused = [Value(topic, 0, name) for topic, name in names.items()]
        tagged = {one.value for one in found["topic"]}
        found["topic"] = [*found["topic"], *(one for one in unused if one.value not in tagged)]
        return found

    async def _counts(self, facet: Facet) -> Mapping[str, int]:
        try:
            return await self._archive.read(lambda store: store.facet(facet))
        except WirewatchError:
            return {}
