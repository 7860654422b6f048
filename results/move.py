"""What came of moving the archive from one store to the other."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

To = Literal["elasticsearch", "embedded"]


class Moved(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/move/1"):
    """What came of moving the archive."""

    to: To
    articles: int
    """Articles of the archive that was moved."""
    written: int
    """Those that the other did not have, or not in this version."""
    refused: Mapping[str, str]
    """Why the other archive refused articles, by their ids."""
    lacking: Sequence[str]
    """The ids of articles that the other archive does not have as they should be."""
    there: int
    """Articles that the other archive has now."""
    differences: Sequence[str]
    """What is counted differently in the two archives, in sentences."""
