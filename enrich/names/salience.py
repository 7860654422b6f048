"""Whether an article is about something, or merely names it."""

from collections.abc import Sequence
from typing import Literal

from query.match import Prepared
from stream.messages import Span

Mention = Literal["any", "salient"]
"""Which mention makes an article one of a topic's: any, or one that shows that the article is about it."""

LEAD = 30
"""Words of a text that are its beginning."""

TIMES = 3
"""Mentions in a text that make it about something wherever they stand."""


def is_salient(spans: Sequence[Span], prepared: Prepared, lead: int = LEAD, times: int = TIMES) -> bool:
    """Whether what matched stands in the title, at the beginning of the text, or again and again.

    Chosen by `python -m bench.topics --tune`, on the training split of Reuters-21578.
    """
    if not spans or spans[0].field == "title":
        return bool(spans)
    tokens = prepared.text.tokens
    return len(spans) >= times or len(tokens) <= lead or spans[0].start < tokens[lead].start
