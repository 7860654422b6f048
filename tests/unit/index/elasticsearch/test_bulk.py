import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.elasticsearch import bulk as elasticsearch_bulk
from index.elasticsearch.bulk import (
    MOST_DOCUMENTS,
    Answer,
    Operation,
    Verdict,
    fewer,
    more,
    next_batch,
    operation,
    reason_of,
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


def test_a_batch_is_bounded_in_documents_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticsearch_bulk, "MOST_BYTES", 100)
    assert [one.id for one in next_batch(sized(10, 10, 10, 10), 3)] == ["0", "1", "2"]
    assert [one.id for one in next_batch(sized(40, 40, 40), 10)] == ["0", "1"]
    assert [one.id for one in next_batch(sized(500, 1), 10)] == ["0"]


@given(sizes=st.lists(st.integers(0, 4_000_000), min_size=1, max_size=20), most=st.integers(1, 30))
def test_batches_hold_everything_once_and_in_order(sizes: list[int], most: int) -> None:
    rest, sent = sized(*sizes), []
    while rest:
        batch = list(next_batch(rest, most))
        assert 0 < len(batch) <= most
        assert len(batch) == 1 or sum(len(one.lines[1]) for one in batch) <= elasticsearch_bulk.MOST_BYTES
        sent, rest = sent + batch, rest[len(batch) :]
    assert [one.id for one in sent] == [str(number) for number in range(len(sizes))]


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
