"""What pictures are made with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, get_args

Size = Literal["small", "large"]
"""Beside a hit; above an article."""
SIZES: tuple[Size, ...] = get_args(Size)


class Make(Protocol):
    """Fetches a picture and makes a small one of it."""

    async def __call__(self, url: str, size: Size) -> bytes:
        """WebP; raises Reject or RetryLater if it can't be made."""


@dataclass(frozen=True)
class Images:
    """What the area of pictures is made over.

    Attributes:
        make: makes small pictures.
        folder: where they are kept.
        max_bytes: of all that is kept.
    """

    make: Make
    folder: Path
    max_bytes: int
