"""Hits as Markdown (CommonMark), for a note or a mail."""

import re
from collections.abc import Iterable

from results.parts import Hit
from stream.display import one_line, without_secrets
from stream.links import web_address

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~])")


def lines(hits: Iterable[Hit]) -> Iterable[bytes]:
    """An item a hit: the headline as a link, outlet and day, the words around the match."""
    for hit in hits:
        head = hit.article
        title = _plain(head.title or "(no title)")
        link = web_address(without_secrets(head.url))
        headline = f"[{title}](<{link.replace('>', '%3E').replace('<', '%3C')}>)" if link else title
        day = f"{(head.published or head.seen):%Y-%m-%d}"
        yield f"- {headline}  \n  {_plain(head.source)}, {day}\n".encode()
        if hit.snippet and hit.snippet.text:
            yield f"  > {_plain(hit.snippet.text)}\n".encode()


def _plain(text: str) -> str:
    """Strangers' text as text: nothing in it is markup."""
    return _SPECIAL.sub(r"\\\1", one_line(without_secrets(text)))
