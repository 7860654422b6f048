"""What the roof gives to what happens live."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from results.alert import Firing


class Dark(msgspec.Struct, frozen=True):
    """A time in which too few sources were heard: its silence means nothing.

    Attributes:
        since: inclusive.
        until: exclusive.
        heard: how many sources answered, in the mean.
        sources: of how many; 0 if nobody polled them at all.
    """

    since: datetime
    until: datetime
    heard: int
    sources: int


@dataclass(frozen=True)
class Live:
    """Both may be called in any thread.

    Attributes:
        fired_after: the alerts that fired after a time; none where that can't be told now.
        dark: the times in which too few sources were heard, oldest first; none where that can't be told now.
    """

    fired_after: Callable[[datetime], Sequence[Firing]] = lambda _: ()
    dark: Callable[[], Sequence[Dark]] = lambda: ()


QUIET = Live()
"""Nothing happens."""
