"""A system on which no worker process can start: a fault of ours that hits every feed."""

import resource


def setrlimit(kind: int, limits: tuple[int, int]) -> None:
    """Refuse every limit."""
    raise ValueError("made up")


resource.setrlimit = setrlimit
