"""Ids as people give them: the first digits are enough."""

from index.store import Store
from web.errors import BadRequest

_DIGITS = 32
"""Of a whole id, which need not be looked for."""


def whole_id(store: Store, given: str) -> str:
    """The only id of an article that begins so; what was given if there is none. Raises BadRequest if there are several."""
    ids = store.find_ids(given, 2) if 0 < len(given) < _DIGITS else []
    if given in ids or not ids:
        return given
    if len(ids) > 1:
        raise BadRequest("id", f"{given}: more than one ID starts like this")
    return ids[0]
