"""A system on which no worker process can be set up: a fault that is ours, and hits every feed."""

import resource


def setrlimit(kind: int, limits: tuple[int, int]) -> None:
    """Refuse every limit."""
    raise ValueError("made up")


resource.setrlimit = setrlimit
