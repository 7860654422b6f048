"""Decides whether only an earlier version of an article matches a search, and which."""

from dataclasses import replace

import msgspec

from index.edits import version_document
from index.snippet import snippet
from query.article import prepare_enriched
from query.match import Prepared, Words, match, matches
from query.tree import Node
from results.parts import EarlierVersion, Mark, Snippet
from stream.messages import Enriched
from stream.versions import numbers


def only_earlier(query: Node, enriched: Enriched) -> EarlierVersion | None:
    """The last version that matches the query, if the current one does not; None if it does."""
    article = enriched.article
    if not article.earlier:
        return None
    prepared = prepare_enriched(enriched)
    if matches(query, replace(prepared, words={**prepared.words, "earlier": ()})):
        return None
    for number, version in zip(reversed(numbers(article)), reversed(article.earlier), strict=True):
        kept = version_document(article, number)
        if kept and (found := _in_version(query, prepared, kept.title, kept.text)):
            return msgspec.structs.replace(found, version=number, until=version.found)
    last = article.earlier[-1]
    return EarlierVersion(version=numbers(article)[-1], until=last.found, snippet=None)


def _in_version(query: Node, prepared: Prepared, title: str, text: str) -> EarlierVersion | None:
    said_then = (Words(title), Words(text))
    words = {**prepared.words, "title": said_then[:1], "text": said_then[1:], "earlier": said_then}
    spans = match(query, replace(prepared, words=words))
    if spans is None:
        return None
    is_in_text = any(span.field == "text" for span in spans)
    if is_in_text or not spans:
        shown = snippet(text, spans)
        said = Snippet("text", shown.text, tuple(Mark(*mark) for mark in shown.marks))
    else:
        said = Snippet("title", title, tuple(Mark(span.start, span.end) for span in spans))
    return EarlierVersion(version=0, until=None, snippet=said)
