"""Sizes bulk requests and interprets Elasticsearch's responses; pure functions."""

import math
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

import msgspec

MOST_DOCUMENTS = 500
AT_ONCE = 4
"""Requests that are under way at a time, as of elasticsearch-py's `parallel_bulk`."""
FEWEST_DOCUMENTS = 100
"""What is shared among requests that are under way at a time: a smaller one would cost more than it gains."""
MOST_REGROUPED = 100
"""Articles that are put into another story in one request: whole documents, too."""
MOST_BYTES = 8_000_000
"""The largest request; Elasticsearch's own limit (http.max_content_length) is 100 MB, a proxy's may be 10."""

_REASON_LENGTH = 440


class Operation(msgspec.Struct, frozen=True):
    """A document to index or to delete.

    Attributes:
        id: the document's id.
        index: the target index.
        lines: the operation and, to index one, the document, each as JSON.
    """

    id: str
    index: str
    lines: tuple[bytes, ...]


class Answer(msgspec.Struct, frozen=True):
    """Elasticsearch's response to one operation.

    Attributes:
        status: an HTTP status.
        error: the error's type; '' if there is none.
        reason: the error in a sentence.
    """

    status: int
    error: str = ""
    reason: str = ""


class Verdict(Enum):
    """The meaning of a response."""

    STORED = "stored"
    OLDER = "older than what is stored"
    LATER = "not now"
    REFUSED = "never"
    MISFIT = "the index is not ours"


def operation(article_id: str, index: str, version: int, source: object) -> Operation:
    """The operation that stores a document unless a newer version exists (external versions, greater or equal)."""
    action = {"_index": index, "_id": article_id, "version": version, "version_type": "external_gte"}
    return Operation(article_id, index, (msgspec.json.encode({"index": action}), msgspec.json.encode(source)))


def removal(document_id: str, index: str) -> Operation:
    """The operation that deletes a document."""
    return Operation(
        document_id, index, (msgspec.json.encode({"delete": {"_index": index, "_id": document_id}}),)
    )


def batches(operations: Iterable[Operation], most_documents: int) -> Iterator[Sequence[Operation]]:
    """Operations in requests of at most so many, and of at most `MOST_BYTES`, but each of at least one."""
    batch: list[Operation] = []
    size = 0
    for one in operations:
        length = sum(map(len, one.lines)) + 2
        if batch and (len(batch) >= most_documents or size + length > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += length
    if batch:
        yield batch


def share(documents: int, most_documents: int) -> int:
    """How many documents to send in one request, so that all fit into as few rounds of `AT_ONCE` requests as possible."""
    return min(max(math.ceil(documents / AT_ONCE), FEWEST_DOCUMENTS), most_documents)


def fewer(documents: int) -> int:
    """How many documents to send after a request that was too large."""
    return max(documents // 2, 1)


def more(documents: int) -> int:
    """How many documents to send after a successful request."""
    return min(documents + max(documents // 4, 1), MOST_DOCUMENTS)


def verdict(answer: Answer) -> Verdict:
    """Interprets the response to an operation.

    A block (a full disk, maintenance) and a missing index are temporary; a field unknown to the strict mapping can only mean
    that something else created the index, since our documents always have the same fields.
    """
    if answer.status < 300:
        return Verdict.STORED
    if answer.error == "version_conflict_engine_exception":
        return Verdict.OLDER
    if answer.error == "strict_dynamic_mapping_exception":
        return Verdict.MISFIT
    if answer.status in (404, 429) or answer.status >= 500 or answer.error == "cluster_block_exception":
        return Verdict.LATER
    return Verdict.REFUSED


def reason_of(error: dict[str, object]) -> str:
    """An error of Elasticsearch in a sentence: its reason, and those of its causes. Each is cut: it may quote the article."""
    reasons: list[str] = []
    cause: object = error
    while isinstance(cause, dict) and len(reasons) < 5:
        reasons.append(_shortened(str(cause.get("reason", cause.get("type", "")))))
        cause = cause.get("caused_by")
    return ": ".join(dict.fromkeys(reasons))


def _shortened(reason: str) -> str:
    """A long reason without its middle, which quotes the article; the ends say what is wrong."""
    half = _REASON_LENGTH // 2
    return reason if len(reason) <= _REASON_LENGTH else f"{reason[:half]} … {reason[-half:]}"
