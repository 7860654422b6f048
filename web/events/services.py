"""What the roof gives to what happens live."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from results.alert import Firing


@dataclass(frozen=True)
class Live:
    """Both may be called in any thread.

    Attributes:
        fired_after: the alerts that fired after a time; none where that can't be told now.
    """

    fired_after: Callable[[datetime], Sequence[Firing]] = lambda _: ()


QUIET = Live()
"""Nothing happens."""
