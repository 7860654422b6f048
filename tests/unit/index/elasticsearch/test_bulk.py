import json
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.elasticsearch import bulk as elasticsearch_bulk
from index.elasticsearch.bulk import (
    MOST_DOCUMENTS,
    Answer,
    Operation,
    Verdict,
    batches,
    fewer,
    more,
    operation,
    reason_of,
    share,
    verdict,
)


def sized(*sizes: int) -> list[Operation]:
    return [Operation(str(number), "i", (b"", b"x" * size)) for number, size in enumerate(sizes)]


def test_an_operation_is_two_lines_of_json() -> None:
    one = operation("x", "articles-2026.03", 7, {"title": "Ä"})
    action, document = map(json.loads, one.lines)
    assert action["index"] == {
        "_index": "articles-2026.03",
        "_id": "x",
        "version": 7,
        "version_type": "external_gte",
    }
    assert document == {"title": "Ä"}
    assert b"\n" not in b"".join(one.lines)


def ids(batches: Iterable[Sequence[Operation]]) -> list[str]:
    return ["".join(one.id for one in batch) for batch in batches]


def test_a_batch_is_bounded_in_documents_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticsearch_bulk, "MOST_BYTES", 100)
    assert ids(batches(sized(10, 10, 10, 10), 3)) == ["012", "3"]
    assert ids(batches(sized(40, 40, 40), 10)) == ["01", "2"]
    assert ids(batches(sized(500, 1), 10)) == ["0", "1"]
    assert ids(batches([], 10)) == []


@given(sizes=st.lists(st.integers(0, 4_000_000), min_size=1, max_size=20), most=st.integers(1, 30))
def test_batches_hold_everything_once_and_in_order(sizes: list[int], most: int) -> None:
    sent = list(batches(iter(sized(*sizes)), most))
    for batch in sent:
        assert 0 < len(batch) <= most
        assert len(batch) == 1 or sum(len(one.lines[1]) for one in batch) <= elasticsearch_bulk.MOST_BYTES
    assert [one.id for batch in sent for one in batch] == [str(number) for number in range(len(sizes))]


def test_documents_are_shared_among_requests_that_are_under_way_at_a_time() -> None:
    assert [share(1, 500), share(100, 500), share(500, 500), share(4000, 500)] == [100, 100, 125, 500]
    assert share(500, 50) == 50, "a busy server gets less"


def test_the_pace_halves_and_grows_again() -> None:
    assert [fewer(500), fewer(3), fewer(1)] == [250, 1, 1]
    assert [more(1), more(100), more(499), more(MOST_DOCUMENTS)] == [2, 125, MOST_DOCUMENTS, MOST_DOCUMENTS]


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (Answer(200), Verdict.STORED),
        (Answer(201), Verdict.STORED),
        (Answer(409, "version_conflict_engine_exception"), Verdict.OLDER),
        (Answer(429, "es_rejected_execution_exception"), Verdict.LATER),
        (Answer(503, "unavailable_shards_exception"), Verdict.LATER),
        (Answer(404, "index_not_found_exception"), Verdict.LATER),
        (Answer(403, "cluster_block_exception"), Verdict.LATER),
        (Answer(400, "strict_dynamic_mapping_exception"), Verdict.MISFIT),
        (Answer(400, "document_parsing_exception"), Verdict.REFUSED),
        (Answer(413), Verdict.REFUSED),
    ],
)
def test_what_an_answer_means(answer: Answer, meaning: Verdict) -> None:
    assert verdict(answer) is meaning


def test_a_reason_names_its_causes_and_is_bounded() -> None:
    error = {"type": "a", "reason": "outer", "caused_by": {"type": "b", "caused_by": {"reason": "inner"}}}
    assert reason_of(error) == "outer: b: inner"
    assert reason_of({"reason": "x" * 5_000, "caused_by": {"reason": "y"}}).endswith("xx: y")
    assert reason_of({"reason": f"id [{'x' * 5_000}] is too long"}).endswith("x] is too long")
    assert len(reason_of({"reason": "x" * 5_000})) < 450
