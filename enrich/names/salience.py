"""Decides whether an article is about something, or merely mentions it."""

from collections.abc import Sequence
from typing import Literal

from query.match import Prepared
from stream.messages import Span

Mention = Literal["any", "salient"]
"""The mentions that put an article in a topic: any, or only a salient one."""

LEAD = 30
"""How many words count as the beginning of a text."""

TIMES = 3
"""How many mentions are enough, wherever they are in the text."""


def is_salient(spans: Sequence[Span], prepared: Prepared, lead: int = LEAD, times: int = TIMES) -> bool:
    """Whether the match is in the title, at the beginning of the text, or repeated.

    Chosen by `python -m bench.topics --tune`, on the training split of Reuters-21578.
    """
    if not spans or spans[0].field == "title":
        return bool(spans)
    tokens = prepared.text.tokens
    return len(spans) >= times or len(tokens) <= lead or spans[0].start < tokens[lead].start
