"""What a metric is: its name, what it tells, and where it is read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

F_contra = TypeVar("F_contra", contravariant=True)
"""What a scrape reads."""
Value = tuple[Sequence[str], float]
"""The values of the labels, and the number."""
Buckets = tuple[Sequence[float], Sequence[int], float]
"""The bounds of a histogram's buckets, how many took at most that long (and at last, all), and the sum in seconds."""


@dataclass(frozen=True)
class Row(Generic[F_contra]):
    """One metric.

    Attributes:
        name: as it is scraped.
        kind: as Prometheus has it.
        text: what it tells, in a sentence.
        read: its values, by labels.
        labels: the names of its labels.
    """

    name: str
    kind: Literal["counter", "gauge"]
    text: str
    read: Callable[[F_contra], Iterable[Value]]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timed(Generic[F_contra]):
    """One histogram, in seconds.

    Attributes:
        name: as it is scraped.
        text: what it tells, in a sentence.
        read: its buckets, by labels.
        labels: the names of its labels.
    """

    name: str
    text: str
    read: Callable[[F_contra], Iterable[tuple[Sequence[str], Buckets]]]
    labels: tuple[str, ...] = ()
